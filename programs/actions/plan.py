"""Changes to a patient's plan: each is a row, said in the audit log, and told to the patient until it is read."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q

from clinics.audit import Did, audit
from clinics.models import User
from programs.models import PlanChange, Step, Treatment
from programs.treatment.gates import Gates


def tell_change(
    *,
    treatment: Treatment,
    kind: PlanChange.Kind,
    by: User,
    now: datetime,
    step: Step | None = None,
    about: str = "",
    new_date: date | None = None,
    smaller_step: str = "",
    words: str = "",
) -> PlanChange:
    """Write down a change in the transaction that makes it. The patient's start page tells it until it is read."""
    change = PlanChange.objects.create(
        treatment=treatment, kind=kind, step=step, about=about, new_date=new_date, smaller_step=smaller_step,
        words=words, by=by, at=now,
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"plan:{change.code}", patient=treatment.patient, now=now)
    return change


@transaction.atomic
def mark_plan_read(*, treatment: Treatment, by: User, now: datetime, until: datetime | None = None) -> None:
    """Remember that the patient has read of the changes made until then: what came later is told still."""
    read = PlanChange.objects.untold().filter(treatment=treatment, at__lte=min(until or now, now)).update(seen_at=now)
    if read:
        audit(by=by, did=Did.CHANGED, what=f"treatment:{treatment.code}", patient=treatment.patient, now=now)


def read_by_doing(*, step: Step, now: datetime) -> None:
    """Take it as read that a module was opened, put back or is to be done again, and its checklists gone through.

    The patient is in it.
    """
    here = Q(step=step, kind__in=[PlanChange.Kind.OPENED, PlanChange.Kind.SHOWN, PlanChange.Kind.REPEATED])
    gates = [gate.id for gate in Gates(step.treatment).before_module(step.module)]
    untold = PlanChange.objects.untold().filter(treatment=step.treatment)
    untold.filter(here | Q(kind=PlanChange.Kind.GATE_OPENED, about__in=gates)).update(seen_at=now)


def read_by_using(*, treatment: Treatment, tool: str, now: datetime) -> None:
    """Take it as read that a tool was given, and its checklists gone through: the patient writes in it."""
    given = Q(kind=PlanChange.Kind.TOOL_ADDED, about=tool)
    gates = [gate.id for gate in Gates(treatment).before_tool(tool)]
    untold = PlanChange.objects.untold().filter(treatment=treatment)
    untold.filter(given | Q(kind=PlanChange.Kind.GATE_OPENED, about__in=gates)).update(seen_at=now)


def locked(treatment: Treatment) -> Treatment:
    """Let one change to the plan of a treatment happen at a time: two tabs and a double click are one change.

    no_key, here and wherever a treatment is locked: what the patient writes meanwhile points at it, and may not wait.
    """
    return (
        Treatment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("revision", "patient")
        .get(pk=treatment.pk)
    )


def locked_step(step: Step) -> Step:
    """Return the module as it stands now, with its treatment locked."""
    treatment = locked(step.treatment)
    found = Step.objects.select_related("module").get(pk=step.pk)
    found.treatment = treatment
    return found


def set_fields(step: Step, **values: Any) -> None:
    for name, value in values.items():
        setattr(step, name, value)
    step.save(update_fields=list(values))
