"""What a change would leave uncovered: cases of the one question that every verb asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest

from clinics.cover.change import Picture, leaderless, uncovers
from clinics.cover.coverage import Assignment, Clinician, Interval, People, StandIn, Why
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime

PROGRAMME = "depression"
KEY = (1, PROGRAMME)
clinic = WorkingTime(Hours(dict.fromkeys(range(5), ((time(8), time(17)),))))
START = datetime(2026, 11, 23, tzinfo=STOCKHOLM).astimezone(UTC)  # a Monday
END = START + timedelta(days=14)
DAY = timedelta(days=1)
berit, cecilia, tove = (Clinician(name, name, frozenset({PROGRAMME})) for name in ("berit", "cecilia", "tove"))
lena, hassan = (Clinician(name, name, may_treat=False) for name in ("lena", "hassan"))
NAMED = Assignment(PROGRAMME, "berit", "cecilia")


def picture(*changed: Clinician, named: Assignment | None = NAMED, gone: str = "") -> Picture:
    members = {each.code: each for each in (berit, cecilia, tove, lena, hassan, *changed) if each.code != gone}
    return Picture(clinic, People(members, "lena", "hassan"), {KEY: named} if named else {})


def away(person: Clinician, first: int, days: int) -> Clinician:
    return replace(person, absences=(Interval(START + first * DAY, START + (first + days) * DAY),))


def on(person: Clinician, *weekdays: int) -> Clinician:
    return replace(person, hours=WorkingTime(Hours({d: ((time(0), time(0)),) for d in weekdays})).within(clinic))


def whys(before: Picture, after: Picture) -> set[Why]:
    return {gap.why for gap in uncovers(before, after, START, END).get(KEY, [])}


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (replace(berit, is_active=False), Why.THERAPIST_ACCOUNT_CLOSED),
        (replace(cecilia, is_active=False), Why.SUBSTITUTE_ACCOUNT_CLOSED),
        (replace(berit, tenure=Interval(START - DAY, START + 9 * DAY)), Why.THERAPIST_ACCOUNT_CLOSED),
        (replace(cecilia, tenure=Interval(START - DAY, START + 9 * DAY)), Why.SUBSTITUTE_ACCOUNT_CLOSED),
    ],
)
def test_who_leaves_leaves_a_patient_with_one_name(changed: Clinician, why: Why) -> None:
    assert whys(picture(), picture(changed)) == {why}


@pytest.mark.parametrize(
    "changed",
    [replace(berit, competences=frozenset()), replace(berit, may_treat=False), on(berit, 0, 1), away(berit, 0, 3)],
)
def test_less_of_the_therapist_is_no_gap_while_the_substitute_is_there(changed: Clinician) -> None:
    assert whys(picture(), picture(changed)) == set()


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        (replace(berit, competences=frozenset()), Why.SUBSTITUTE_ABSENT),
        (replace(berit, may_treat=False), Why.SUBSTITUTE_ABSENT),
        (on(berit, 0), Why.BOTH_ABSENT),
        (away(berit, 1, 2), Why.BOTH_ABSENT),
    ],
)
def test_less_of_the_therapist_is_a_gap_where_the_substitute_is_away(changed: Clinician, why: Why) -> None:
    gone = away(cecilia, 0, 5)
    assert whys(picture(gone), picture(gone, changed)) == {why}


def test_what_was_uncovered_before_is_not_held_against_a_change_that_takes_nobody_away() -> None:
    both = (away(berit, 0, 2), away(cecilia, 0, 2))
    assert whys(picture(*both), picture(*both, on(tove, 0))) == set()
    part_time = on(away(berit, 0, 2), 0, 1, 2)
    assert whys(picture(part_time, both[1]), picture(*both)) == set(), "more hours take nobody away"


def test_it_is_held_against_one_that_does() -> None:
    both = (away(berit, 0, 2), away(cecilia, 0, 2))
    assert whys(picture(*both), picture(both[0], replace(both[1], absences=(Interval(START, START + 4 * DAY),)))) == {
        Why.BOTH_ABSENT
    }


def test_a_change_that_mends_in_part_is_let_through() -> None:
    both = (away(berit, 0, 4), away(cecilia, 0, 4))
    better = picture(*both, away(tove, 0, 1), named=Assignment(PROGRAMME, "berit", "tove"))
    assert whys(picture(*both), better) == set()


def test_a_stand_in_or_another_substitute_is_a_solution() -> None:
    gone = replace(cecilia, is_active=False)
    assert whys(picture(), picture(gone, named=Assignment(PROGRAMME, "berit", "tove"))) == set()
    both, week = (away(berit, 0, 5), away(cecilia, 0, 5)), Interval(START, START + 5 * DAY)
    stands_in = replace(NAMED, stand_ins=(StandIn("tove", week),))
    assert whys(picture(both[1]), picture(*both, named=stands_in)) == set()


def test_somebody_new_is_excused_nothing() -> None:
    both = (away(berit, 0, 1), away(cecilia, 0, 1))
    assert whys(picture(*both, named=None), picture(*both)) == {Why.BOTH_ABSENT}


def test_whoever_is_not_in_treatment_any_more_needs_nobody() -> None:
    assert uncovers(picture(), picture(replace(berit, is_active=False), named=None), START, END) == {}


def test_longer_opening_hours_are_a_change_too() -> None:
    early = replace(berit, hours=clinic), replace(cecilia, hours=clinic)
    longer = WorkingTime(Hours(dict.fromkeys(range(5), ((time(7), time(17)),))))
    before, after = picture(*early), replace(picture(*early), hours=longer)
    gaps = uncovers(before, after, START, START + DAY)[KEY]
    assert [(gap.start, gap.end) for gap in gaps] == [(START + timedelta(hours=7), START + timedelta(hours=8))]


def test_lead_and_deputy_together_leave_a_clinic_without_a_lead() -> None:
    people = picture(away(lena, 0, 3), away(hassan, 2, 3)).people
    found = leaderless(people, clinic, START, END)
    assert found == [(START + 2 * DAY + timedelta(hours=8), START + 2 * DAY + timedelta(hours=17))]
    assert leaderless(picture(away(lena, 0, 3)).people, clinic, START, END) == []
