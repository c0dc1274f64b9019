"""Order a treatment summary, wait for it, fetch it."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, has_care_relation, open_patient, requires, signed_in
from followup import actions
from followup.forms import OrderForm
from followup.models import Report
from followup.reports import can_draw

STAGES = [choice.value for choice in Report.Stage]


@require_POST
@requires(Permission.READ_RECORD)
def order(request: HttpRequest, code: UUID) -> HttpResponse:
    """Order a summary of the patient's latest treatment. A double click orders one; the worker makes it."""
    patient = open_patient(request, code)
    form = OrderForm(request.POST)
    treatment = patient.treatments.order_by("-planned_at").first()
    if treatment is None or not form.is_valid():
        return redirect("patient", code=code)
    made = actions.order_report(
        treatment=treatment,
        key=form.cleaned_data["idempotency_key"],
        language=get_language() or "sv",
        by=signed_in(request),
        now=timezone.now(),
    )
    return redirect("report", code=code, report=made.code)


@require_safe
@requires(Permission.READ_RECORD)
def report(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Show how far the summary has come. With JavaScript the page asks by itself, without it the person reloads."""
    patient = open_patient(request, code)
    found = get_object_or_404(
        Report.objects.visible_to(signed_in(request)).defer("file"), code=report, treatment__patient=patient
    )
    return render(request, "followup/report.html", {"patient": patient, **_progress(found)})


@require_safe
@requires(Permission.READ_RECORD)
def report_progress(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Answer the waiting page: 204 while nothing has changed. It shows a stage, and nothing of the patient's."""
    user = signed_in(request)
    found = get_object_or_404(
        Report.objects.visible_to(user).defer("file").select_related("treatment__patient"),
        code=report,
        treatment__patient__code=code,
    )
    if not has_care_relation(user, found.treatment.patient, timezone.now()):
        raise PermissionDenied
    if request.GET.get("seen") == found.stage and not found.failed_at:
        return HttpResponse(status=204)
    return render(request, "followup/report_progress.html", _progress(found))


@require_safe
@requires(Permission.READ_RECORD)
def report_file(request: HttpRequest, code: UUID, report: UUID) -> HttpResponse:
    """Give the PDF. Its name says nothing about whom."""
    patient = open_patient(request, code)
    found = get_object_or_404(Report.objects.visible_to(signed_in(request)), code=report, treatment__patient=patient)
    if found.file is None:
        return redirect("report", code=code, report=report)
    response = HttpResponse(bytes(found.file), content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="sammanfattning.pdf"'
    return response


def _progress(found: Report) -> dict[str, object]:
    can = found.made_at is not None or can_draw()
    patient = found.treatment.patient.code
    return {
        "report": found, "patient_code": patient, "can_draw": can,
        "stage": STAGES.index(found.stage), "last_stage": len(STAGES) - 1,
    }  # fmt: skip
