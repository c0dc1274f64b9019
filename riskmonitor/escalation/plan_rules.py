"""What an escalation plan of a clinic may look like, and how it is written down (pure).

A plan always begins at once, never steps back, and ends with somebody who leads and who is asked again and again: lead
and deputy are never both away, so that it cannot end in nobody. They are told by e-mail, whatever else: a browser or a
telephone may have fallen silent without anybody knowing. The waits are those on offer: none is longer than the
time within which a flag of that urgency must be answered can bear (ADR 27).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from riskmonitor.escalation.steps import AT_ONCE, DEFAULT_PLANS, EVERY_WAY, Audience, Step, Wait, Way
from riskmonitor.rules import Kind, Urgency


@dataclass(frozen=True)
class Scope:
    """Which flags a plan is for. `kind` None: every kind without a plan of its own."""

    name: str
    kind: Kind | None
    urgency: Urgency

    @property
    def default(self) -> tuple[Step, ...]:
        """The plan of a clinic that has none of its own."""
        return DEFAULT_PLANS[self.kind, self.urgency]

    @property
    def audiences(self) -> tuple[Audience, ...]:
        """Whom it may turn to. Who stands in for whom is decided by those who lead."""
        return CAN_ASSIGN if self.kind is Kind.UNCOVERED else tuple(Audience)


CAN_ASSIGN = (Audience.LEAD, Audience.DEPUTY, Audience.HUB)
LEADING = (Audience.LEAD, Audience.DEPUTY)
SCOPES: Mapping[str, Scope] = {
    scope.name: scope
    for scope in (
        *(Scope(urgency.value, None, urgency) for urgency in Urgency),
        *(Scope(f"cover-{urgency}", Kind.UNCOVERED, urgency) for urgency in Urgency),
    )
}
MOST_STEPS = 6


def _minutes(*counts: int) -> tuple[Wait, ...]:
    return tuple(Wait(minutes=count) for count in counts)


def _days(*counts: int) -> tuple[Wait, ...]:
    return tuple(Wait(days=count) for count in counts)


WAITS: Mapping[Urgency, tuple[Wait, ...]] = {
    Urgency.NOW: _minutes(0, 15, 30, 45, 60, 90, 120),
    Urgency.TODAY: _minutes(0, 30, 60, 120, 240) + _days(1, 2),
    Urgency.WEEK: _minutes(0, 30, 60, 120, 240) + _days(1, 2, 3, 4, 5),
}
REPEATS: Mapping[Urgency, tuple[Wait, ...]] = {
    Urgency.NOW: _minutes(15, 30, 60),
    Urgency.TODAY: _minutes(60, 120, 240) + _days(1),
    Urgency.WEEK: _days(1, 2, 3),
}


class Fault(StrEnum):
    """Why a plan cannot be saved."""

    EMPTY = "empty"
    TOO_MANY = "too_many"
    STARTS_LATE = "starts_late"  # the first step does not come at once
    STEPS_BACK = "steps_back"  # a step waits less than the one before
    CYCLE = "cycle"  # an audience comes again and does not wait longer
    NOT_ON_OFFER = "not_on_offer"  # an audience, a wait or a repeat that this urgency does not have
    ENDS_IN_NOBODY = "ends_in_nobody"  # the last step is not to lead or deputy
    NO_REPEAT = "no_repeat"  # the last step comes only once
    NO_WAY = "no_way"  # nobody would be told outside the pages
    NO_MAIL = "no_mail"  # the last step leaves out the one way that hangs on no device of those who are told


def faults(steps: Sequence[Step], scope: Scope) -> list[tuple[int, Fault]]:
    """Return what is wrong, with the position of the step; nothing when the plan may be saved."""
    if not steps:
        return [(0, Fault.EMPTY)]
    found = [(MOST_STEPS - 1, Fault.TOO_MANY)] if len(steps) > MOST_STEPS else []
    if steps[0].wait != AT_ONCE:
        found.append((0, Fault.STARTS_LATE))
    longest: dict[Audience, tuple[int, int]] = {}
    for position, step in enumerate(steps):
        if position and length(step.wait) < length(steps[position - 1].wait):
            found.append((position, Fault.STEPS_BACK))
        elif step.audience in longest and length(step.wait) <= longest[step.audience]:
            found.append((position, Fault.CYCLE))
        longest[step.audience] = length(step.wait)
        if not _is_on_offer(step, scope):
            found.append((position, Fault.NOT_ON_OFFER))
        if not step.ways:
            found.append((position, Fault.NO_WAY))
    return found + _faults_at_the_end(steps)


def _faults_at_the_end(steps: Sequence[Step]) -> list[tuple[int, Fault]]:
    last = _last_asked(steps)
    if steps[last].audience not in LEADING:
        return [(last, Fault.ENDS_IN_NOBODY)]
    found = [] if steps[last].repeat else [(last, Fault.NO_REPEAT)]
    return found if Way.EMAIL in steps[last].ways else [*found, (last, Fault.NO_MAIL)]


def _last_asked(steps: Sequence[Step]) -> int:
    """Return the position of the last step that is not the hub's: that one may come last, but it may have nobody."""
    asked = [position for position, step in enumerate(steps) if step.audience is not Audience.HUB]
    return asked[-1] if asked else 0


def with_mail_at_the_end(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Return the steps with e-mail among the ways of the last one that leads somewhere, else as they are."""
    last = _last_asked(steps)
    return tuple(
        replace(step, ways=step.ways | {Way.EMAIL}) if position == last else step for position, step in enumerate(steps)
    )


def _is_on_offer(step: Step, scope: Scope) -> bool:
    repeats = (None, *REPEATS[scope.urgency])
    return step.audience in scope.audiences and step.wait in WAITS[scope.urgency] and step.repeat in repeats


def length(wait: Wait) -> tuple[int, int]:
    """Return what orders waits: any number of days is longer than the minutes on offer, which fit in one."""
    return wait.days or 0, wait.minutes or 0


def written(steps: Sequence[Step]) -> list[dict[str, Any]]:
    """Return the steps as they are stored: audience, wait, repeat and ways, in order."""
    return [
        {
            "audience": step.audience.value,
            "wait": code(step.wait),
            "repeat": code(step.repeat) if step.repeat else "",
            "ways": [way.value for way in Way if way in step.ways],
        }
        for step in steps
    ]


def read(rows: Sequence[Mapping[str, Any]]) -> tuple[Step, ...]:
    """Return the steps of what `written` gave. Raise ValueError or KeyError for anything else.

    Versions from before there was a choice have no ways, and take every one.
    """
    return tuple(
        Step(
            position,
            Audience(row["audience"]),
            wait(row["wait"]),
            wait(row["repeat"]) if row["repeat"] else None,
            frozenset(map(Way, row.get("ways", EVERY_WAY))),
        )
        for position, row in enumerate(rows)
    )


def code(each: Wait) -> str:
    """Return a wait in short: 30m, 2d."""
    return f"{each.days}d" if each.days is not None else f"{each.minutes}m"


def wait(short: str) -> Wait:
    """Return the wait of its short form. Raise ValueError."""
    count, unit = int(short[:-1]), short[-1:]
    if unit not in ("m", "d"):
        raise ValueError(f"a wait ends in m or d, not {short!r}")
    return Wait(minutes=count) if unit == "m" else Wait(days=count)
