"""Staff order a summary or a workbook, wait for it, fetch it."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, has_care_relation, open_patient, requires, signed_in
from followup import actions
from followup.forms import OrderForm
from followup.kinds import FOR_STAFF, KINDS, PDF
from followup.models import Report, ReportSet
from followup.reports import can_draw

STAGES = [choice.value for choice in Report.Stage]


@require_POST
@requires(Permission.READ_RECORD)
def order(request: HttpRequest, code: UUID) -> HttpResponse:
    """Order a file about the patient's latest treatment. A double click orders one; the worker makes it."""
    patient = open_patient(request, code)
    form = OrderForm(request.POST, kinds=FOR_STAFF)
    treatment = patient.treatments.order_by("-planned_at").first()
    if treatment is None or not form.is_valid():
        return redirect("patient", code=code)
    kind: Report.Kind = form.cleaned_data["kind"]
    made = actions.order_report(
        treatment=treatment,
        kind=kind,
        key=uuid5(form.cleaned_data["idempotency_key"], kind),  # one page has a button for each kind
        language=get_language() or "sv",
        by=signed_in(request),
        now=timezone.now(),
    )
    return redirect("report", code=code, report=made.code)


@require_safe
@requires(Permission.READ_RECORD)
def report(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Show how far the file has come. With JavaScript the page asks by itself, without it the person reloads."""
    patient = open_patient(request, code)
    found = get_object_or_404(_for_staff(request).defer("file"), code=report, treatment__patient=patient)
    return render(request, "followup/report.html", {"patient": patient, **_progress(found, code)})


@require_safe
@requires(Permission.READ_RECORD)
def report_progress(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Answer the waiting page: 204 while nothing has changed. It shows a stage, and nothing of the patient's."""
    user = signed_in(request)
    found = get_object_or_404(
        _for_staff(request).defer("file").select_related("treatment__patient"),
        code=report,
        treatment__patient__code=code,
    )
    if not has_care_relation(user, found.treatment.patient, timezone.now()):
        raise PermissionDenied
    if request.GET.get("seen") == found.stage and not found.failed_at:
        return HttpResponse(status=204)
    return render(request, "followup/report_progress.html", _progress(found, code))


@require_safe
@requires(Permission.READ_RECORD)
def report_file(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Give the PDF. Its name says nothing about whom."""
    patient = open_patient(request, code)
    found = get_object_or_404(_for_staff(request), code=report, treatment__patient=patient)
    return as_file(found) or redirect("report", code=code, report=report)


def _for_staff(request: HttpRequest) -> ReportSet:
    """The files that staff may open: a copy of the patient's own data is the patient's alone."""
    return Report.objects.visible_to(signed_in(request)).filter(kind__in=FOR_STAFF)


def _progress(found: Report, code: UUID) -> dict[str, object]:
    names = ("report", "report-progress", "report-file")
    look, ask, fetch = (reverse(name, args=[code, found.code]) for name in names)
    return {"look": look, "ask": ask, "fetch": fetch, **standing_of(found)}


def standing_of(found: Report) -> dict[str, object]:
    """Return how far a file has come, for templates/followup/report_progress.html."""
    needs_pages = KINDS[found.kind].content_type == PDF
    return {
        "report": found, "kind": KINDS[found.kind], "can_draw": bool(found.made_at) or not needs_pages or can_draw(),
        "stage": STAGES.index(found.stage), "last_stage": len(STAGES) - 1,
    }  # fmt: skip


def as_file(found: Report) -> HttpResponse | None:
    """Return the file as a download, None while it is not made."""
    if found.file is None:
        return None
    response = HttpResponse(bytes(found.file), content_type=KINDS[found.kind].content_type)
    response["Content-Disposition"] = f'attachment; filename="{KINDS[found.kind].file_name}"'
    return response
