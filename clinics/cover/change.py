"""What a change to people, hours or named persons would leave uncovered (pure).

One question for every verb: absence, leaving, closing an account, competence, profession, weekly schedule, who is named
for a patient, and the start of a treatment. The verbs in `clinics.actions` ask it of the rows before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinics.cover import coverage as cover
from clinics.cover.clinicians import Assignment, Clinician, People
from clinics.cover.coverage import Gap
from clinics.cover.ranges import Range, intersect, subtract, union
from clinics.cover.working_time import WorkingTime

Key = tuple[int, str]


@dataclass(frozen=True)
class Picture:
    """A clinic at one moment: its hours, its people, and who is named, by patient (a number) and programme."""

    hours: WorkingTime
    people: People
    named: Mapping[Key, Assignment]


def uncovers(before: Picture, after: Picture, start: datetime, end: datetime) -> dict[Key, list[Gap]]:
    """Return the patients whom the change would leave uncovered in [start, end), with their gaps after it."""
    found = {}
    for key, facts in after.named.items():
        had = before.named.get(key)
        gaps = left_alone(had, before, facts, after, start, end)
        if gaps:
            found[key] = gaps
    return found


def left_alone(
    had: Assignment | None, before: Picture, has: Assignment, after: Picture, start: datetime, end: datetime
) -> list[Gap]:
    """Return the gaps that the change must answer for; `had` None means that nothing is excused.

    1. Nothing is uncovered afterwards: none.
    2. Some time becomes uncovered that was not: all gaps that there are afterwards.
    3. No more than before, and less of it: none, since the change mends.
    4. The same as before: all of them if somebody named is taken away all the same, else none of its making.
    """
    gaps = cover.gaps(has, after.people, after.hours, start, end)
    if not gaps or had is None:
        return gaps
    bare = _ranges(gaps)
    was_bare = _ranges(cover.gaps(had, before.people, before.hours, start, end))
    if subtract(bare, was_bare):
        return gaps
    if bare != was_bare or not _loses(had, before, has, after, start, end):
        return []
    return gaps


def leaderless(people: People, hours: WorkingTime, start: datetime, end: datetime) -> list[Range]:
    """Return the working time in which neither lead nor deputy is there."""
    window = hours.intervals(start, end)
    leads = (people.get(code) for code in (people.lead, people.deputy))
    return subtract(window, union(stretch for lead in leads if lead for stretch in cover.presence(lead, window)))


def _loses(had: Assignment, before: Picture, has: Assignment, after: Picture, start: datetime, end: datetime) -> bool:
    """Tell whether somebody who was named is not named any more, is there less, or may treat no longer.

    There less is counted in the hours that stay open: a clinic that opens later has taken nobody away.
    """
    window, still = intersect(before.hours.intervals(start, end), after.hours.intervals(start, end)), _codes(has)
    for code in _codes(had):
        was, now = before.people.get(code), after.people.get(code)
        if was and (now is None or code not in still or _is_less(was, now, had.programme, window)):
            return True
    return False


def _is_less(was: Clinician, now: Clinician, programme: str, window: list[Range]) -> bool:
    may_no_more = was.can_treat(programme) and not now.can_treat(programme)
    return may_no_more or bool(subtract(cover.presence(was, window), cover.presence(now, window)))


def _codes(facts: Assignment) -> set[str]:
    named = {facts.therapist, facts.substitute, *(each.code for each in facts.stand_ins)}
    return {code for code in named if code}


def _ranges(gaps: list[Gap]) -> list[Range]:
    return union((gap.start, gap.end) for gap in gaps)
