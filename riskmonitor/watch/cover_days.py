"""The clinic's coming days as a calendar: who is there, who is away, whom nobody stands behind, and what mends it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone

from clinics.cover import coverage as cover
from clinics.cover import roster
from clinics.cover.away import end_of_day
from clinics.cover.ranges import Range, subtract
from clinics.models import Absence
from programs.models import Treatment
from riskmonitor.watch.uncovered import ClinicAhead

BY_STAND_IN = {cover.Why.BOTH_ABSENT, cover.Why.SUBSTITUTE_NOT_COMPETENT}


@dataclass(frozen=True)
class Hours:
    """A person and the ranges of the clinic's working time that are meant; `is_whole`: all of the day."""

    name: str
    ranges: Sequence[Range]
    is_whole: bool


@dataclass(frozen=True)
class Hole:
    """A patient whom nobody stands behind at some time of the day.

    `absence` is the code of the therapist's absence for which a stand-in can be chosen; None where somebody else must
    be named for the patient.
    """

    treatment: Treatment
    gaps: Sequence[cover.Gap]
    absence: UUID | None


@dataclass(frozen=True)
class Day:
    """One local day. `openings` are what is left of its working time, empty on a closed day."""

    day: date
    openings: Sequence[Range]
    there: Sequence[Hours]
    away: Sequence[Hours]
    holes: Sequence[Hole]


def days_of(ahead: ClinicAhead, now: datetime, span: timedelta = roster.AHEAD) -> list[Day]:
    """Return each local day that begins before the span is over, today's from `now` on. One query."""
    absences = list(
        Absence.objects.overlapping(now, now + span).filter(
            user__in=[each.assignment.therapist_id for each in ahead.uncovered]
        )
    )
    return [_day(ahead, start, end, absences) for start, end in _days(now, now + span)]


def _days(start: datetime, end: datetime) -> Iterator[Range]:
    while start < end:
        midnight = min(end_of_day(start), end)
        yield start, midnight
        start = midnight


def _day(ahead: ClinicAhead, start: datetime, end: datetime, absences: list[Absence]) -> Day:
    openings = ahead.hours.intervals(start, end)
    there: list[Hours] = []
    away: list[Hours] = []
    own = (each for each in ahead.people.members.values() if not each.from_hub)
    people = sorted(own, key=lambda each: (cover.name_key(each.name), each.code))
    for person in people if openings else ():
        present = cover.presence(person, openings)
        if present:
            there.append(Hours(person.name, present, present == openings))
        if present != openings:
            away.append(Hours(person.name, subtract(openings, present), not present))
    return Day(timezone.localdate(start), openings, there, away, _holes(ahead, start, end, absences))


def _holes(ahead: ClinicAhead, start: datetime, end: datetime, absences: list[Absence]) -> list[Hole]:
    found = []
    for treatment in ahead.uncovered:
        gaps = [gap for gap in ahead.gaps[treatment.pk] if start <= gap.start < end]
        if gaps:
            found.append(Hole(treatment, gaps, _absence_behind(treatment, gaps, absences)))
    return found


def _absence_behind(treatment: Treatment, gaps: list[cover.Gap], absences: list[Absence]) -> UUID | None:
    """Return the absence of the therapist that covers all the gaps, if a stand-in for it would mend them."""
    if any(gap.why not in BY_STAND_IN for gap in gaps):
        return None
    first, last, therapist = gaps[0].start, gaps[-1].end, treatment.assignment.therapist_id
    behind = (
        each
        for each in absences
        if each.user_id == therapist and each.starts_at <= first and (each.ends_at is None or last <= each.ends_at)
    )
    return next((each.code for each in behind), None)
