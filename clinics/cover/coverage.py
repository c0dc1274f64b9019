"""Who stands behind a patient, now and in the days to come (pure).

The chain is therapist, stand-in for the dated absence, named substitute, the clinic's team, lead, deputy, and the hub
of clinics that help out. *Present* is: belongs to the clinic, no absence, and not outside the own weekly schedule, at
the next moment of the clinic's working time. Competence in the programme is asked of those who treat; lead and deputy
may own a flag without it, then only to assign it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from clinics.cover.clinicians import Assignment, Clinician, Interval, People, StandIn, name_key
from clinics.cover.ranges import Range, intersect, subtract, union
from clinics.cover.working_time import NeverOpen, WorkingTime

__all__ = [
    "Accountable", "Assignment", "Clinician", "Gap", "Interval", "Link", "People", "StandIn", "Why",
    "accountable", "gaps", "hub", "leads", "moment", "name_key", "named", "presence", "present", "team",
]  # fmt: skip


class Link(StrEnum):
    """Which link of the chain answers."""

    THERAPIST = "therapist"
    SUBSTITUTE = "substitute"
    TEAM = "team"
    LEAD = "lead"
    DEPUTY = "deputy"
    HUB = "hub"


@dataclass(frozen=True)
class Accountable:
    """The one person who answers for a patient at a moment, and by which link."""

    person: Clinician
    link: Link


class Why(StrEnum):
    """Why a stretch of working time is a gap."""

    NO_THERAPIST = "no_therapist"
    THERAPIST_ACCOUNT_CLOSED = "therapist_account_closed"
    NO_SUBSTITUTE = "no_substitute"
    SUBSTITUTE_ACCOUNT_CLOSED = "substitute_account_closed"
    SUBSTITUTE_NOT_COMPETENT = "substitute_not_competent"  # the therapist is away and the one there may not treat
    SUBSTITUTE_ABSENT = "substitute_absent"  # the therapist may not treat in the programme, and nobody else is there
    BOTH_ABSENT = "both_absent"
    NEVER_OPEN = "never_open"  # the clinic has no opening hours: nobody is ever present


@dataclass(frozen=True)
class Gap:
    """A stretch of the clinic's working time without two named people, or with none of them there."""

    start: datetime
    end: datetime
    why: Why


def moment(at: datetime, clinic: WorkingTime) -> datetime | None:
    """Return the moment that decides presence: now, or the next opening; None when the clinic never opens."""
    try:
        return clinic.next_open(at)
    except NeverOpen:
        return None


def present(person: Clinician, at: datetime, clinic: WorkingTime) -> bool:
    """Say whether the person is there at the next moment of the clinic's working time."""
    asked = moment(at, clinic)
    if asked is None or not person.belongs_at(asked) or any(absence.holds(asked) for absence in person.absences):
        return False
    return person.hours is None or person.hours.is_open(asked)


def named(assignment: Assignment, people: People, clinic: WorkingTime, at: datetime) -> Iterator[Accountable]:
    """Yield the named people who are present and may treat: the therapist, stand-ins, the substitute."""
    asked = moment(at, clinic)
    if asked is None:
        return
    chain = [(assignment.therapist, Link.THERAPIST)]
    chain += [(code, Link.SUBSTITUTE) for code in assignment.named_substitutes(asked)]
    for code, link in chain:
        person = people.get(code)
        if person is not None and person.can_treat(assignment.programme) and present(person, at, clinic):
            yield Accountable(person, link)


def team(programme: str, people: People, clinic: WorkingTime, at: datetime) -> list[Clinician]:
    """Return the present, competent members of the clinic: fewest open flags first, then by name."""
    return _able(programme, people, clinic, at, from_hub=False)


def hub(programme: str, people: People, clinic: WorkingTime, at: datetime) -> list[Clinician]:
    """Return the present, competent people of the clinics that help out, in the same order."""
    return _able(programme, people, clinic, at, from_hub=True)


def _able(programme: str, people: People, clinic: WorkingTime, at: datetime, *, from_hub: bool) -> list[Clinician]:
    asked = (each for each in people.members.values() if each.from_hub == from_hub)
    there = (each for each in asked if each.can_treat(programme) and present(each, at, clinic))
    return sorted(there, key=lambda each: (each.open_flags, name_key(each.name), each.code))


def leads(people: People, clinic: WorkingTime, at: datetime) -> Iterator[Accountable]:
    """Yield the lead and the deputy, those who are present."""
    for code, link in ((people.lead, Link.LEAD), (people.deputy, Link.DEPUTY)):
        person = people.get(code)
        if person is not None and present(person, at, clinic):
            yield Accountable(person, link)


