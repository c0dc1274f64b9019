"""Some hundred generated calendars keep the promises of continuity; `make continuity` runs 100,000 of them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone

import pytest
from holidays.countries.sweden import SE

from clinics.cover import coverage
from clinics.cover.ranges import Range
from clinics.cover.working_time import Hours, Opening
from tests.continuity.__main__ import run
from tests.continuity.oracle import holidays
from tests.continuity.simulation import daily
from tests.continuity.states import HERE, What, local

SEED = 20261122


def test_calendars_keep_every_promise() -> None:
    found = run(range(300), seed=SEED, by_minute=2)
    assert found.broken == []
    assert found.counts["refused"] > 20
    assert found.counts["minutes asked of the oracle"] > 5_000
    assert found.counts["at 14.32 on a day when the clocks change"] > 20
    assert found.counts["answered by: hub"], "a hub is asked at some time"
    assert all(found.counts[what] for what in What if what is not What.SWEEP), "everything happens at some time"


def without_absences(person: coverage.Clinician, window: list[Range]) -> list[Range]:
    if person.hours is None or not window:
        return window
    return coverage.intersect(window, person.hours.intervals(window[0][0], window[-1][1]))


def an_hour_late(assignment: coverage.Assignment, people: coverage.People, *rest: object) -> list[coverage.Gap]:
    found = real_gaps(assignment, people, *rest)  # type: ignore[arg-type]  # what gaps takes
    return [coverage.Gap(gap.start + timedelta(hours=1), gap.end, gap.why) for gap in found]


def for_ever(person: coverage.Clinician, start: datetime, end: datetime) -> list[Range]:
    return real_belongs(person, start, end) if person.is_active and not person.from_hub else [(start, end)]


def in_every_season(hours: Hours, day: date) -> tuple[Opening, ...]:
    return hours.special.get(day, hours.weekly.get(day.weekday(), ()))


def in_winter_time(day: date, clock: time, tz: object) -> datetime:
    return datetime.combine(day, clock, tzinfo=timezone(timedelta(hours=1))).astimezone(UTC)


real_gaps, real_belongs = coverage.gaps, coverage.Clinician.belongs
RED = {
    "nobody asks what a change uncovers": ("clinics.cover.change.uncovers", lambda *args: {}),
    "the look ahead forgets absences": ("clinics.cover.coverage.presence", without_absences),
    "gaps are shown an hour late": ("clinics.cover.coverage.gaps", an_hour_late),
    "who is away is thought to be there": ("clinics.cover.coverage.present", lambda *args: True),
    "a hub is thought to help for ever": ("clinics.cover.clinicians.Clinician.belongs", for_ever),
    "the hub is not asked": ("clinics.cover.coverage.hub", lambda *args: []),
    "seasons are forgotten": ("clinics.cover.working_time.Hours.usual", in_every_season),
    "summer time is forgotten": ("clinics.cover.working_time._instant", in_winter_time),
}
BY_THE_ORACLE = {  # who alone sees it, and in which calendars
    "who is away is thought to be there": range(2), "the hub is not asked": range(185, 186),
    "seasons are forgotten": range(6, 7), "summer time is forgotten": range(3),
}  # fmt: skip


@pytest.mark.parametrize("fault", RED)
def test_a_fault_breaks_a_promise(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The red twins: with each fault some calendar says so."""
    where, instead = RED[fault]
    monkeypatch.setattr(where, instead)
    by_minute = BY_THE_ORACLE.get(fault)
    numbers = by_minute or range(40)
    assert run(numbers, seed=SEED, by_minute=numbers.stop if by_minute else 0).broken


@pytest.mark.parametrize("fault", BY_THE_ORACLE)
def test_without_the_fault_the_same_calendars_break_nothing(fault: str) -> None:
    numbers = BY_THE_ORACLE[fault]
    assert run(numbers, seed=SEED, by_minute=numbers.stop).broken == []


@pytest.mark.parametrize("first", [date(2026, 3, 20), date(2026, 10, 16)])
def test_it_is_asked_at_14_32_on_the_wall_each_day_also_when_the_clocks_change(first: date) -> None:
    asked = [each.astimezone(HERE) for each in daily(local(first, 14 * 60 + 32), local(first, 20 * 1440))]
    assert [each.date() for each in asked] == [first + timedelta(days=n) for n in range(20)]
    assert {each.time() for each in asked} == {time(14, 32)}
    assert {each.utcoffset() for each in asked} == {timedelta(hours=1), timedelta(hours=2)}
    assert len(list(daily(local(first, 14 * 60 + 33), local(first, 20 * 1440)))) == 19


def test_the_oracles_own_holidays_are_those_of_the_country() -> None:
    for year in range(2025, 2040):
        assert holidays(year) == set(SE(years=year, include_sundays=False, categories=("public", "de_facto")))


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = (run(range(5), seed=SEED, by_minute=0).counts for _ in range(2))
    assert first == second
    assert run(range(5), seed=SEED + 1, by_minute=0).counts != first
