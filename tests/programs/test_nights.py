"""One night of the sleep diary in numbers: a table of nights, the two nights of the clock, and what cannot be."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.fields import FieldFault
from programs.sleep.night import Night, faults, night, too_late
from programs.sleep.settings import settings
from programs.sleep.week import latest, week_of

SPRING, AUTUMN = "2026-03-29", "2026-10-25"  # mornings after the clocks were moved in Sweden


def told(**instead: Any) -> dict[str, Any]:
    """A plain night in November: in bed 23 to 07, half an hour to fall asleep, half an hour awake."""
    return {"date": "2026-11-20", "bed": "23:00", "to_sleep": 30, "awake": 30, "rise": "07:00"} | instead


def counted(**instead: Any) -> tuple[int, int, int]:
    found = night(told(**instead))
    assert isinstance(found, Night), found
    return found.in_bed, found.sleep, round(found.efficiency)


@pytest.mark.parametrize(
    ("entry", "in_bed", "sleep", "efficiency"),
    [
        ({}, 480, 420, 88),
        ({"bed": "00:30"}, 390, 330, 85),  # after midnight: the same date as the morning
        ({"bed": "00:00"}, 420, 360, 86),
        ({"lights_out": "23:40"}, 480, 380, 79),  # reading in bed is time in bed and no sleep
        ({"bed": "23:30", "lights_out": "00:15"}, 450, 345, 77),  # midnight between bed and lights out
        ({"last_waking": "05:30"}, 480, 330, 69),  # lying awake in the morning too
        ({"bed": "21:00", "lights_out": "21:00", "last_waking": "23:50", "rise": "00:10"}, 190, 110, 58),
        ({"to_sleep": 0, "awake": 0}, 480, 480, 100),
        ({"to_sleep": 300, "awake": 180}, 480, 0, 0),  # a night without sleep is a night
        ({"bed": "08:10", "rise": "15:10"}, 420, 360, 86),  # after a night's work
        ({"bed": "02:00", "rise": "02:01", "to_sleep": 0, "awake": 0}, 1, 1, 100),
        ({"bed": "13:00", "rise": "07:00"}, 1080, 1020, 94),  # the longest that is taken
    ],
)
def test_a_night_is_counted(entry: dict[str, Any], in_bed: int, sleep: int, efficiency: int) -> None:
    assert counted(**entry) == (in_bed, sleep, efficiency)


@pytest.mark.hazard("H21b")
@pytest.mark.parametrize(
    ("entry", "in_bed", "sleep"),
    [
        ({"date": SPRING}, 420, 360),  # 23 to 07 is seven hours when 02 became 03
        ({"date": SPRING, "bed": "01:30", "rise": "03:30"}, 60, 0),
        ({"date": SPRING, "bed": "03:10"}, 230, 170),  # all of it after the clock was moved
        ({"date": SPRING, "last_waking": "02:30"}, 420, 150),  # a time that was not: read from a clock not moved
        ({"date": "2026-03-30"}, 480, 420),  # the night after is an ordinary one
        ({"date": AUTUMN}, 540, 480),  # nine hours when 03 became 02
        ({"date": AUTUMN, "bed": "01:30", "rise": "03:30"}, 180, 120),
        ({"date": AUTUMN, "bed": "02:30"}, 330, 270),  # to bed at the first half past two
        ({"date": AUTUMN, "rise": "02:30"}, 270, 210),  # up at the second
        ({"date": AUTUMN, "bed": "02:40", "rise": "02:20", "to_sleep": 5, "awake": 5}, 40, 30),
        ({"date": AUTUMN, "bed": "03:10"}, 230, 170),
        ({"date": "2026-10-26"}, 480, 420),
    ],
)
def test_the_nights_of_the_clock_are_counted_in_real_time(entry: dict[str, Any], in_bed: int, sleep: int) -> None:
    assert counted(**entry)[:2] == (in_bed, sleep)


@pytest.mark.parametrize(
    ("entry", "field", "reason"),
    [
        ({"to_sleep": 300, "awake": 200}, "awake", "awake_longer_than_night"),
        ({"last_waking": "23:20"}, "awake", "awake_longer_than_night"),
        ({"date": SPRING, "to_sleep": 400}, "awake", "awake_longer_than_night"),  # the hour that was not is no sleep
        ({"bed": "07:00"}, "rise", "no_time_in_bed"),
        ({"bed": "07:30"}, "rise", "too_long_in_bed"),  # to bed half an hour after rising is a whole day in bed
        ({"bed": "12:59"}, "rise", "too_long_in_bed"),
        ({"lights_out": "22:45"}, "lights_out", "lights_out_before_bed"),
        ({"last_waking": "07:10"}, "last_waking", "waking_after_rise"),
        ({"bed": None}, "bed", "required"),
        ({"awake": None}, "awake", "required"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(entry: dict[str, Any], field: str, reason: str) -> None:
    assert faults(told(**entry)) == [FieldFault(field, reason)]


@pytest.mark.parametrize(
    ("on", "reason"),
    [("2026-11-20", ""), ("2026-11-18", ""), ("2026-11-17", "night_too_old"), ("2026-11-21", "night_to_come")],
)
def test_a_night_is_told_when_it_has_ended_and_while_it_is_remembered(on: str, reason: str) -> None:
    found = too_late(told(date=on), date(2026, 11, 20))
    assert [fault.reason for fault in found] == ([reason] if reason else [])


CLOCK = st.builds(lambda hour, minute: f"{hour:02d}:{minute:02d}", st.integers(0, 23), st.integers(0, 59))
NIGHTS = st.fixed_dictionaries(
    {
        "date": st.dates(date(2024, 1, 1), date(2030, 12, 31)).map(str) | st.sampled_from([SPRING, AUTUMN]),
        "bed": CLOCK, "rise": CLOCK, "to_sleep": st.integers(0, 720), "awake": st.integers(0, 720),
    },
    optional={"lights_out": CLOCK, "last_waking": CLOCK},
)  # fmt: skip


@given(NIGHTS)
def test_sleep_is_never_longer_than_the_time_in_bed(entry: dict[str, Any]) -> None:
    found = night(entry)
    if isinstance(found, Night):
        assert 0 <= found.sleep <= found.in_bed <= settings().night.longest_in_bed
        assert 0 <= found.efficiency <= 100
    else:
        assert found


@given(NIGHTS, st.integers(1, 60))
def test_more_time_awake_is_less_sleep(entry: dict[str, Any], more: int) -> None:
    one, other = night(entry), night(entry | {"awake": entry["awake"] + more})
    if isinstance(one, Night) and isinstance(other, Night):
        assert other.sleep == one.sleep - more


TODAY = date(2026, 11, 20)


def nights(count: int, *, sleep: int = 360, last: date = TODAY) -> list[Night]:
    """Nights of eight hours in bed, the last one first."""
    return [Night(last - timedelta(days=days), "23:00", "07:00", 480, sleep) for days in range(count)]


@pytest.mark.parametrize(("count", "is_enough"), [(0, False), (4, False), (5, True), (7, True)])
def test_a_week_needs_five_nights(count: int, is_enough: bool) -> None:
    assert (week_of(nights(count)) is not None) == is_enough


def test_a_week_is_the_last_seven_days_and_each_night_counts_once() -> None:
    told_again = Night(TODAY, "23:00", "07:00", 480, 100)
    found = latest([told_again, *nights(12)], TODAY)
    assert [each.on for each in found] == [TODAY - timedelta(days=days) for days in range(6, -1, -1)]
    assert found[-1].sleep == 100
    assert [each.on for each in latest(nights(12), TODAY, after=date(2026, 11, 17))] == [
        date(2026, 11, 18), date(2026, 11, 19), TODAY,
    ]  # fmt: skip


def test_a_long_night_weighs_more_in_the_efficiency_than_a_short_one() -> None:
    short = [Night(TODAY - timedelta(days=9 + days), "05:00", "07:00", 120, 120) for days in range(5)]
    week = week_of([*nights(5, sleep=240), *short])
    assert week is not None
    assert round(week.efficiency) == 60  # not the mean of 50 and 100


def test_every_number_of_the_settings_has_its_source() -> None:
    assert [name for name, source in settings().sources.items() if len(source.split()) < 3] == []
    assert len(settings().sources) == 16
