"""What the calendars of `make continuity` are played on is what the product reads from its rows.

Calendars are played to their last event, their facts are stored as rows, a hub's agreement as two that adjoin, and read
back: opening hours, who is there, what is uncovered and who is responsible must be as on the plain values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from random import Random

import pytest

from clinics.cover import coverage, roster
from clinics.cover.ranges import Range
from clinics.models import (
    Absence,
    CareAssignment,
    Clinic,
    ClosingDay,
    Competence,
    Cover,
    HubAgreement,
    Membership,
    OpeningHours,
    Profession,
    Role,
    Season,
    SeasonHours,
    User,
    WorkingHours,
)
from tests.cast import Cast, make_patient, make_user
from tests.continuity import states
from tests.continuity.calendars import make_calendar
from tests.continuity.pictures import KEY, PROGRAMME, Clocks, picture
from tests.continuity.simulation import AHEAD, Run, daily
from tests.continuity.states import DAY, State, Week

pytestmark = pytest.mark.django_db
SEED, LONG_AGO = 20261122, 400 * DAY


@dataclass
class Stored:
    """A state as rows; `codes` are the accounts of its people."""

    clinic: Clinic
    assignment: CareAssignment
    codes: Mapping[str, str]


@cache
def played(number: int) -> tuple[State, datetime]:
    """Return what a calendar has come to at its last event, and when that was."""
    dice = Random(f"{SEED}:{number}")
    run = Run(make_calendar(dice), dice)
    run.go()
    return run.state, run.calendar.events[-1].at


SORTS: dict[str, tuple[list[int], Callable[[State, datetime], object]]] = {
    "somebody stands in": (
        [25, 94, 345, 393, 414],
        lambda state, now: any(each.span[1] > now for each in state.stand_ins),
    ),
    "a hub helps": (
        [13, 27, 28, 31, 37],
        lambda state, now: state.hub and state.hub.helps and state.hub.helps[1] > now,
    ),
    "the hub has days of its own": (
        [45, 46, 56, 71, 108],
        lambda state, now: state.hub and any(day >= now.date() for day in state.hub.clinic.special),
    ),
    "a season is to come": (
        [26, 86, 89, 96, 110],
        lambda state, now: any(each.last > now.date() for each in state.clinic.seasons),
    ),
    "one who leads has a week of their own": (
        [14, 19, 41, 42, 63],
        lambda state, now: any(state.people[code].week for code in (state.lead, state.deputy)),
    ),
    "anything": ([0, 1, 2, 3, 4], lambda state, now: True),
}


@pytest.mark.parametrize("sort", SORTS)
def test_the_calendars_hold_what_they_are_for(sort: str) -> None:
    numbers, holds = SORTS[sort]
    assert all(holds(*played(number)) for number in numbers), "calendars are drawn in another way: choose others"


def stored(state: State, cast: Cast, now: datetime) -> Stored:
    """Store the facts at a clinic of their own."""
    clinic = _clinic(cast, "Asken", state.clinic)
    there = _clinic(cast, "Boken", state.hub.clinic) if state.hub else clinic
    users = {code: make_user(code, "Ek") for code in (*state.people, "nobody")}
    absences: dict[tuple[str, states.Span], Absence] = {}
    for code, person in state.people.items():
        role = Role(code) if code in (Role.LEAD, Role.DEPUTY) else Role.THERAPIST
        _post(users[code], person, there if person.from_hub else clinic, role, now)
        for span in person.away:
            absences[code, span] = _absence(users[code], span, now)
    if state.hub and state.hub.helps:
        _agreements(cast, clinic, there, state.hub.helps, now)
    assignment = CareAssignment.objects.create(
        patient=make_patient(clinic, make_user("patient", "Ek")), programme=PROGRAMME, starts_at=now - LONG_AGO,
        therapist=users[state.therapist], substitute=users[state.substitute],
    )  # fmt: skip
    for each in reversed(state.stand_ins):  # the first one named is the latest
        absence = absences[each.absent, each.span]
        Cover.objects.create(absence=absence, assignment=assignment, stand_in=users[each.code])
    return Stored(clinic, assignment, {code: str(user.code) for code, user in users.items()})


def _clinic(cast: Cast, name: str, hours: states.Clinic) -> Clinic:
    clinic = Clinic.objects.create(region=cast.region, name=name, phone="010-1", listed_patients=1_000)
    OpeningHours.objects.bulk_create(OpeningHours(clinic=clinic, **row) for row in _rows(hours.week))
    for day, openings in hours.special.items():
        opens, closes = openings[0] if openings else (None, None)
        ClosingDay.objects.create(clinic=clinic, day=day, opens=opens, closes=closes)
    for season in hours.seasons:
        saved = Season.objects.create(clinic=clinic, first_day=season.first, last_day=season.last)
        SeasonHours.objects.bulk_create(SeasonHours(season=saved, **row) for row in _rows(season.week))
    return clinic


def _rows(week: Week) -> Iterator[dict[str, object]]:
    for weekday, openings in week.items():
        for opens, closes in openings:
            yield {"weekday": weekday, "opens": opens, "closes": closes}


def _post(user: User, person: states.Person, clinic: Clinic, role: Role, now: datetime) -> None:
    begins, ends = person.belongs or (now - LONG_AGO, None)
    treats = Profession.PSYCHOLOGIST if person.licensed else Profession.SOCIAL_WORKER
    post = Membership.objects.create(
        user=user, clinic=clinic, role=role, started_at=begins, ends_at=ends,
        profession=treats if role == Role.THERAPIST else "",
    )  # fmt: skip
    if person.competent:
        Competence.objects.create(membership=post, programme=PROGRAMME)
    for row in _rows(person.week or {}):
        WorkingHours.objects.create(membership=post, weekday=row["weekday"], starts=row["opens"], ends=row["closes"])
    User.objects.filter(pk=user.pk).update(is_active=person.active)


def _absence(user: User, span: states.Span, now: datetime) -> Absence:
    return Absence.objects.create(user=user, starts_at=span[0], ends_at=span[1], created_at=now, created_by=user)


def _agreements(cast: Cast, needs: Clinic, hub: Clinic, helps: states.Span, now: datetime) -> None:
    """Store what was agreed as two agreements that adjoin, as after a renewal."""
    middle = helps[0] + (helps[1] - helps[0]) / 2
    for starts_at, ends_at in ((helps[0], middle), (middle, helps[1])):
        HubAgreement.objects.create(
            needs=needs, hub=hub, starts_at=starts_at, ends_at=ends_at, asked_at=now - LONG_AGO, asked_by=cast.lena,
            agreed_at=now - LONG_AGO, agreed_by=cast.david,
        )  # fmt: skip


def there(people: coverage.People, code: str, window: list[Range]) -> list[Range]:
    person = people.members.get(code)
    return coverage.presence(person, window) if person else []


@pytest.mark.parametrize("number", sorted(number for numbers, _holds in SORTS.values() for number in numbers))
def test_rows_are_read_as_the_calendar_says(cast: Cast, number: int) -> None:
    state, now = played(number)
    end = now + AHEAD
    said, found = picture(state, Clocks()), stored(state, cast, now)
    hours = roster.working_time(found.clinic)
    people, named = roster.people(found.clinic, now, hours=hours), roster.facts(found.assignment)
    window = said.hours.intervals(now, end)
    assert hours.intervals(now, end) == window
    for code, account in found.codes.items():
        assert there(people, account, window) == there(said.people, code, window), code
    assert coverage.gaps(named, people, hours, now, end) == coverage.gaps(
        said.named[KEY], said.people, said.hours, now, end
    )
    for moment in daily(now, end):
        answers = coverage.accountable(said.named[KEY], said.people, said.hours, moment)
        is_answering = coverage.accountable(named, people, hours, moment)
        expected = (found.codes[answers.person.code], answers.link) if answers else None
        assert (is_answering and (is_answering.person.code, is_answering.link)) == expected
