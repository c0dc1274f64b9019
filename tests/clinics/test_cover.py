"""Who is present, who answers, and where the cover has gaps: cases, and an oracle that asks each quarter."""

from __future__ import annotations

import time as stopwatch
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.cover import coverage
from clinics.cover.coverage import (
    Assignment,
    Clinician,
    Gap,
    Interval,
    Link,
    People,
    StandIn,
    Why,
    accountable,
    gaps,
    gaps_of,
    leaves_at,
    name_key,
    present,
    team,
)
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime

PROGRAMME = "depression"
LUNCH = ((time(8), time(12)), (time(13), time(17)))
clinic = WorkingTime(Hours(dict.fromkeys(range(5), LUNCH)))
closed_clinic = WorkingTime(Hours({}))


def at(text: str) -> datetime:
    """Return the moment of a local clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def away(start: str, end: str | None = None) -> Interval:
    return Interval(at(start), None if end is None else at(end))


def on_days(*days: int) -> WorkingTime:
    return WorkingTime(Hours(dict.fromkeys(days, ((time(0), time(0)),)))).within(clinic)


berit = Clinician("berit", "Berit", frozenset({PROGRAMME}))
cecilia = Clinician("cecilia", "Cecilia", frozenset({PROGRAMME}))
asa = Clinician("asa", "Åsa", frozenset({PROGRAMME}))
lena = Clinician("lena", "Lena", may_treat=False)
dag = Clinician("dag", "Dag", may_treat=False, may_decide=False)
assignment = Assignment(PROGRAMME, "berit", "cecilia")
MONDAY, FRIDAY = at("2026-11-23T10:00"), at("2026-11-27T10:00")
GONE = away("2026-11-01T00:00")


def people(*persons: Clinician) -> People:
    cast = {person.code: person for person in (berit, cecilia, asa, lena, dag)}
    return People({**cast, **{person.code: person for person in persons}}, lead="lena", deputy="dag")


def without(person: Clinician, *absences: Interval) -> Clinician:
    return replace(person, absences=absences or (GONE,))


# -- present -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moment", "absences", "is_present"),
    [
        ("2026-11-23T10:00", (), True),
        ("2026-11-23T10:00", (away("2026-11-23T10:00", "2026-11-23T11:00"),), False),
        ("2026-11-23T10:00", (away("2026-11-23T09:00", "2026-11-23T10:00"),), True),  # back to the minute
        ("2026-11-21T10:00", (away("2026-11-20T00:00", "2026-11-23T08:00"),), True),  # Saturday: asks Monday 08:00
        ("2026-11-21T10:00", (away("2026-11-23T08:00", "2026-11-23T08:30"),), False),
        ("2026-11-23T12:15", (away("2026-11-23T12:00", "2026-11-23T12:45"),), True),  # lunch: asks 13:00
        ("2026-11-23T10:00", (away("2026-11-20T00:00"),), False),  # until further notice
    ],
)
def test_presence_is_asked_at_the_next_moment_of_working_time(
    moment: str, absences: tuple[Interval, ...], is_present: bool
) -> None:
    assert present(replace(berit, absences=absences), at(moment), clinic) is is_present


def test_outside_the_own_weekly_schedule_one_is_not_present() -> None:
    part_time = replace(berit, hours=on_days(2, 3))
    assert not present(part_time, MONDAY, clinic)
    assert present(part_time, at("2026-11-25T10:00"), clinic)
    assert present(part_time, at("2026-11-24T19:00"), clinic), "Tuesday evening asks Wednesday's opening"
    assert not present(part_time, at("2026-11-26T19:00"), clinic)


def test_nobody_is_present_in_a_clinic_that_never_opens() -> None:
    assert not present(berit, MONDAY, closed_clinic)
    assert accountable(assignment, people(), closed_clinic, MONDAY) is None
    assert gaps(assignment, people(), closed_clinic, MONDAY, FRIDAY) == [Gap(MONDAY, FRIDAY, Why.NEVER_OPEN)]


# -- accountable -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "code", "link"),
    [
        ([], "berit", Link.THERAPIST),
        ([berit], "cecilia", Link.SUBSTITUTE),
        ([berit, cecilia], "asa", Link.TEAM),
        ([berit, cecilia, asa], "lena", Link.LEAD),
        ([berit, cecilia, asa, lena], "dag", Link.DEPUTY),
    ],
)
def test_the_chain_falls_link_by_link(gone: list[Clinician], code: str, link: Link) -> None:
    found = accountable(assignment, people(*(without(person) for person in gone)), clinic, MONDAY)
    assert found is not None
    assert (found.person.code, found.link) == (code, link)


def test_an_empty_chain_is_said() -> None:
    everybody = [without(person) for person in (berit, cecilia, asa, lena, dag)]
    assert accountable(assignment, people(*everybody), clinic, MONDAY) is None


def test_a_stand_in_for_the_dated_absence_comes_before_the_substitute_and_only_then() -> None:
    dated = away("2026-11-23T00:00", "2026-11-25T00:00")
    with_stand_in = replace(assignment, stand_ins=(StandIn("asa", dated),))
    cast = people(without(berit, away("2026-11-23T00:00", "2026-11-28T00:00")))
    codes = [
        found.person.code
        for day in ("2026-11-22T20:00", "2026-11-24T16:59", "2026-11-24T17:00", "2026-11-26T10:00")
        if (found := accountable(with_stand_in, cast, clinic, at(day)))
    ]
    assert codes == ["asa", "asa", "cecilia", "cecilia"]


@pytest.mark.parametrize("change", [{"is_active": False}, {"may_treat": False}, {"competences": frozenset({"stress"})}])
def test_a_person_who_may_not_treat_in_the_programme_is_passed(change: dict[str, object]) -> None:
    found = accountable(assignment, people(replace(berit, **change)), clinic, MONDAY)
    assert found is not None
    assert found.person.code == "cecilia"


def test_the_team_member_with_fewest_open_flags_answers_and_names_sort_in_swedish() -> None:
    names = ["Örjan", "Zara", "Åke", "Ärla", "ake", "Éva", "Eva B"]
    members = [Clinician(f"m{n}", name, frozenset({PROGRAMME})) for n, name in enumerate(names)]
    cast = People({member.code: member for member in members})
    assert [each.name for each in team(PROGRAMME, cast, clinic, MONDAY)] == [
        "ake", "Éva", "Eva B", "Zara", "Åke", "Ärla", "Örjan",
    ]  # fmt: skip
    busy = {m.code: replace(m, open_flags=0 if m.name == "Örjan" else 2) for m in members}
    assert team(PROGRAMME, People(busy), clinic, MONDAY)[0].name == "Örjan"


def test_a_decomposed_name_sorts_like_a_composed_one() -> None:
    assert name_key("A\u030ake") == name_key("Åke") > name_key("Zara")


# -- gaps --------------------------------------------------------------------------------------------------------------


def whys(found: list[Gap]) -> set[Why]:
    return {gap.why for gap in found}


def test_no_gap_while_one_of_two_named_is_there() -> None:
    cast = people(
        without(berit, away("2026-11-23T00:00", "2026-11-24T12:00")), without(cecilia, away("2026-11-24T13:00"))
    )
    assert gaps(assignment, cast, clinic, MONDAY, FRIDAY) == []


def test_absences_of_parts_of_days_leave_gaps_where_they_overlap() -> None:
    cast = people(
        without(berit, away("2026-11-23T09:00", "2026-11-23T14:00")),
        without(cecilia, away("2026-11-23T11:30", "2026-11-23T13:20"), away("2026-11-23T13:40", "2026-11-23T16:00")),
    )
    assert gaps(assignment, cast, clinic, at("2026-11-23T00:00"), FRIDAY) == [
        Gap(at("2026-11-23T11:30"), at("2026-11-23T12:00"), Why.BOTH_ABSENT),
        Gap(at("2026-11-23T13:00"), at("2026-11-23T13:20"), Why.BOTH_ABSENT),
        Gap(at("2026-11-23T13:40"), at("2026-11-23T14:00"), Why.BOTH_ABSENT),
    ]


@pytest.mark.parametrize(
    ("named", "changed", "why"),
    [
        (replace(assignment, substitute=None), [], Why.NO_SUBSTITUTE),
        (replace(assignment, substitute="berit"), [], Why.NO_SUBSTITUTE),  # one person is not two
        (replace(assignment, substitute="nobody"), [], Why.SUBSTITUTE_ACCOUNT_CLOSED),
        (assignment, [replace(cecilia, is_active=False)], Why.SUBSTITUTE_ACCOUNT_CLOSED),
        (assignment, [replace(berit, is_active=False)], Why.THERAPIST_ACCOUNT_CLOSED),
        (replace(assignment, therapist=None), [], Why.NO_THERAPIST),
        (assignment, [without(berit), replace(cecilia, competences=frozenset())], Why.SUBSTITUTE_NOT_COMPETENT),
        (assignment, [without(cecilia), replace(berit, competences=frozenset())], Why.SUBSTITUTE_ABSENT),
        (assignment, [without(berit), without(cecilia)], Why.BOTH_ABSENT),
    ],
)
def test_each_gap_says_why(named: Assignment, changed: list[Clinician], why: Why) -> None:
    found = gaps(named, people(*changed), clinic, at("2026-11-23T00:00"), at("2026-11-24T00:00"))
    assert found == [
        Gap(at("2026-11-23T08:00"), at("2026-11-23T12:00"), why),
        Gap(at("2026-11-23T13:00"), at("2026-11-23T17:00"), why),
    ]


def test_a_stand_in_covers_the_dates_it_is_named_for() -> None:
    named = replace(assignment, stand_ins=(StandIn("asa", away("2026-11-23T00:00", "2026-11-25T00:00")),))
    found = gaps(named, people(without(berit), without(cecilia)), clinic, MONDAY, at("2026-11-25T12:00"))
    assert found == [Gap(at("2026-11-25T08:00"), at("2026-11-25T12:00"), Why.BOTH_ABSENT)]


def test_gaps_are_looked_for_within_the_assignments_dates() -> None:
    named = replace(assignment, substitute=None, start=at("2026-11-24T09:00"), end=at("2026-11-24T10:00"))
    assert gaps(named, people(), clinic, MONDAY, FRIDAY) == [
        Gap(at("2026-11-24T09:00"), at("2026-11-24T10:00"), Why.NO_SUBSTITUTE)
    ]


def test_holidays_are_no_gaps() -> None:
    nobody = people(without(berit), without(cecilia))
    found = gaps(assignment, nobody, clinic, at("2026-12-23T17:00"), at("2026-12-28T08:00"))
    assert found == []


# -- the oracle --------------------------------------------------------------------------------------------------------

QUARTER = timedelta(minutes=15)
START = at("2026-10-22T00:00")  # a Thursday; the clocks change on the Sunday
DAYS = 6
quarters = st.integers(0, DAYS * 96).map(lambda n: START + n * QUARTER)
clock_pairs = st.lists(st.integers(24, 76), unique=True, max_size=4).map(sorted)
weeks = st.dictionaries(
    st.integers(0, 6),
    clock_pairs.map(
        lambda ns: tuple(
            (time(a // 4, a % 4 * 15), time(b // 4, b % 4 * 15)) for a, b in zip(ns[::2], ns[1::2], strict=False)
        )
    ),
)


@st.composite
def intervals(draw: st.DrawFn) -> Interval:
    start, end = sorted((draw(quarters), draw(quarters)))
    return Interval(start, None if draw(st.integers(0, 4)) == 0 else end)


@st.composite
def clinicians(draw: st.DrawFn, code: str, clinic: WorkingTime) -> Clinician:
    return Clinician(
        code,
        code,
        competences=frozenset({PROGRAMME} if draw(st.integers(0, 3)) else ()),
        hours=WorkingTime(Hours(draw(weeks))).within(clinic) if draw(st.booleans()) else None,
        absences=tuple(draw(st.lists(intervals(), max_size=3))),
        is_active=draw(st.integers(0, 5)) > 0,
        may_treat=draw(st.integers(0, 5)) > 0,
    )


def oracle(named: Assignment, cast: People, clinic: WorkingTime, moment: datetime) -> Why | None:
    """Say why the moment is a gap, straight from the definition; None when it is covered or not working time."""
    if not clinic.is_open(moment):
        return None
    therapist = cast.members.get(named.therapist or "")
    if therapist is None:
        return Why.NO_THERAPIST
    if not therapist.is_active:
        return Why.THERAPIST_ACCOUNT_CLOSED
    codes = [
        s.code for s in named.stand_ins if s.during.start <= moment and (not s.during.end or moment < s.during.end)
    ]
    codes = [code for code in [*codes, named.substitute] if code and code != named.therapist]
    seconds = [cast.members[code] for code in codes if code in cast.members and cast.members[code].is_active]
    if not seconds:
        return Why.SUBSTITUTE_ACCOUNT_CLOSED if codes else Why.NO_SUBSTITUTE
    there = [person for person in (therapist, *seconds) if present(person, moment, clinic)]
    if any(person.may_treat and PROGRAMME in person.competences for person in there):
        return None
    if any(person in there for person in seconds):
        return Why.SUBSTITUTE_NOT_COMPETENT
    competent = therapist.may_treat and PROGRAMME in therapist.competences
    return Why.BOTH_ABSENT if competent else Why.SUBSTITUTE_ABSENT


@pytest.mark.hazard("H18a")
@settings(max_examples=120, deadline=None)
@given(st.data())
def test_gaps_are_what_asking_each_quarter_of_an_hour_finds(data: st.DataObject) -> None:
    some_clinic = WorkingTime(Hours({**data.draw(weeks), 4: LUNCH}))
    cast = People({code: data.draw(clinicians(code, some_clinic)) for code in "abc"})
    code = st.sampled_from(["a", "b", "c", "x"])
    named = Assignment(
        PROGRAMME,
        data.draw(code),
        data.draw(st.none() | code),
        stand_ins=tuple(StandIn(data.draw(code), data.draw(intervals())) for _ in range(data.draw(st.integers(0, 2)))),
    )
    start, end = sorted((data.draw(quarters), data.draw(quarters)))
    found = gaps(named, cast, some_clinic, start, end)
    assert all(gap.start < gap.end for gap in found)
    assert found == sorted(found, key=lambda gap: gap.start)
    moment = start
    while moment < end:
        said = [gap.why for gap in found if gap.start <= moment < gap.end]
        wanted = oracle(named, cast, some_clinic, moment)
        assert said == ([] if wanted is None else [wanted]), moment
        moment += QUARTER


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_the_gaps_of_many_are_those_of_each(data: st.DataObject) -> None:
    """Also where they name the same people for other dates."""
    some_clinic = WorkingTime(Hours({**data.draw(weeks), 4: LUNCH}))
    cast = People({code: data.draw(clinicians(code, some_clinic)) for code in "ab"})
    code, date = st.sampled_from(["a", "b"]), st.none() | quarters
    named = {
        number: Assignment(PROGRAMME, data.draw(code), data.draw(code), data.draw(date), data.draw(date))
        for number in range(6)
    }
    start, end = sorted((data.draw(quarters), data.draw(quarters)))
    alone = {number: gaps(each, cast, some_clinic, start, end) for number, each in named.items()}
    assert gaps_of(named, cast, some_clinic, start, end) == alone


def test_who_name_the_same_people_are_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Assignment] = []
    monkeypatch.setattr(coverage, "gaps", lambda each, *rest: asked.append(each) or [])
    began = {number: replace(assignment, start=MONDAY - number * timedelta(days=1)) for number in range(100)}
    assert len(gaps_of(began, people(), clinic, MONDAY, FRIDAY)) == 100
    assert len(asked) == 1


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_person_leaves_at_the_first_quarter_at_which_asking_finds_nobody(data: st.DataObject) -> None:
    """Also when the window ends before the opening that decides: the evening before an absence counts as gone."""
    some_clinic = WorkingTime(Hours({**data.draw(weeks), 4: LUNCH}))
    person = data.draw(clinicians("a", some_clinic))
    start, end = sorted((data.draw(quarters), data.draw(quarters)))
    asked = (start + number * QUARTER for number in range((end - start) // QUARTER))
    first = next((moment for moment in asked if not present(person, moment, some_clinic)), None)
    assert leaves_at(person, start, end, some_clinic) == first


@pytest.mark.parametrize(
    ("until", "leaves"),
    [
        ("2026-11-25T08:00", "2026-11-24T17:00"),  # the next step comes just when the clinic opens without her
        ("2026-11-24T20:00", "2026-11-24T17:00"),
        ("2026-11-24T17:00", None),
    ],
)
def test_who_is_away_tomorrow_has_left_when_the_clinic_closes_today(until: str, leaves: str | None) -> None:
    away_tomorrow = replace(berit, absences=(away("2026-11-25T00:00", "2026-11-26T00:00"),))
    assert leaves_at(away_tomorrow, at("2026-11-24T00:30"), at(until), clinic) == (at(leaves) if leaves else None)


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_whoever_answers_is_present_and_the_therapist_comes_first(data: st.DataObject) -> None:
    some_clinic = WorkingTime(Hours({**data.draw(weeks), 4: LUNCH}))
    members = {code: data.draw(clinicians(code, some_clinic)) for code in "abcd"}
    cast = People(members, lead=data.draw(st.sampled_from("abcd")), deputy=data.draw(st.sampled_from("abcd")))
    named = Assignment(PROGRAMME, data.draw(st.sampled_from("abcd")), data.draw(st.sampled_from("abcd")))
    moment = data.draw(quarters)
    there = {code for code, each in members.items() if each.is_active and present(each, moment, some_clinic)}
    able = {code for code in there if members[code].can_treat(PROGRAMME)}
    found = accountable(named, cast, some_clinic, moment)
    if found is None:
        assert not able
        assert not there & {cast.lead, cast.deputy}
        return
    assert found.person.code in there
    assert found.person.code in able or found.link in (Link.LEAD, Link.DEPUTY)
    assert (found.link is Link.THERAPIST) is (named.therapist in able)
    assert not (found.link in (Link.LEAD, Link.DEPUTY) and able)


def test_a_thousand_assignments_for_two_weeks_take_less_than_a_second() -> None:
    hours = [WorkingTime(Hours({d: LUNCH for d in range(5) if d != n % 5})).within(clinic) for n in range(60)]
    members = {
        f"p{n}": Clinician(
            f"p{n}",
            f"P{n}",
            frozenset({PROGRAMME}),
            hours=hours[n],
            absences=tuple(
                Interval(MONDAY + timedelta(hours=9 * k + n), MONDAY + timedelta(hours=9 * k + n + 3))
                for k in range(20)
            ),
        )
        for n in range(60)
    }
    cast = People(members)
    named = [Assignment(PROGRAMME, f"p{n % 60}", f"p{n * 7 % 59}") for n in range(1000)]
    began = stopwatch.process_time()
    found = [gaps(each, cast, clinic, MONDAY, MONDAY + timedelta(days=14)) for each in named]
    took = stopwatch.process_time() - began
    print(f"gaps of 1,000 assignments over 14 days: {took:.2f} s")
    assert sum(map(len, found)) > 1000
    assert took < 5  # of the processor's time; the budget is 1 s on a quiet machine
