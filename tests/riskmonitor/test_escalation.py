"""The climb of a flag: cases, every presence pattern in a small world, and what must hold in any."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.cover.coverage import Assignment, Clinician, Interval, People, accountable, present
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime
from riskmonitor.escalation.next_step import Climb, FlagState, next_step
from riskmonitor.escalation.steps import DEFAULT_PLANS, Audience, Step, Wait, due_at, lapse_at, plan
from riskmonitor.rules import Kind, Urgency

PROGRAMME = "depression"
OFFICE = ((time(8), time(17)),)
clinic = WorkingTime(Hours(dict.fromkeys(range(5), OFFICE)))
assignment = Assignment(PROGRAMME, "berit", "cecilia")
CAST = (
    Clinician("berit", "Berit", frozenset({PROGRAMME})),
    Clinician("cecilia", "Cecilia", frozenset({PROGRAMME})),
    Clinician("asa", "Åsa", frozenset({PROGRAMME}), open_flags=3),
    Clinician("bo", "Bo", frozenset({PROGRAMME}), open_flags=1),
    Clinician("lena", "Lena", may_treat=False),
    Clinician("dag", "Dag", may_treat=False, may_decide=False),
)
GONE = (Interval(datetime(2020, 1, 1, tzinfo=UTC)),)


def at(text: str) -> datetime:
    """Return the moment of a local clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def people(gone: Iterable[str] = ()) -> People:
    away = set(gone)
    members = {each.code: replace(each, absences=GONE if each.code in away else ()) for each in CAST}
    return People(members, lead="lena", deputy="dag")


def raised(urgency: Urgency, moment: datetime, kind: Kind = Kind.SUICIDE) -> FlagState:
    return FlagState(kind, urgency, moment, assignment)


def after(flag: FlagState, climb: Climb) -> FlagState:
    """Store a climb as the sweep does."""
    taken = frozenset(climb.taken) if climb.lapsed else flag.taken | set(climb.taken)
    return replace(
        flag,
        taken=taken,
        owner=climb.owner,
        clock_from=climb.clock_from,
        next_step_at=climb.next_step_at,
        acknowledged_at=None if climb.lapsed else flag.acknowledged_at,
    )


def follow(flag: FlagState, count: int, cast: People | None = None) -> list[tuple[datetime, Climb]]:
    """Run the climbs as punctual sweeps would, from the moment the flag is raised."""
    steps, now, climbs = plan(flag.kind, flag.urgency), flag.clock_from, []
    for _ in range(count):
        climb = next_step(flag, steps, cast or people(), clinic, now)
        climbs.append((now, climb))
        flag, now = after(flag, climb), climb.next_step_at
    return climbs


def story(climbs: list[tuple[datetime, Climb]]) -> list[tuple[str, str | None, str | None]]:
    return [
        (f"{moment.astimezone(STOCKHOLM):%m-%d %H:%M}", climb.audience and climb.audience.value, climb.owner)
        for moment, climb in climbs
    ]


# -- the tables --------------------------------------------------------------------------------------------------------


def test_now_climbs_in_minutes_and_the_lead_is_asked_each_hour() -> None:
    climbs = follow(raised(Urgency.NOW, at("2026-11-23T09:00")), 6)
    assert story(climbs) == [
        ("11-23 09:00", "therapist", "berit"),
        ("11-23 09:30", "substitute", "cecilia"),
        ("11-23 10:00", "team", "bo"),
        ("11-23 11:00", "lead", "lena"),
        ("11-23 12:00", "lead", "lena"),
        ("11-23 13:00", "lead", "lena"),
    ]
    assert [climb.taken for _, climb in climbs] == [(0,), (1,), (2,), (3,), (), ()]
    assert [climb.repeats for _, climb in climbs] == [False] * 4 + [True] * 2
    assert climbs[2][1].notify == ("bo", "asa", "berit", "cecilia"), "all of the team, those not yet asked first"


def test_today_climbs_in_days_and_team_and_lead_come_together() -> None:
    climbs = follow(raised(Urgency.TODAY, at("2026-11-26T14:15")), 5)
    assert story(climbs) == [
        ("11-26 14:15", "therapist", "berit"),
        ("11-27 14:15", "substitute", "cecilia"),
        ("11-30 14:15", "lead", "lena"),
        ("12-01 14:15", "lead", "lena"),
        ("12-02 14:15", "lead", "lena"),
    ]
    assert climbs[2][1].taken == (2, 3)
    assert climbs[2][1].notify == ("bo", "asa", "berit", "cecilia", "lena")


