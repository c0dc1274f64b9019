"""Where a treatment is planned: from then on the patient can answer the questionnaires of the screening."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.audit import Did, audit
from clinics.models import Patient
from programs.actions import NotPlanned, PlanRefused, plan_treatment, withdraw_plan
from programs.doors import patient_to_plan_for
from programs.forms.planning import PlanForm
from programs.treatment.planning import current_of, may_assess, seconds, texts


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WRITE_MESSAGE)
def plan(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the form, or why there is none; a POST plans the treatment."""
    now, user = timezone.now(), signed_in(request)
    patient = patient_to_plan_for(request, code, now=now)
    posted = request.POST if request.method == "POST" else None
    form = PlanForm(posted, texts=texts(demo=settings.DEMO), seconds=seconds(patient, user))
    if posted is None or not form.is_valid():
        return _show(request, patient, form, now)
    try:
        plan_treatment(
            patient=patient, revision=form.chosen.revision, language=form.chosen.language, second=form.second_person,
            by=user, now=now, demo=settings.DEMO,
        )  # fmt: skip
    except PlanRefused as refused:
        for reason in refused.reasons:
            form.add_error("second" if reason == NotPlanned.SECOND else None, _in_words(reason))
        return _show(request, patient, form, now)
    messages.success(request, _("The treatment is planned. The first questions wait for the patient now."))
    return redirect("patient", code=code)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def withdraw(request: HttpRequest, code: UUID) -> HttpResponse:
    """Take the plan back; 404 where nothing is planned."""
    now, user = timezone.now(), signed_in(request)
    patient = open_patient(request, code, now=now)
    planned = get_object_or_404(patient.treatments.planned())
    withdraw_plan(treatment=planned, by=user, now=now)
    messages.success(request, _("The plan is taken back. The answers that have come are kept."))
    return redirect("worklist")


def _show(request: HttpRequest, patient: Patient, form: PlanForm, now: datetime) -> HttpResponse:
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=signed_in(request), did=Did.READ, what=f"patient:{patient.code}", patient=patient, now=now)
    current = current_of(patient)
    refused = None
    if current and not form.is_bound:
        refused = _in_words(NotPlanned.CURRENT)
    elif not may_assess(signed_in(request), patient):
        refused = _in_words(NotPlanned.NOT_ENTITLED)
    elif not form.has_choices:
        refused = _("No programme can be started now, or nobody else at the clinic can stand in. Ask the manager.")
    context = {"patient": patient, "form": form, "current": current, "refused": refused}
    return render(request, "programs/plan_treatment.html", context)


def _in_words(reason: NotPlanned) -> str:
    """Return as a sentence why a treatment may not be planned, and what to do."""
    return {
        NotPlanned.NOT_ENTITLED: _(
            "A treatment is planned by somebody who may assess: a licensed physician, psychologist or psychotherapist, "
            "or a psychologist in supervised practice. Ask a colleague who is."
        ),
        NotPlanned.CURRENT: _(
            "The patient has a treatment already. It ends, or its plan is taken back, before the next."
        ),
        NotPlanned.NOT_STARTABLE: _("That edition cannot be started any more. Choose another one."),
        NotPlanned.LANGUAGE: _("The programme is not whole in that language. Choose another one."),
        NotPlanned.SECOND: _("That person may not treat with this programme. Choose somebody who may."),
    }[reason]
