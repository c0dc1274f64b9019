"""The therapist's switches: take out, put back, do again, move, another date, a tool more. Each is told to the patient.

Each verb locks the treatment and then looks: a second click finds the change made and changes nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from django.db import transaction

from clinics.models import User
from programs.actions.gates import GateClosed
from programs.actions.plan import locked, locked_step, set_fields, tell_change
from programs.models import PlanChange, Step, Treatment
from programs.tools import tools
from programs.treatment.gates import Gates


class Why(StrEnum):
    """Why a switch was refused."""

    ENDED = "ended"
    CORE_NEEDS_REASON = "core_needs_reason"
    NOT_SENT = "not_sent"
    HIDDEN = "hidden"
    DATE_AND_SMALLER_STEP = "date_and_smaller_step"
    DATE_PASSED = "date_passed"
    UNKNOWN_TOOL = "unknown_tool"


class SwitchRefused(Exception):
    """The switch cannot be thrown; `why` says for what reason."""

    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


@transaction.atomic
def hide_module(*, step: Step, words: str, by: User, now: datetime) -> None:
    """Take a module out of the patient's way. One of the programme's core needs a reason, which the patient reads.

    What was sent from it stays, and the therapist reads it as before; it returns on no other page (content guide 2.7).
    """
    step = _running(locked_step(step))
    if step.hidden_at:
        return
    if step.module.facts.get("core") and not words.strip():
        raise SwitchRefused(Why.CORE_NEEDS_REASON)
    set_fields(step, hidden_at=now, hidden_by=by)
    _tell(step, PlanChange.Kind.HIDDEN, by, now, words=words.strip())


@transaction.atomic
def show_module(*, step: Step, by: User, now: datetime) -> None:
    """Put a module back where it was, with all that was written in it."""
    step = _running(locked_step(step))
    if step.hidden_at is None:
        return
    set_fields(step, hidden_at=None, hidden_by=None)
    _tell(step, PlanChange.Kind.SHOWN, by, now)


@transaction.atomic
def repeat_module(*, step: Step, by: User, now: datetime) -> None:
    """Let a module that was sent wait again, with the earlier answers filled in. What was sent stays as it was.

    It does not count as handed in any more: who asks for it again has read it.
    """
    step = _running(locked_step(step))
    if step.hidden_at:
        raise SwitchRefused(Why.HIDDEN)
    if step.opened_at and step.sent_at is None and _was_sent(step):
        return
    if step.sent_at is None:
        raise SwitchRefused(Why.NOT_SENT)
    set_fields(step, sent_at=None, answered_at=None, last_page="")
    _tell(step, PlanChange.Kind.REPEATED, by, now)


@transaction.atomic
def move_module(*, step: Step, to: int, by: User, now: datetime) -> None:
    """Give a module another place on the way; `to` counts from 1 among all modules. The others keep their order."""
    step = _running(locked_step(step))
    way = list(step.treatment.steps.all())
    place = max(1, min(to, len(way))) - 1
    if way[place].pk == step.pk:
        return
    way.insert(place, way.pop(next(at for at, each in enumerate(way) if each.pk == step.pk)))
    for number, each in enumerate(way, start=1):
        each.place = number
    Step.objects.bulk_update(way, ["place"])
    _tell(step, PlanChange.Kind.REORDERED, by, now)


@transaction.atomic
def move_date(*, step: Step, to: date | None, smaller_step: str, today: date, by: User, now: datetime) -> None:
    """Give a module another day. More time alone seldom helps, so a smaller step must come with it, in words."""
    step = _running(locked_step(step))
    smaller = smaller_step.strip()
    if to is None or not smaller:
        raise SwitchRefused(Why.DATE_AND_SMALLER_STEP)
    if to < today:
        raise SwitchRefused(Why.DATE_PASSED)
    last = step.plan_changes.filter(kind=PlanChange.Kind.DATE_MOVED).first()
    if step.due_on == to and last and last.smaller_step == smaller:
        return
    set_fields(step, due_on=to)
    _tell(step, PlanChange.Kind.DATE_MOVED, by, now, new_date=to, smaller_step=smaller)


@transaction.atomic
def add_tool(*, treatment: Treatment, tool: str, by: User, now: datetime) -> None:
    """Give the patient a tool beside those of the modules. Raise GateClosed while its checklist is not ticked."""
    treatment = locked(treatment)
    _must_run(treatment)
    if tool not in tools() or not tools()[tool].built:
        raise SwitchRefused(Why.UNKNOWN_TOOL)
    if shut := Gates(treatment).closed_before_tool(tool):
        raise GateClosed(shut)
    if treatment.plan_changes.filter(kind=PlanChange.Kind.TOOL_ADDED, about=tool).exists():
        return
    tell_change(treatment=treatment, kind=PlanChange.Kind.TOOL_ADDED, about=tool, by=by, now=now)


def _running(step: Step) -> Step:
    _must_run(step.treatment)
    return step


def _must_run(treatment: Treatment) -> None:
    if treatment.state not in {Treatment.State.ACTIVE, Treatment.State.PAUSED}:
        raise SwitchRefused(Why.ENDED)


def _was_sent(step: Step) -> bool:
    return step.treatment.submissions.filter(kind="module", form=step.module.slug).exists()


def _tell(
    step: Step, kind: PlanChange.Kind, by: User, now: datetime, *,
    words: str = "", new_date: date | None = None, smaller_step: str = "",
) -> None:  # fmt: skip
    tell_change(
        treatment=step.treatment, kind=kind, step=step, words=words, new_date=new_date, smaller_step=smaller_step,
        by=by, now=now,
    )  # fmt: skip
