"""What window the rules propose: tables after the content guide's 3.9."""

from __future__ import annotations

from datetime import date

import pytest

from programs.sleep.week import SleepWeek
from programs.sleep.window import Careful, Reason, bed_time, floor_for, is_due, propose

ADULT = Careful(age=40)


def week(sleep: float, in_bed: float = 480) -> SleepWeek:
    return SleepWeek(7, in_bed, sleep, 100 * sleep / in_bed, "06:30")


@pytest.mark.parametrize(
    ("sleep", "careful", "minutes"),
    [
        (330, ADULT, 360),  # mean sleep and half an hour
        (342, ADULT, 375),  # 372, up to a quarter
        (270, ADULT, 300),
        (200, ADULT, 300),  # never under five hours
        (200, Careful(age=65), 300),  # over 65 begins at 66
        (200, Careful(age=66), 330),
        (200, Careful(age=30, drives=True), 330),
        (330, Careful(age=40, dozes=True), 390),  # sleepy by day already: half an hour more
        (600, ADULT, 540),  # a window over nine hours is no window
    ],
)
def test_the_first_window_is_the_mean_sleep_and_half_an_hour(sleep: int, careful: Careful, minutes: int) -> None:
    assert propose(week(sleep), None, careful).minutes == minutes


@pytest.mark.hazard("H21b")
@pytest.mark.parametrize(
    ("efficiency", "before", "careful", "reason", "minutes"),
    [
        (92.0, 360, ADULT, Reason.WIDER, 375),
        (85.0, 360, ADULT, Reason.WIDER, 375),
        (84.6, 360, ADULT, Reason.WIDER, 375),  # reads as 85
        (84.4, 360, ADULT, Reason.SAME, 360),
        (80.0, 360, ADULT, Reason.SAME, 360),
        (79.5, 360, ADULT, Reason.SAME, 360),  # reads as 80
        (79.4, 360, ADULT, Reason.NARROWER, 345),
        (40.0, 360, ADULT, Reason.NARROWER, 345),
        (40.0, 300, ADULT, Reason.NARROWER, 300),  # the floor holds
        (40.0, 330, Careful(age=70), Reason.NARROWER, 330),
        (40.0, 300, Careful(age=40, drives=True), Reason.NARROWER, 330),  # has begun to drive: up to the floor
        (95.0, 360, Careful(age=40, dozes=True), Reason.DOZING, 390),
        (40.0, 360, Careful(age=40, dozes=True), Reason.DOZING, 390),  # dozing weighs more than efficiency
        (95.0, 540, ADULT, Reason.WIDER, 540),
        (95.0, 600, ADULT, Reason.WIDER, 600),  # what a therapist has set wider is not taken back
        (82.0, 352, ADULT, Reason.SAME, 360),
    ],
)
def test_a_window_is_adjusted(efficiency: float, before: int, careful: Careful, reason: Reason, minutes: int) -> None:
    found = propose(SleepWeek(7, before, before * efficiency / 100, efficiency, "06:30"), before, careful)
    assert (found.reason, found.minutes) == (reason, minutes)
    assert found.minutes >= floor_for(careful)


def test_it_is_said_when_the_floor_decided() -> None:
    assert propose(week(200), None, ADULT).is_held_up
    assert not propose(week(330), None, ADULT).is_held_up


@pytest.mark.parametrize(
    ("rise", "minutes", "bed"),
    [("06:30", 330, "01:00"), ("06:30", 390, "00:00"), ("06:30", 400, "23:50"), ("00:00", 300, "19:00")],
)
def test_the_window_opens_its_minutes_before_rising(rise: str, minutes: int, bed: str) -> None:
    assert bed_time(rise, minutes) == bed


@pytest.mark.parametrize(
    ("nights", "decided_on", "is_it"),
    [
        (4, None, False),
        (5, None, True),
        (7, date(2026, 11, 14), False),
        (7, date(2026, 11, 13), True),
        (4, date(2026, 11, 1), False),
    ],
)
def test_a_proposal_waits_after_nights_enough_and_a_week(nights: int, decided_on: date | None, is_it: bool) -> None:
    assert is_due(nights=nights, decided_on=decided_on, today=date(2026, 11, 20)) == is_it
