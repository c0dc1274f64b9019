"""When silence becomes absence: tables of cases in local clock times, to the minute."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from clinics.cover.clinicians import Clinician, Interval
from clinics.cover.not_seen import Waiting, away_from, working_time_of
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime

DAYTIME = WorkingTime(Hours(dict.fromkeys(range(5), ((time(8), time(17)),))))
ALWAYS = WorkingTime(Hours(dict.fromkeys(range(7), ((time(0), time(0)),))))
MONDAYS = WorkingTime(Hours({0: ((time(8), time(17)),)}))


def at(local: str) -> datetime:
    return datetime.fromisoformat(local).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("hours", "flag_from", "seen", "away"),
    [
        (DAYTIME, "2026-11-19T08:00", None, "2026-11-19T16:00"),  # a working day less an hour
        (DAYTIME, "2026-11-20T10:00", None, "2026-11-23T09:00"),  # seven hours on Friday, one on Monday
        (DAYTIME, "2026-11-20T20:00", None, "2026-11-23T16:00"),  # at night nothing is counted
        (DAYTIME, "2026-11-20T10:00", "2026-11-20T09:59", "2026-11-23T09:00"),  # seen before it came
        (DAYTIME, "2026-11-20T10:00", "2026-11-20T16:00", "2026-11-23T15:00"),  # seen, and not again
        (DAYTIME, "2026-12-23T10:00", None, "2026-12-28T09:00"),  # Christmas Eve is closed, and so is the day after
        (DAYTIME, "2026-06-18T10:00", None, "2026-06-22T09:00"),  # Midsummer Eve
        (MONDAYS.within(DAYTIME), "2026-11-18T10:00", None, "2026-11-23T16:00"),  # works on Mondays only
        (DAYTIME, "2026-03-27T10:00", None, "2026-03-30T09:00"),  # the clocks go forward that weekend
        (DAYTIME, "2026-10-23T10:00", None, "2026-10-26T09:00"),  # and back
        (ALWAYS, "2026-03-28T23:00", None, "2026-03-29T08:00"),  # eight hours passed, nine on the wall
        (ALWAYS, "2026-10-24T23:00", None, "2026-10-25T06:00"),  # eight hours passed, seven on the wall
    ],
)
def test_eight_working_hours_with_a_pressing_flag(
    hours: WorkingTime, flag_from: str, seen: str | None, away: str
) -> None:
    waiting = Waiting(at(flag_from), pressing=at(flag_from))
    assert away_from(waiting, at(seen) if seen else None, hours) == at(away)


@pytest.mark.parametrize(
    ("hours", "waits_from", "seen", "away"),
    [
        (DAYTIME, "2026-11-20T10:00", None, "2026-11-25T10:00"),  # the same clock time three working days later
        (DAYTIME, "2026-11-21T12:00", None, "2026-11-26T08:00"),  # a Saturday counts from Monday's opening
        (DAYTIME, "2026-11-20T10:00", "2026-11-23T11:30", "2026-11-26T11:30"),
        (DAYTIME, "2026-12-22T10:00", None, "2026-12-29T10:00"),  # 23, 28 and 29 December
        (MONDAYS.within(DAYTIME), "2026-11-16T10:00", None, "2026-12-07T10:00"),
        (DAYTIME, "2026-03-26T10:00", None, "2026-03-31T10:00"),
        (DAYTIME, "2026-10-22T10:00", None, "2026-10-27T10:00"),
    ],
)
def test_three_working_days_with_anything(hours: WorkingTime, waits_from: str, seen: str | None, away: str) -> None:
    assert away_from(Waiting(at(waits_from)), at(seen) if seen else None, hours) == at(away)


def test_a_flag_that_came_late_does_not_lengthen_the_three_days() -> None:
    waiting = Waiting(at("2026-11-17T10:00"), pressing=at("2026-11-20T09:30"))
    assert away_from(waiting, None, DAYTIME) == at("2026-11-20T10:00")


@pytest.mark.parametrize(
    ("gone", "until", "away"),
    [
        ("2026-11-20T12:00", "2026-11-20T15:00", "2026-11-23T12:00"),  # part of the day
        ("2026-11-21T00:00", "2026-11-28T00:00", "2026-11-30T09:00"),  # a planned week
        ("2026-11-01T00:00", "2026-11-20T13:00", "2026-11-23T12:00"),  # came back while it waited already
    ],
)
def test_a_known_absence_is_no_silence(gone: str, until: str, away: str) -> None:
    berit = Clinician("berit", "Berit", absences=(Interval(at(gone), at(until)),))
    waiting = Waiting(at("2026-11-20T10:00"), pressing=at("2026-11-20T10:00"))
    assert away_from(waiting, None, working_time_of(berit, DAYTIME, at("2026-12-01T12:00"))) == at(away)


def test_somebody_without_working_time_is_never_silent() -> None:
    assert away_from(Waiting(at("2026-11-20T10:00")), None, WorkingTime(Hours({}))) is None


def test_what_has_waited_the_longest_counts() -> None:
    first, second = Waiting(at("2026-11-20T10:00")), Waiting(at("2026-11-21T10:00"), at("2026-11-21T10:00"))
    joined = Waiting(at("2026-11-20T10:00"), at("2026-11-21T10:00"))
    assert first.joined(second) == second.joined(first) == joined


def test_own_time_is_the_clinics_without_the_absence() -> None:
    berit = Clinician("berit", "Berit", absences=(Interval(at("2026-11-20T12:00")),))
    own = working_time_of(berit, DAYTIME, at("2026-11-20T14:00"))
    assert own.minutes_between(at("2026-11-20T08:00"), at("2026-11-20T17:00")) == timedelta(hours=7) / timedelta(
        minutes=1
    )
