"""What is read with the flag's own row: whom it turns to next, and what its patient has done. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Case, OuterRef, Subquery, When
from django.db.models.functions import Coalesce

from programs.models import Submission, Treatment
from riskmonitor.break_off_signs import last_active
from riskmonitor.escalation.plan_words import audience_words
from riskmonitor.escalation.steps import Audience
from riskmonitor.models import Flag, FlagStep
from riskmonitor.rules import Kind

_STEPS = FlagStep.objects.filter(flag=OuterRef("pk"))
_PLANS = Submission.objects.filter(treatment__patient=OuterRef("patient"), kind=Submission.Kind.CRISIS_PLAN)
_ACTIVE = last_active(Treatment.objects.filter(pk=OuterRef("treatment"))).values("last_active_at")  # type: ignore[misc]  # last_active adds it
# For a query for the flag itself. A flag that was fetched without them is read for them once more, by `_alongside`.
ALONGSIDE = {
    "first_audience": Subquery(_STEPS.order_by("position").values("audience")[:1]),
    "untaken_audience": Coalesce(
        Subquery(_STEPS.filter(taken_at=None).order_by("position").values("audience")[:1]),
        Subquery(_STEPS.order_by("-position").values("audience")[:1]),  # the last one repeats
    ),
    "plan_sent_at": Subquery(_PLANS.order_by("-sent_at", "-pk").values("sent_at")[:1]),
    "last_active_at": Case(When(kind=Kind.BREAK_OFF, then=Subquery(_ACTIVE[:1]))),
}


@dataclass(frozen=True)
class NextStep:
    """Which audience the flag turns to next, and when. Who of them is there then, only that moment knows."""

    at: datetime
    audience: str


def next_step(flag: Flag) -> NextStep | None:
    """Return the first step that is not taken, after a lapse the first of all; none for a closed flag."""
    if flag.closed_at:
        return None
    coming = _alongside(flag)["first_audience" if flag.acknowledged_at else "untaken_audience"]
    return NextStep(flag.next_step_at, audience_words(Audience(coming)))


def crisis_plan_at(flag: Flag) -> datetime | None:
    """Return when the newest version of the patient's crisis plan was saved."""
    found: datetime | None = _alongside(flag)["plan_sent_at"]
    return found


def active_again_at(flag: Flag) -> datetime | None:
    """Return when the patient was last active, if that is later than the flag. A human closes it all the same."""
    found: datetime | None = _alongside(flag)["last_active_at"]
    return found if found and found > flag.alerted_at else None


def _alongside(flag: Flag) -> dict[str, Any]:
    """Return the flag's attributes with those of ALONGSIDE among them. One query where they are not yet."""
    if not vars(flag).keys() >= ALONGSIDE.keys():
        vars(flag).update(Flag.objects.annotate(**ALONGSIDE).values(*ALONGSIDE).get(pk=flag.pk))
    return vars(flag)
