"""The patient's own crisis plan: read, ring, change, print."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, own_patient, requires, signed_in
from clinics.audit import Did, audit
from clinics.crisis import box_contacts, contacts
from clinics.models import Patient
from programs.actions import AnswersRefused, NotOpen, PlanChanged, save_crisis_plan
from programs.drafts import kept_draft
from programs.forms.crisis_plan import CrisisPlanForm, typed_plan
from programs.models import Submission, Treatment
from programs.plans.crisis_plan import dialled
from programs.plans.plans_for_crisis import OWN_DRAFT, latest_plan, shown, takes_plans, treatment_for_plan
from programs.views.forms import key_in


@require_safe
@requires(Permission.DO_TREATMENT)
def crisis_plan(request: HttpRequest) -> HttpResponse:
    """Show the plan with its buttons to ring."""
    now = timezone.now()
    patient = own_patient(request, what="crisis-plan", now=now)
    treatment = treatment_for_plan(patient, now)
    context = _read(patient, treatment) | {
        "saved": "saved" in request.GET,
        "may_write": treatment is not None and takes_plans(treatment),
        "box": box_contacts(_language()),
    }
    return render(request, "crisis_plan/plan.html", context)


@require_safe
@requires(Permission.DO_TREATMENT)
def printed(request: HttpRequest, size: str) -> HttpResponse:
    """Show the plan as it is printed: "a4", or "card" for the wallet."""
    now = timezone.now()
    patient = own_patient(request, what="crisis-plan", now=now)
    return render(request, f"crisis_plan/{size}.html", _read(patient, treatment_for_plan(patient, now)))


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def edit(request: HttpRequest) -> HttpResponse:
    """Fill in the plan, or save a new version of it."""
    now = timezone.now()
    patient = own_patient(request, what="crisis-plan", now=now)
    treatment = treatment_for_plan(patient, now)
    if treatment is None:
        raise Http404
    saved_url = f"{reverse('crisis-plan')}?saved=1"
    filling = PlanFilling(treatment, OWN_DRAFT, "crisis_plan/edit.html", saved_url, now)
    return filling.answer(request)


@dataclass(frozen=True)
class PlanFilling:
    """One visit to the plan's form, by the patient or by a therapist together with the patient."""

    treatment: Treatment
    draft_key: str
    template: str
    saved_url: str
    now: datetime

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Show the form, or save what was posted; what cannot be saved stands in the form, with the reason."""
        standing = latest_plan(self.treatment.patient)
        if request.method != "POST":
            return self._show(request, self._begun(request, standing), standing)
        form = CrisisPlanForm(_language(), data=request.POST)
        if not form.is_valid():
            return self._show(request, form, standing)
        try:
            save_crisis_plan(
                treatment=self.treatment, plan=form.plan, based_on=request.POST.get("based_on", ""),
                key=key_in(request) or uuid4(), by=signed_in(request), now=self.now,
            )  # fmt: skip
        except PlanChanged as changed:
            return self._show(request, form, changed.version, other=True)
        except (AnswersRefused, NotOpen):
            return self._show(request, form, standing, is_closed=True)
        return redirect(self.saved_url)

    def _begun(self, request: HttpRequest, standing: Submission | None) -> CrisisPlanForm:
        kept = kept_draft(signed_in(request), self.draft_key)
        return CrisisPlanForm(_language(), initial=kept.data or typed_plan(standing.answers if standing else {}))

    def _show(
        self,
        request: HttpRequest,
        form: CrisisPlanForm,
        standing: Submission | None,
        *,
        other: bool = False,
        is_closed: bool = False,
    ) -> HttpResponse:
        if request.method == "POST":  # the door has audited the reading of a GET only
            patient = self.treatment.patient
            audit(by=signed_in(request), did=Did.READ, what="crisis-plan", patient=patient, now=self.now)
        kept = kept_draft(signed_in(request), self.draft_key)
        context: dict[str, Any] = {
            "form": form, "patient": self.treatment.patient, "key": key_in(request) or uuid4(),
            "based_on": standing.code if standing else "", "draft_key": self.draft_key, "version": kept.version,
            "saved_at": kept.saved_at, "other": shown(standing.answers, _language()) if other and standing else None,
            "is_closed": is_closed, "may_write": takes_plans(self.treatment),
        }  # fmt: skip
        return render(request, self.template, context, status=409 if other or is_closed else 200)


def _read(patient: Patient, treatment: Treatment | None) -> dict[str, Any]:
    """Return the plan in words, without steps that are empty; after the last year of reading there is none."""
    plan = latest_plan(patient) if treatment else None
    steps = shown(plan.answers, _language()) if plan else []
    return {
        "plan": plan,
        "steps": [step for step in steps if not step.is_empty],
        "contacts": contacts(_language()),
        "clinic": patient.clinic,
        "clinic_number": dialled(patient.clinic.phone),
        "name": patient.user.first_name,
    }


def _language() -> str:
    return get_language() or "sv"
