"""A patient's crisis plan for staff: as it stands, what it was before, and the form to fill in together."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, open_patient, requires
from clinics.crisis import contacts
from programs.models import Submission
from programs.plans.plans_for_crisis import StepShown, shown, staff_draft, takes_plans, treatment_for_plan, versions
from programs.views.crisis_plan import PlanFilling
from programs.views.unsent import gives_back

SHOWN = 50  # versions on the page


@dataclass(frozen=True)
class Version:
    """One version of the plan; steps whose words are other ones than in the version before are marked as new."""

    submission: Submission
    steps: list[StepShown]
    is_own: bool


@require_safe
@requires(Permission.READ_RECORD)
def crisis_plan(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the plan and its versions, newest first."""
    now, language = timezone.now(), get_language() or "sv"
    person = open_patient(request, code, now=now)
    saved: list[Submission | None] = [*versions(person)[:SHOWN], None]
    history = [
        Version(
            newer, shown(newer.answers, language, older.answers if older else {}), newer.entered_by_id == person.user_id
        )
        for newer, older in pairwise(saved)
        if newer
    ]
    treatment = treatment_for_plan(person, now)
    context = {
        "patient": person, "history": history, "contacts": contacts(language),
        "may_write": treatment is not None and takes_plans(treatment),
    }  # fmt: skip
    return render(request, "crisis_plan/for_staff.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WRITE_MESSAGE)
@gives_back
def edit(request: HttpRequest, code: UUID) -> HttpResponse:
    """Fill in the plan together with the patient. The version says who wrote it."""
    now = timezone.now()
    person = open_patient(request, code, now=now)
    treatment = treatment_for_plan(person, now)
    if treatment is None:
        raise Http404
    back = reverse("patient-crisis-plan", args=[code])
    return PlanFilling(treatment, staff_draft(person), "crisis_plan/edit_for_staff.html", back, now).answer(request)
