"""Who reads what a patient sends, and by when a reply comes (pure).

The therapist answers within two working days. While the therapist is away the chain of `clinics.cover` says who does,
so that patients, the preview on the absence page and the receipts all tell the same truth.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from clinics.cover.coverage import Assignment, Clinician, People, moment, named
from clinics.cover.working_time import NeverOpen, WorkingTime

REPLY_DAYS = 2  # working days


@dataclass(frozen=True)
class Promise:
    """What may be told the patient. `name` is the therapist, "" when the account is closed.

    `away_until` is the last day away; None with `is_away` is until further notice. `back_at` is when the therapist is
    back on that very day, None when the whole rest of it is meant. `stand_in_name` is who is named for
    the patient and answers meanwhile, None when none of them is there: then it is the clinic, since team and lead can
    read only what they are handed. `reply_by` is None when the clinic never opens.
    """

    name: str
    away_until: date | None
    stand_in_name: str | None
    reply_by: date | None
    is_away: bool = False
    back_at: datetime | None = None

    @property
    def reader(self) -> str:
        """Return the name of who reads now, "" for the clinic."""
        return (self.stand_in_name or "") if self.is_away else self.name


def reply_promise(assignment: Assignment, people: People, hours: WorkingTime, now: datetime) -> Promise:
    """Return who answers the patient from `now` on: the therapist, or who stands in during an absence."""
    therapist, at = people.get(assignment.therapist), moment(now, hours)
    name = therapist.name if therapist else ""
    if therapist and not _is_away(therapist, at):
        return Promise(name, None, None, reply_by(therapist, hours, now))
    answering = next(named(assignment, people, hours, now), None)
    until, back_at = _away_until(therapist, hours, at) if therapist and at else (None, None)
    return Promise(
        name=name,
        away_until=until,
        stand_in_name=answering.person.name if answering else None,
        reply_by=reply_by(answering.person if answering else None, hours, now),
        is_away=True,
        back_at=back_at,
    )


def _is_away(person: Clinician, at: datetime | None) -> bool:
    return at is not None and any(absence.holds(at) for absence in person.absences)


def _away_until(person: Clinician, hours: WorkingTime, at: datetime) -> tuple[date | None, datetime | None]:
    """Return the last local day of the absence, and when the person is back on that same day, if so.

    Absences that follow without a working moment between are one. (None, None) is until further notice.
    """
    last: date | None = None
    while holding := next((absence for absence in person.absences if absence.holds(at)), None):
        if holding.end is None:
            return None, None
        last = _day(holding.end - timedelta(microseconds=1), hours)
        following = moment(holding.end, hours)
        if following is None:
            return None, None
        at = following
    try:
        back = (person.hours or hours).next_open(at)
    except NeverOpen:
        return last, None
    return last, back if _day(back, hours) == last and not _is_away(person, back) else None


def _day(at: datetime, hours: WorkingTime) -> date:
    return at.astimezone(hours.hours.tz).date()


def reply_by(person: Clinician | None, hours: WorkingTime, now: datetime) -> date | None:
    """Return the local day two working days ahead, or the person's next own working day where that is later."""
    try:
        latest = hours.add_days(now, REPLY_DAYS)
        if person and person.hours and not person.hours.intervals(now, latest):
            latest = person.hours.next_open(latest)
    except NeverOpen:
        return None
    return _day(latest, hours)
