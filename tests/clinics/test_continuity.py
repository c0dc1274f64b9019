"""Some hundred generated calendars keep the promises of continuity; `make continuity` runs 100,000 of them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from holidays.countries.sweden import SE

from clinics.cover import coverage as cover
from clinics.cover.ranges import Range
from tests.continuity.__main__ import run
from tests.continuity.calendars import What
from tests.continuity.oracle import holidays

SEED = 20261122


def test_calendars_keep_every_promise() -> None:
    found = run(range(150), seed=SEED, by_minute=2)
    assert found.broken == []
    assert found.counts["refused"] > 20
    assert found.counts["minutes asked of the oracle"] > 5_000
    assert all(found.counts[what] for what in What if what is not What.SWEEP), "everything happens at some time"


def without_absences(person: cover.Clinician, window: list[Range]) -> list[Range]:
    if person.hours is None or not window:
        return window
    return cover.intersect(window, person.hours.intervals(window[0][0], window[-1][1]))


def an_hour_late(assignment: cover.Assignment, people: cover.People, *rest: object) -> list[cover.Gap]:
    found = real_gaps(assignment, people, *rest)  # type: ignore[arg-type]  # what gaps takes
    return [cover.Gap(gap.start + timedelta(hours=1), gap.end, gap.why) for gap in found]


real_gaps = cover.gaps
RED = {
    "nobody asks what a change uncovers": ("clinics.cover.change.uncovers", lambda *args: {}),
    "the look ahead forgets absences": ("clinics.cover.coverage.presence", without_absences),
    "gaps are shown an hour late": ("clinics.cover.coverage.gaps", an_hour_late),
    "who is away is thought to be there": ("clinics.cover.coverage.present", lambda *args: True),
}


@pytest.mark.parametrize("fault", RED)
def test_a_fault_breaks_a_promise(monkeypatch: pytest.MonkeyPatch, fault: str) -> None:
    """The red twins: with each fault some calendar says so."""
    where, instead = RED[fault]
    monkeypatch.setattr(where, instead)
    by_minute = 2 if fault == "who is away is thought to be there" else 0
    assert run(range(40), seed=SEED, by_minute=by_minute).broken


def test_the_oracles_own_holidays_are_those_of_the_country() -> None:
    for year in range(2025, 2040):
        assert holidays(year) == set(SE(years=year, include_sundays=False, categories=("public", "de_facto")))


def test_the_same_seed_tells_the_same_story() -> None:
    first, second = (run(range(5), seed=SEED, by_minute=0).counts for _ in range(2))
    assert first == second
    assert run(range(5), seed=SEED + 1, by_minute=0).counts != first