def test_week_waits_in_the_list_and_reaches_the_lead_after_three_days() -> None:
    climbs = follow(raised(Urgency.WEEK, at("2026-11-23T10:00")), 3)
    assert story(climbs) == [
        ("11-23 10:00", "therapist", "berit"),
        ("11-26 10:00", "lead", "lena"),
        ("12-01 10:00", "lead", "lena"),
    ]


@pytest.mark.parametrize("urgency", list(Urgency))
def test_uncovered_turns_to_lead_and_deputy(urgency: Urgency) -> None:
    climbs = follow(raised(urgency, at("2026-11-23T10:00"), Kind.UNCOVERED), 3)
    repeats = {Urgency.NOW: "11-23 11:30", Urgency.TODAY: "11-24 10:30", Urgency.WEEK: "11-26 10:30"}
    assert story(climbs) == [
        ("11-23 10:00", "lead", "lena"),
        ("11-23 10:30", "deputy", "dag"),
        (repeats[urgency], "deputy", "dag"),
    ]
    assert not climbs[1][1].may_decide


def test_the_default_plans_are_whole() -> None:
    for kind, urgency in itertools.product(Kind, Urgency):
        steps = plan(kind, urgency)
        assert [step.position for step in steps] == list(range(len(steps)))
        assert steps[0].wait == Wait(minutes=0)
        assert steps[-1].repeat
        assert Audience.HUB not in {step.audience for step in steps}
    assert {urgency for _kind, urgency in DEFAULT_PLANS} == set(Urgency)


@pytest.mark.parametrize(
    ("urgency", "start", "due", "lapse"),
    [
        (Urgency.NOW, "2026-11-23T16:30", "2026-11-24T08:30", "2026-11-24T08:30"),
        (Urgency.TODAY, "2026-11-23T16:30", "2026-11-24T16:30", "2026-11-24T11:30"),
        (Urgency.WEEK, "2026-11-23T16:30", "2026-11-26T16:30", "2026-11-26T16:30"),
        (Urgency.NOW, "2026-06-18T19:00", "2026-06-22T09:00", "2026-06-22T09:00"),  # Midsummer
        (Urgency.TODAY, "2026-12-23T15:00", "2026-12-28T15:00", "2026-12-28T10:00"),  # Christmas
    ],
)
def test_due_and_lapse_are_working_time(urgency: Urgency, start: str, due: str, lapse: str) -> None:
    assert due_at(urgency, at(start), clinic) == at(due)
    assert lapse_at(urgency, at(start), clinic) == at(lapse)


def test_a_wait_is_minutes_or_days_and_a_repeat_is_longer_than_nothing() -> None:
    for wrong in ({}, {"minutes": 1, "days": 1}):
        with pytest.raises(ValueError, match="either"):
            Wait(**wrong)
    with pytest.raises(ValueError, match="repeat"):
        Step(0, Audience.LEAD, Wait(minutes=0), Wait(minutes=0))
    with pytest.raises(ValueError, match="step"):
        next_step(raised(Urgency.NOW, at("2026-11-23T09:00")), (), people(), clinic, at("2026-11-23T09:00"))


# -- nights, holidays, clock changes -----------------------------------------------------------------------------------


@pytest.mark.hazard("H18c")
@pytest.mark.parametrize(
    ("start", "climbs_at"),
    [
        ("2026-06-18T16:45", ["06-18 16:45", "06-22 08:15", "06-22 08:45", "06-22 09:45", "06-22 10:45"]),
        ("2026-10-23T16:45", ["10-23 16:45", "10-26 08:15", "10-26 08:45", "10-26 09:45", "10-26 10:45"]),
        ("2027-03-25T16:45", ["03-25 16:45", "03-30 08:15", "03-30 08:45", "03-30 09:45", "03-30 10:45"]),
        ("2026-10-25T02:30", ["10-25 02:30", "10-26 08:30", "10-26 09:00", "10-26 10:00", "10-26 11:00"]),
        ("2026-03-29T01:59", ["03-29 01:59", "03-30 08:30", "03-30 09:00", "03-30 10:00", "03-30 11:00"]),
        ("2026-12-24T12:00", ["12-24 12:00", "12-28 08:30", "12-28 09:00", "12-28 10:00", "12-28 11:00"]),
    ],
)
def test_each_step_comes_once_over_nights_holidays_and_clock_changes(start: str, climbs_at: list[str]) -> None:
    told = story(follow(raised(Urgency.NOW, at(start)), 5))
    assert [moment for moment, _audience, _owner in told] == climbs_at
    assert [audience for _moment, audience, _owner in told] == ["therapist", "substitute", "team", "lead", "lead"]


