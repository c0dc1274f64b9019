"""What a plan would do, on a time line: asked of the real `next_step`, with the clinic's real hours (pure)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from clinics.cover.coverage import Assignment, Clinician, Interval, People
from clinics.cover.working_time import WorkingTime
from riskmonitor.escalation.next_step import Audience, Climb, FlagState, Step, next_step
from riskmonitor.escalation.plan_rules import Scope
from riskmonitor.rules import Kind

REPEATS_SHOWN = 2
MOST_CLIMBS = 20
PROGRAMME = "any"
PEOPLE = {  # one person for each audience; the hub has nobody yet
    Audience.THERAPIST: Clinician("therapist", "1", frozenset({PROGRAMME})),
    Audience.SUBSTITUTE: Clinician("substitute", "2", frozenset({PROGRAMME})),
    Audience.TEAM: Clinician("team", "3", frozenset({PROGRAMME})),
    Audience.LEAD: Clinician("lead", "4", may_treat=False),
    Audience.DEPUTY: Clinician("deputy", "5", may_treat=False),
}
FOR_EVER = Interval(datetime(2000, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Moment:
    """One climb: when, whom it turns to, and whether it is a repeat. No audience: nobody would be there."""

    at: datetime
    audiences: tuple[Audience, ...]
    again: bool = False


def timeline(
    steps: Sequence[Step], scope: Scope, hours: WorkingTime, raised_at: datetime, away: Collection[Audience] = ()
) -> list[Moment]:
    """Return the climbs of a flag that nobody answers, and the first repeats. Raise NeverOpen for broken hours.

    `away`: audiences without a present person. Everybody else is there whenever the clinic is open.
    """
    flag = FlagState(
        kind=scope.kind or Kind.SUICIDE,
        urgency=scope.urgency,
        clock_from=hours.next_open(raised_at),
        assignment=Assignment(PROGRAMME, "therapist", "substitute"),
    )
    people, now, found = _people(away), raised_at, list[Moment]()
    for _ in range(MOST_CLIMBS):
        climb = next_step(flag, steps, people, hours, now)
        if climb.notify or climb.nobody:
            found.append(Moment(now, _audiences(steps, climb, away), climb.repeats))
        if climb.nobody or sum(moment.again for moment in found) == REPEATS_SHOWN:
            break
        flag = replace(
            flag, taken=flag.taken | set(climb.taken), owner=climb.owner, next_step_at=climb.next_step_at
        )  # fmt: skip
        now = climb.next_step_at
    return found


def _people(away: Collection[Audience]) -> People:
    members = {
        person.code: replace(person, absences=(FOR_EVER,)) if audience in away else person
        for audience, person in PEOPLE.items()
    }
    return People(members, lead="lead", deputy="deputy")


def _audiences(steps: Sequence[Step], climb: Climb, away: Collection[Audience]) -> tuple[Audience, ...]:
    """Return whom the climb turned to: of the steps that it took, those with somebody there."""
    if climb.repeats and climb.audience:
        repeating = [step.audience for step in steps if step.repeat]
        return tuple(each for each in repeating if _is_there(each, away)) or (climb.audience,)
    return tuple(step.audience for step in steps if step.position in climb.taken and _is_there(step.audience, away))


def _is_there(audience: Audience, away: Collection[Audience]) -> bool:
    """Lead and deputy stand in for each other, as in the real function."""
    asked = (Audience.LEAD, Audience.DEPUTY) if audience in (Audience.LEAD, Audience.DEPUTY) else (audience,)
    return any(each in PEOPLE and each not in away for each in asked)
