"""A steady pace: the mean of three tries, 80 per cent of it, and 10 per cent more after each week that was used."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from programs.toolkit import pacing

BEGAN = date(2026, 11, 2)


def after(*days: int) -> list[date]:
    return [BEGAN + timedelta(days=day) for day in days]


@pytest.mark.parametrize(
    ("tries", "expected"), [([10, 20, 15], 15), ([1, 1, 1], 1), ([10, 10, 11], 31 / 3), ([600, 1, 1], 602 / 3)]
)
def test_the_baseline_is_the_mean_of_three_tries(tries: list[int], expected: float) -> None:
    assert pacing.baseline(tries) == pytest.approx(expected)


@pytest.mark.parametrize("tries", [[], [10], [10, 20], [10, 20, 30, 40]])
def test_a_baseline_needs_three_tries(tries: list[int]) -> None:
    with pytest.raises(ValueError, match="mean of 3 tries"):
        pacing.baseline(tries)


@pytest.mark.parametrize(
    ("base", "risen", "minutes"),
    [
        (15, 0, 12),  # 80 per cent
        (15, 1, 13),  # 13.2
        (15, 2, 14),  # 14.52
        (10, 0, 8),
        (10, 1, 8),  # 8.8: rounded down
        (10, 2, 9),  # 9.68: the part of a minute was not lost
        (100, 1, 88),
        (1, 0, 1),  # never none at all
        (600, 0, 480),
    ],
)
def test_the_quota_is_a_share_that_rises(base: float, risen: int, minutes: int) -> None:
    assert pacing.quota(base, risen) == minutes


@pytest.mark.parametrize(
    ("done", "today", "risen"),
    [
        ([], 30, 0),  # nothing done: nothing rises
        ([0], 6, 0),  # the first week is not over
        ([0], 7, 1),
        ([0, 3, 6], 7, 1),  # several times in one week raise once
        ([0, 8], 13, 1),  # the week that runs does not count yet
        ([0, 8], 14, 2),
        ([0], 28, 1),  # weeks of rest raise nothing
        ([-3], 28, 0),  # before the baseline
    ],
)
def test_only_finished_weeks_in_which_it_was_done_raise(done: list[int], today: int, risen: int) -> None:
    assert pacing.raises(BEGAN, after(*done), after(today)[0]) == risen


@given(st.floats(1, 600), st.integers(0, 20))
def test_the_quota_never_falls_and_starts_at_or_under_the_baseline(base: float, risen: int) -> None:
    assert pacing.quota(base, 0) <= max(base, 1)
    assert pacing.quota(base, risen) <= pacing.quota(base, risen + 1)


def test_each_number_has_a_source() -> None:
    listed = yaml.safe_load(pacing.SETTINGS.read_text(encoding="utf-8"))["pacing"]
    assert all(fact["source"] for fact in listed.values())
    assert (pacing.settings().quota, pacing.settings().rise) == (80, 10)