def test_a_flag_raised_at_night_belongs_at_once_to_whoever_is_there_in_the_morning() -> None:
    cast = people()
    back_later = replace(cast.members["berit"], absences=(Interval(at("2026-11-24T07:00"), at("2026-11-24T12:00")),))
    night = at("2026-11-23T23:10")
    climb = next_step(
        raised(Urgency.NOW, night), plan(Kind.SUICIDE, Urgency.NOW), replace_in(cast, back_later), clinic, night
    )
    assert (climb.owner, climb.taken, climb.next_step_at) == ("cecilia", (0, 1), at("2026-11-24T09:00"))


def replace_in(cast: People, person: Clinician) -> People:
    return replace(cast, members={**cast.members, person.code: person})


def test_a_clock_that_starts_at_the_next_opening_still_gives_an_owner_at_once() -> None:
    flag = raised(Urgency.NOW, at("2026-11-24T08:00"))
    climb = next_step(flag, plan(flag.kind, flag.urgency), people(), clinic, at("2026-11-23T23:10"))
    assert (climb.owner, climb.next_step_at) == ("berit", at("2026-11-24T08:30"))


# -- absence -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("gone", "owner", "taken", "next_at"),
    [
        (["berit"], "cecilia", (0, 1), "10:00"),
        (["berit", "cecilia"], "bo", (0, 1, 2), "11:00"),
        (["berit", "cecilia", "asa", "bo"], "lena", (0, 1, 2, 3), "10:00"),
        (["berit", "cecilia", "asa", "bo", "lena"], "dag", (0, 1, 2, 3), "10:00"),
    ],
)
def test_absent_audiences_are_skipped_in_the_same_run(
    gone: list[str], owner: str, taken: tuple[int, ...], next_at: str
) -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    climb = next_step(flag, plan(flag.kind, flag.urgency), people(gone), clinic, flag.clock_from)
    assert (climb.owner, climb.taken, climb.notify[0]) == (owner, taken, owner)
    assert climb.next_step_at == at(f"2026-11-23T{next_at}")


def test_when_everybody_is_away_the_owner_stays_and_it_tries_again_soon() -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    steps = plan(flag.kind, flag.urgency)
    nobody = people(person.code for person in CAST)
    climb = next_step(flag, steps, nobody, clinic, flag.clock_from)
    assert climb.nobody
    assert (climb.owner, climb.notify, climb.next_step_at) == ("berit", (), at("2026-11-23T09:05"))
    later = after(flag, climb)
    assert next_step(later, steps, nobody, clinic, later.next_step_at).next_step_at == at("2026-11-23T09:10")
    back = next_step(later, steps, people(["berit", "cecilia", "lena", "dag"]), clinic, later.next_step_at)
    assert (back.owner, back.nobody, back.repeats) == ("bo", False, True)


def test_a_clinic_that_never_opens_is_reported_and_tried_again() -> None:
    flag = raised(Urgency.TODAY, at("2026-11-23T09:00"))
    climb = next_step(flag, plan(flag.kind, flag.urgency), people(), WorkingTime(Hours({})), flag.clock_from)
    assert climb.nobody
    assert climb.next_step_at == at("2026-11-23T09:05")


def test_an_owner_who_falls_ill_is_followed_at_once() -> None:
    flag = raised(Urgency.TODAY, at("2026-11-23T09:00"))
    steps = plan(flag.kind, flag.urgency)
    flag = after(flag, next_step(flag, steps, people(), clinic, flag.clock_from))
    climb = next_step(flag, steps, people(["berit"]), clinic, at("2026-11-23T10:00"))
    assert (climb.owner, climb.audience, climb.taken) == ("cecilia", Audience.SUBSTITUTE, (1,))


