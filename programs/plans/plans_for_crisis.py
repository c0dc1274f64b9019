"""A patient's crisis plan and its versions. Reads only; programs.actions.crisis_plan writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, Q, QuerySet, Value, When

from clinics.models import Patient
from programs.doors import READABLE_AFTER_END
from programs.models import Submission, Treatment
from programs.plans.crisis_plan import PEOPLE, dialled, lines, steps
from programs.toolkit.entries import in_words

FORM = "crisis_plan"
OWN_DRAFT = "crisisplan"
TAKES_PLANS = (Treatment.State.PLANNED, Treatment.State.ACTIVE, Treatment.State.PAUSED)


def staff_draft(patient: Patient) -> str:
    """Return the key of the draft of somebody who fills in the plan together with the patient."""
    return f"{OWN_DRAFT}:{patient.code}"


def takes_plans(treatment: Treatment) -> bool:
    """Say whether a plan can be written: from the day a treatment is planned until its end."""
    return treatment.state in TAKES_PLANS


def treatment_for_plan(patient: Patient, now: datetime) -> Treatment | None:
    """Return the treatment that a plan is written in, else the last one, whose plan can be read for a year."""
    current = Case(When(state__in=TAKES_PLANS, then=Value(0)), default=Value(1))
    readable = Q(ended_at=None) | Q(ended_at__gte=now - READABLE_AFTER_END)
    related = ("patient__user", "patient__clinic", "assignment__therapist")
    return patient.treatments.filter(readable).select_related(*related).order_by(current, "-planned_at").first()


def versions(patient: Patient) -> QuerySet[Submission]:
    """Return all versions of the patient's plan, newest first, from every treatment."""
    sent = Submission.objects.filter(treatment__patient=patient, kind=Submission.Kind.CRISIS_PLAN)
    return sent.select_related("entered_by").order_by("-sent_at", "-pk")


def latest_plan(patient: Patient) -> Submission | None:
    return versions(patient).first()


@dataclass(frozen=True)
class Person:
    """Somebody to ask. number: as a telephone dials it, "" for none."""

    name: str
    phone: str
    number: str


@dataclass(frozen=True)
class StepShown:
    """One step of a plan in words. is_care: the step whose numbers are the platform's."""

    id: str
    label: str
    lines: tuple[str, ...]
    people: tuple[Person, ...]
    is_care: bool
    is_new: bool = False

    @property
    def is_empty(self) -> bool:
        return not (self.lines or self.people or self.is_care)


def shown(plan: Mapping[str, Any], language: str, before: Mapping[str, Any] | None = None) -> list[StepShown]:
    """Return the plan step by step; with the version before, steps whose words are other ones are marked as new."""
    return [
        StepShown(
            id=step.id,
            label=in_words(step.label, language),
            lines=() if step.id == PEOPLE else tuple(lines(plan.get(step.id, ""))),
            people=_people(plan.get(PEOPLE, ())) if step.id == PEOPLE else (),
            is_care=step.field is None,
            is_new=before is not None and plan.get(step.id) != before.get(step.id),
        )
        for step in steps()
    ]


def _people(rows: Any) -> tuple[Person, ...]:
    return tuple(Person(row["name"], row.get("phone", ""), dialled(row.get("phone", ""))) for row in rows)
