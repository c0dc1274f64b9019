"""The printed workbook of an edition, whole and empty, for those who write and those who treat."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from clinics.access import Permission, requires
from followup import workbook
from followup.kinds import KINDS, PDF
from followup.models import Report
from followup.reports import PdfMissing, draw
from programs.editions import revision_at


@require_safe
@requires(Permission.PREVIEW_PROGRAM)
def edition_workbook(request: HttpRequest, programme: str, version: str) -> HttpResponse:
    """Give the PDF, drawn at once: it is about nobody, so there is no row to keep it in. At most two seconds.

    ?language= chooses the text, by default the one it was written in; a language that it lacks gives that one, too.
    """
    found, language = revision_at(programme, version), get_language() or "sv"
    asked, source = request.GET.get("language", ""), found.facts["source_language"]
    chosen = asked if asked in found.facts.get("languages", ()) else source
    book = workbook.edition_contents(found, text_language=chosen, language=language)
    try:
        file = draw("workbook", book | {"made_at": timezone.now()})
    except PdfMissing:
        messages.error(request, _("The file cannot be drawn on this server. The administrator can put that right."))
        return redirect("revision", programme, version)
    response = HttpResponse(file, content_type=PDF)
    response["Content-Disposition"] = f'attachment; filename="{KINDS[Report.Kind.WORKBOOK].file_name}"'
    return response