def leaves_at(person: Clinician, start: datetime, end: datetime, clinic: WorkingTime) -> datetime | None:
    """Return the first moment in [start, end) from which the person is not present, None if there is none.

    Who is away when the clinic opens is not present from the closing before, also when it opens at `end` or later.
    """
    closed_since = start
    for opens, closes in clinic.intervals(start, end):
        absent = subtract([(opens, closes)], presence(person, [(opens, closes)]))
        if absent:
            began = absent[0][0]
            return closed_since if began == opens else began
        closed_since = closes
    return closed_since if closed_since < end and not present(person, closed_since, clinic) else None


def accountable(assignment: Assignment, people: People, clinic: WorkingTime, at: datetime) -> Accountable | None:
    """Return who answers for the patient at the moment, None when the whole chain is empty."""
    first_named = next(named(assignment, people, clinic, at), None)
    if first_named is not None:
        return first_named
    members = team(assignment.programme, people, clinic, at)
    if members:
        return Accountable(members[0], Link.TEAM)
    helping = hub(assignment.programme, people, clinic, at)
    return next(leads(people, clinic, at), None) or (Accountable(helping[0], Link.HUB) if helping else None)


@dataclass
class _Names:
    """What the window says about the named people: ranges by question, gathered one person at a time."""

    existing: list[Range] = field(default_factory=list)  # a second person with an open account is named
    closed: list[Range] = field(default_factory=list)  # a second person is named whose account is closed
    there: list[Range] = field(default_factory=list)  # a second person is present, competent or not
    covered: list[Range] = field(default_factory=list)  # somebody named is present and may treat


def gaps(assignment: Assignment, people: People, clinic: WorkingTime, start: datetime, end: datetime) -> list[Gap]:
    """Return the working time in [start, end) and in the assignment's dates that is not covered, in order.

    Covered is: therapist and a second person are named with open accounts, and one of the named is present and may
    treat. Each stretch lies within one opening and has one reason. Cost grows with days and absences only.
    """
    start = start if assignment.start is None else max(start, assignment.start)
    end = end if assignment.end is None else min(end, assignment.end)
    window = clinic.intervals(start, end)
    if not window and start < end and moment(start, clinic) is None:
        return [Gap(start, end, Why.NEVER_OPEN)]
    therapist = people.get(assignment.therapist)
    if therapist is None:
        known = assignment.therapist in people.members
        return _label(window, Why.THERAPIST_ACCOUNT_CLOSED if known else Why.NO_THERAPIST)
    here = intersect(window, therapist.belongs(start, end))
    names = _gather(assignment, therapist, people, here, (start, end))
    alone = subtract(here, names.existing)
    bare = subtract(intersect(here, names.existing), names.covered)
    nobody = Why.BOTH_ABSENT if therapist.can_treat(assignment.programme) else Why.SUBSTITUTE_ABSENT
    found = [
        *_label(subtract(window, here), Why.THERAPIST_ACCOUNT_CLOSED),
        *_label(intersect(alone, names.closed), Why.SUBSTITUTE_ACCOUNT_CLOSED),
        *_label(subtract(alone, names.closed), Why.NO_SUBSTITUTE),
        *_label(intersect(bare, names.there), Why.SUBSTITUTE_NOT_COMPETENT),
        *_label(subtract(bare, names.there), nobody),
    ]
    return sorted(found, key=lambda gap: gap.start)


def _gather(assignment: Assignment, therapist: Clinician, people: People, window: list[Range], span: Range) -> _Names:
    """Collect the ranges of `_Names` within the span; the therapist's account is open."""
    names = _Names()
    if therapist.can_treat(assignment.programme):
        names.covered += presence(therapist, window)
    seconds = [(each.code, each.during.clip(*span)) for each in assignment.stand_ins]
    if assignment.substitute is not None:
        seconds.append((assignment.substitute, span))
    for code, valid in seconds:
        person, named_in = people.get(code), union([valid])
        if code == assignment.therapist:
            continue  # one person is not two
        if person is None:
            names.closed += named_in
            continue
        belongs = intersect(named_in, person.belongs(*span))
        names.existing += belongs
        names.closed += subtract(named_in, belongs)
        there = intersect(presence(person, window), named_in)
        names.there += there
        if person.can_treat(assignment.programme):
            names.covered += there
    return _Names(union(names.existing), union(names.closed), union(names.there), union(names.covered))


def presence(person: Clinician, window: list[Range]) -> list[Range]:
    """Return when in these working hours of the clinic the person is there, sorted and disjoint."""
    if not window:
        return []
    start, end = window[0][0], window[-1][1]
    own = intersect(window, person.belongs(start, end))
    if person.hours is not None:
        own = intersect(own, person.hours.intervals(start, end))
    return subtract(own, union(absence.clip(start, end) for absence in person.absences))


def _label(ranges: list[Range], why: Why) -> list[Gap]:
    return [Gap(start, end, why) for start, end in ranges]
