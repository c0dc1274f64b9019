"""The steps of a flag and their waits: whom to turn to, and after how long (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from clinics.cover.working_time import NeverOpen, WorkingTime
from riskmonitor.rules import Kind, Urgency


class Audience(StrEnum):
    """Who a step turns to. Lead means the lead, in absence the deputy; deputy the other way round."""

    THERAPIST = "therapist"
    SUBSTITUTE = "substitute"
    TEAM = "team"
    LEAD = "lead"
    DEPUTY = "deputy"
    HUB = "hub"


class Way(StrEnum):
    """How the people of a step are told outside the pages; the channels of messaging."""

    EMAIL = "email"
    PUSH = "push"
    SMS = "sms"


EVERY_WAY = frozenset(Way)


@dataclass(frozen=True)
class Wait:
    """Working minutes, or working days (the same clock time so many working days later); exactly one of them."""

    minutes: int | None = None
    days: int | None = None

    def __post_init__(self) -> None:
        if (self.minutes is None) == (self.days is None):
            raise ValueError("a wait is either minutes or days")

    def after(self, start: datetime, clinic: WorkingTime) -> datetime:
        """Return the end of the wait; no wait ends at once, also at night. Never-open hours end every wait at once."""
        try:
            if self.days:
                return clinic.add_days(start, self.days)
            return clinic.add_minutes(start, self.minutes) if self.minutes else start
        except NeverOpen:
            return start


@dataclass(frozen=True)
class Step:
    """One step of a plan. A `repeat` repeats the step when the plan has come to its end.

    `ways` are those that its notices take first; the others are taken when one of them fails.
    """

    position: int
    audience: Audience
    wait: Wait
    repeat: Wait | None = None
    ways: frozenset[Way] = EVERY_WAY

    def __post_init__(self) -> None:
        if self.repeat is not None and not (self.repeat.minutes or self.repeat.days):
            raise ValueError("a repeat needs a wait")


AT_ONCE = Wait(minutes=0)
HOURLY, DAILY, EVERY_THIRD_DAY = Wait(minutes=60), Wait(days=1), Wait(days=3)


def _uncovered(repeat: Wait) -> tuple[Step, ...]:
    return Step(0, Audience.LEAD, AT_ONCE), Step(1, Audience.DEPUTY, Wait(minutes=30), repeat)


# Architecture, section 4. A clinic may change its copy. None is the plan of every kind without one of its own. In the
# week plan the substitute has the lead's wait, so that the lead is asked at three days, yet a therapist who is away at
# the start is followed by the substitute and not by the lead.
DEFAULT_PLANS: Mapping[tuple[Kind | None, Urgency], tuple[Step, ...]] = {
    (None, Urgency.NOW): (
        Step(0, Audience.THERAPIST, AT_ONCE),
        Step(1, Audience.SUBSTITUTE, Wait(minutes=30)),
        Step(2, Audience.TEAM, Wait(minutes=60)),
        Step(3, Audience.LEAD, Wait(minutes=120), HOURLY),
    ),
    (None, Urgency.TODAY): (
        Step(0, Audience.THERAPIST, AT_ONCE),
        Step(1, Audience.SUBSTITUTE, Wait(days=1)),
        Step(2, Audience.TEAM, Wait(days=2)),
        Step(3, Audience.LEAD, Wait(days=2), DAILY),
    ),
    (None, Urgency.WEEK): (
        Step(0, Audience.THERAPIST, AT_ONCE),
        Step(1, Audience.SUBSTITUTE, Wait(days=3)),
        Step(2, Audience.LEAD, Wait(days=3), EVERY_THIRD_DAY),
    ),
    (Kind.UNCOVERED, Urgency.NOW): _uncovered(HOURLY),
    (Kind.UNCOVERED, Urgency.TODAY): _uncovered(DAILY),
    (Kind.UNCOVERED, Urgency.WEEK): _uncovered(EVERY_THIRD_DAY),
}

# The last step of the plan for `now` where the clinic has a hub. It comes with the lead's and owns the flag then: its
# people may decide, while the lead of a clinic with one therapist often may only assign.
HUB_STEP = Step(4, Audience.HUB, Wait(minutes=120), HOURLY)

DUE = {Urgency.NOW: Wait(minutes=60), Urgency.TODAY: Wait(days=1), Urgency.WEEK: Wait(days=3)}
LAPSE = {Urgency.NOW: Wait(minutes=60), Urgency.TODAY: Wait(minutes=240), Urgency.WEEK: Wait(days=3)}


def plan(kind: Kind, urgency: Urgency) -> tuple[Step, ...]:
    """Return the default steps for a flag."""
    return DEFAULT_PLANS.get((kind, urgency)) or DEFAULT_PLANS[None, urgency]


def due_at(urgency: Urgency, clock_from: datetime, clinic: WorkingTime) -> datetime:
    """Return before when the flag must be answered: what the list shows."""
    return DUE[urgency].after(clock_from, clinic)


def lapse_at(urgency: Urgency, acknowledged_at: datetime, clinic: WorkingTime) -> datetime:
    """Return when an acknowledgement without a documented action lapses."""
    return LAPSE[urgency].after(acknowledged_at, clinic)