def test_therapist_substitute_lead_and_deputy_may_be_one_person() -> None:
    alone = Clinician("david", "David", frozenset({PROGRAMME}))
    cast = People({"david": alone}, lead="david", deputy="david")
    flag = replace(raised(Urgency.NOW, at("2026-11-23T09:00")), assignment=Assignment(PROGRAMME, "david", "david"))
    told = story(follow(flag, 4, cast))
    assert told == [
        ("11-23 09:00", "therapist", "david"),
        ("11-23 09:30", "lead", "david"),
        ("11-23 10:30", "lead", "david"),
        ("11-23 11:00", "lead", "david"),
    ]


# -- late sweeps and early calls ---------------------------------------------------------------------------------------


def test_a_late_sweep_takes_all_due_steps_together_and_tells_everyone_once() -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    steps = plan(flag.kind, flag.urgency)
    flag = after(flag, next_step(flag, steps, people(), clinic, flag.clock_from))
    climb = next_step(flag, steps, people(), clinic, at("2026-11-23T13:10"))
    assert (climb.taken, climb.audience, climb.owner) == ((1, 2, 3), Audience.LEAD, "lena")
    assert climb.notify == ("cecilia", "bo", "asa", "berit", "lena")
    assert climb.next_step_at == at("2026-11-23T14:00"), "the rhythm is kept"


def test_a_flag_that_no_sweep_has_met_takes_all_that_is_due_at_once() -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    climb = next_step(flag, plan(flag.kind, flag.urgency), people(), clinic, at("2026-11-23T10:10"))
    assert (climb.taken, climb.owner, climb.next_step_at) == ((0, 1, 2), "bo", at("2026-11-23T11:00"))
    assert climb.notify == ("berit", "cecilia", "bo", "asa")


def test_a_call_before_the_time_changes_nothing() -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    steps = plan(flag.kind, flag.urgency)
    for moment in ("09:00", "09:30", "10:00", "11:00", "12:00"):
        now = at(f"2026-11-23T{moment}")
        flag = after(flag, next_step(flag, steps, people(), clinic, now))
        again = next_step(flag, steps, people(), clinic, now + timedelta(minutes=1))
        assert (again.taken, again.audience, again.notify, again.owner) == ((), None, (), flag.owner)
        assert again.next_step_at == flag.next_step_at


def test_an_acknowledged_flag_is_held_until_it_lapses_and_then_begins_again() -> None:
    flag = raised(Urgency.NOW, at("2026-11-23T09:00"))
    steps = plan(flag.kind, flag.urgency)
    flag = after(flag, next_step(flag, steps, people(), clinic, flag.clock_from))
    flag = replace(flag, owner="bo", acknowledged_at=at("2026-11-23T09:20"))
    held = next_step(flag, steps, people(), clinic, at("2026-11-23T10:00"))
    assert (held.owner, held.notify, held.next_step_at) == ("bo", (), at("2026-11-23T10:20"))
    lapsed = next_step(flag, steps, people(), clinic, at("2026-11-23T10:20"))
    assert lapsed.lapsed
    assert (lapsed.owner, lapsed.taken, lapsed.clock_from) == ("berit", (0,), at("2026-11-23T10:20"))
    assert lapsed.next_step_at == at("2026-11-23T10:50")
    ill = next_step(flag, steps, people(["bo"]), clinic, at("2026-11-23T09:30"))
    assert ill.lapsed
    assert ill.owner == "berit"


# -- all of a small world ----------------------------------------------------------------------------------------------

CODES = tuple(person.code for person in CAST)
MOMENTS = [
    at(f"2026-11-{day}T{clock}") for day in (20, 21, 23) for clock in ("07:50", "09:00", "12:30", "16:50", "23:00")
]


def must_hold(flag: FlagState, climb: Climb, cast: People, hours: WorkingTime, now: datetime) -> None:
    """Check what no climb may break."""
    assert climb.next_step_at > now, "never silent, never a hot loop"
    somebody = accountable(flag.assignment, cast, hours, now) is not None
    assert climb.owner is not None
    if climb.nobody:
        assert not somebody
        assert climb.notify == ()
        assert climb.owner == (flag.owner or flag.assignment.therapist)
        return
    owner = cast.get(climb.owner)
    assert owner is not None
    assert present(owner, now, hours), "the owner is present"
    assert climb.may_decide is owner.may_decide
    assert len(set(climb.notify)) == len(climb.notify)
    assert all(present(cast.members[code], now, hours) for code in climb.notify)
    assert bool(climb.notify) is (climb.audience is not None)
    assert not climb.notify or climb.owner in climb.notify
    assert not (set(climb.taken) & flag.taken) or climb.lapsed


