"""While you were away: what happened to one's own patients during an absence, the last one and those before."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from clinics.access import Permission, requires, signed_in
from clinics.audit import audit_list
from clinics.cover.away import span_words
from clinics.models import Absence
from ikbt.casework.meanwhile import while_away


@require_safe
@requires(Permission.READ_RECORD)
def meanwhile(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show it to the person who was away, for the patients whom the person treats now. To others it does not exist."""
    now, user = timezone.now(), signed_in(request)
    absence = get_object_or_404(Absence.objects.kept().filter(user=user, starts_at__lte=now), code=code)
    found = while_away(absence, user, now, get_language() or "sv")
    audit_list(by=user, patients=[each.patient for each in found], what="meanwhile", now=now)
    context = {
        "span": span_words(absence.starts_at, absence.ends_at),
        "happened": [each for each in found if each.lines],
        "quiet": [each for each in found if not each.lines],
    }
    return render(request, "handover/meanwhile.html", context)