@pytest.mark.parametrize("urgency", list(Urgency))
def test_every_presence_pattern_at_every_step_keeps_the_promises(urgency: Urgency) -> None:
    """Walk all states that any sequence of two presence patterns and sweep times can reach."""
    steps = plan(Kind.SUICIDE, urgency)
    casts = [people(gone) for n in range(len(CODES) + 1) for gone in itertools.combinations(CODES, n)]
    seen: set[tuple[frozenset[int], str | None]] = set()
    states = [raised(urgency, at("2026-11-20T15:00"))]
    while states:
        flag = states.pop()
        for cast in casts:
            for moment in MOMENTS:
                now = max(moment, flag.clock_from)
                climb = next_step(flag, steps, cast, clinic, now)
                must_hold(flag, climb, cast, clinic, now)
                stored = after(flag, climb)
                assert stored.taken >= flag.taken
                if (stored.taken, stored.owner) not in seen:
                    seen.add((stored.taken, stored.owner))
                    states.append(replace(stored, next_step_at=None))
    assert {owner for _taken, owner in seen} == set(CODES)
    assert {len(taken) for taken, _owner in seen} == set(range(1, len(steps) + 1))


@pytest.mark.parametrize("kind", [Kind.SUICIDE, Kind.UNCOVERED])
@pytest.mark.parametrize("urgency", list(Urgency))
def test_under_each_presence_pattern_every_step_is_taken_once_and_then_it_repeats(urgency: Urgency, kind: Kind) -> None:
    for gone in itertools.chain.from_iterable(itertools.combinations(CODES, n) for n in range(len(CODES))):
        climbs = follow(raised(urgency, at("2026-10-23T16:30"), kind), 7, people(gone))
        taken = [position for _now, climb in climbs for position in climb.taken]
        assert taken == [step.position for step in plan(kind, urgency)]
        if not climbs[-1][1].nobody:
            assert climbs[-1][1].repeats
            assert climbs[-1][1].notify


# -- anything goes -----------------------------------------------------------------------------------------------------

waits = st.integers(0, 300).map(lambda n: Wait(minutes=n)) | st.integers(0, 4).map(lambda n: Wait(days=n))
repeats = st.integers(1, 300).map(lambda n: Wait(minutes=n)) | st.integers(1, 4).map(lambda n: Wait(days=n))
plans = st.lists(
    st.builds(Step, st.integers(0, 9), st.sampled_from(Audience), waits, st.none() | repeats),
    min_size=1, max_size=6, unique_by=lambda step: step.position,
)  # fmt: skip
moments = st.datetimes(datetime(2026, 3, 20), datetime(2027, 4, 5), timezones=st.just(UTC))  # noqa: DTZ001
absences = st.tuples(moments, st.none() | st.integers(1, 20_000)).map(
    lambda pair: Interval(pair[0], None if pair[1] is None else pair[0] + timedelta(minutes=pair[1]))
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_plan_and_any_people_keep_the_promises(data: st.DataObject) -> None:
    members = {
        person.code: replace(
            person,
            absences=tuple(data.draw(st.lists(absences, max_size=2))) if data.draw(st.booleans()) else (),
            is_active=data.draw(st.integers(0, 6)) > 0,
        )
        for person in CAST
    }
    code = st.sampled_from(CODES)
    cast = People(members, lead=data.draw(code), deputy=data.draw(st.none() | code))
    start = data.draw(moments)
    named = Assignment(PROGRAMME, data.draw(code), data.draw(st.none() | code))
    flag = FlagState(Kind.SUICIDE, data.draw(st.sampled_from(Urgency)), start, named)
    steps, now = data.draw(plans), start
    for _ in range(12):
        climb = next_step(flag, steps, cast, clinic, now)
        must_hold(flag, climb, cast, clinic, now)
        flag = after(flag, climb)
        if data.draw(st.integers(0, 5)) == 0:
            flag = replace(flag, acknowledged_at=now)
        now = max(now, climb.next_step_at + timedelta(minutes=data.draw(st.sampled_from([0, 0, 0, 7, 3000]))))
    assert flag.taken
