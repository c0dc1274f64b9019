"""Working time: clock changes, holidays, half days, lunch, and what must hold for any hours."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinics.cover.working_time import STOCKHOLM, Hours, NeverOpen, WorkingTime

OFFICE = ((time(8), time(17)),)
LUNCH = ((time(8), time(12)), (time(13), time(17)))
ALWAYS = ((time(0), time(0)),)
WEEKDAYS = range(5)

clinic = WorkingTime(Hours(dict.fromkeys(WEEKDAYS, OFFICE)))
lunch_closed = WorkingTime(Hours(dict.fromkeys(WEEKDAYS, LUNCH)))
round_the_clock = WorkingTime(Hours(dict.fromkeys(range(7), ALWAYS)))


def at(text: str) -> datetime:
    """Return the moment of a local clock time."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "is_open"),
    [
        ("2026-11-20T07:59", False),
        ("2026-11-20T08:00", True),
        ("2026-11-20T16:59", True),
        ("2026-11-20T17:00", False),  # closing does not belong to the day
        ("2026-11-21T10:00", False),  # Saturday
        ("2026-06-19T10:00", False),  # Midsummer Eve
        ("2026-12-24T10:00", False),
        ("2026-12-31T10:00", False),
        ("2027-01-06T10:00", False),  # Epiphany
        ("2026-12-23T10:00", True),
    ],
)
def test_it_is_open_in_the_weekly_hours_and_closed_on_holidays(moment: str, is_open: bool) -> None:
    assert clinic.is_open(at(moment)) is is_open


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        ("2026-11-20T10:30", "2026-11-20T10:30"),  # open: itself
        ("2026-11-20T05:00", "2026-11-20T08:00"),
        ("2026-11-20T17:00", "2026-11-23T08:00"),  # Friday closing: Monday
        ("2026-06-18T18:00", "2026-06-22T08:00"),  # over Midsummer
        ("2026-12-23T18:00", "2026-12-28T08:00"),  # over Christmas
    ],
)
def test_the_next_opening_is_found(moment: str, opens: str) -> None:
    assert clinic.next_open(at(moment)) == at(opens)


@pytest.mark.parametrize(
    ("start", "minutes", "end"),
    [
        ("2026-11-20T10:00", 60, "2026-11-20T11:00"),
        ("2026-11-20T16:00", 60, "2026-11-20T17:00"),  # ends at closing, not at the next opening
        ("2026-11-20T16:30", 60, "2026-11-23T08:30"),
        ("2026-11-21T12:00", 60, "2026-11-23T09:00"),  # from opening
        ("2026-11-21T12:00", 0, "2026-11-23T08:00"),
        ("2026-06-18T16:45", 60, "2026-06-22T08:45"),
        ("2026-12-23T16:00", 120, "2026-12-28T09:00"),
        ("2026-12-30T16:00", 120, "2027-01-04T09:00"),  # New Year's Eve is closed; 1 January is a Friday
        ("2026-11-20T08:00", 9 * 60 * 3, "2026-11-24T17:00"),
    ],
)
def test_minutes_are_counted_in_open_hours_only(start: str, minutes: int, end: str) -> None:
    assert clinic.add_minutes(at(start), minutes) == at(end)
    assert clinic.minutes_between(at(start), at(end)) == minutes


def test_a_lunch_closed_clinic_does_not_count_lunch() -> None:
    assert lunch_closed.add_minutes(at("2026-11-20T11:30"), 60) == at("2026-11-20T13:30")
    assert lunch_closed.next_open(at("2026-11-20T12:10")) == at("2026-11-20T13:00")
    assert lunch_closed.minutes_between(at("2026-11-20T08:00"), at("2026-11-20T17:00")) == 480


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        ("2026-11-19T10:20", 1, "2026-11-20T10:20"),
        ("2026-11-20T10:20", 1, "2026-11-23T10:20"),
        ("2026-11-20T19:00", 1, "2026-11-24T08:00"),  # counted from Monday's opening
        ("2026-11-21T14:00", 1, "2026-11-24T08:00"),
        ("2026-11-20T06:00", 1, "2026-11-23T08:00"),
        ("2026-06-18T15:00", 1, "2026-06-22T15:00"),
        ("2026-12-22T15:00", 3, "2026-12-29T15:00"),
        ("2026-11-20T10:20", 0, "2026-11-20T10:20"),
    ],
)
def test_working_days_keep_the_clock_time(start: str, days: int, end: str) -> None:
    assert clinic.add_days(at(start), days) == at(end)


def test_a_half_day_moves_the_clock_time_to_its_closing() -> None:
    half = WorkingTime(Hours(dict.fromkeys(WEEKDAYS, OFFICE), {date(2026, 11, 20): ((time(8), time(12)),)}))
    assert half.add_days(at("2026-11-19T15:00"), 1) == at("2026-11-20T12:00")
    assert half.add_days(at("2026-11-19T15:00"), 2) == at("2026-11-23T15:00")
    assert half.end_of_working_day(at("2026-11-19T18:00")) == at("2026-11-20T12:00")
    assert half.add_minutes(at("2026-11-20T11:30"), 60) == at("2026-11-23T08:30")


def test_a_clock_time_in_the_lunch_break_moves_to_the_afternoon() -> None:
    hours = Hours({0: OFFICE, 1: LUNCH, 2: ((time(10), time(12)),)})
    mixed = WorkingTime(hours)
    assert mixed.add_days(at("2026-11-23T12:20"), 1) == at("2026-11-24T13:00")
    assert mixed.add_days(at("2026-11-23T08:20"), 2) == at("2026-11-25T10:00")


def test_a_special_day_wins_over_a_holiday_and_can_close_a_weekday() -> None:
    special = {date(2026, 12, 24): ((time(9), time(11)),), date(2026, 11, 20): ()}
    odd = WorkingTime(Hours(dict.fromkeys(WEEKDAYS, OFFICE), special))
    assert odd.is_open(at("2026-12-24T10:00"))
    assert not odd.is_open(at("2026-11-20T10:00"))
    assert odd.add_days(at("2026-11-19T10:00"), 1) == at("2026-11-23T10:00")


@pytest.mark.hazard("H18a")
@pytest.mark.parametrize(
    ("friday", "monday"),
    [
        ("2026-03-27", "2026-03-30"),
        ("2026-10-23", "2026-10-26"),
        ("2027-03-25", "2027-03-30"),
        ("2027-10-29", "2027-11-01"),
    ],
)
def test_the_clock_time_is_kept_over_the_night_the_clocks_change(friday: str, monday: str) -> None:
    assert clinic.add_days(at(f"{friday}T15:30"), 1) == at(f"{monday}T15:30")
    assert clinic.add_minutes(at(f"{friday}T16:30"), 60) == at(f"{monday}T08:30")


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2027, 3, 28), 23), (date(2027, 10, 31), 25)],
)
def test_a_clinic_open_at_night_counts_the_hours_that_pass(day: date, hours: int) -> None:
    midnight = datetime.combine(day, time(0), tzinfo=STOCKHOLM)
    tomorrow = datetime.combine(day + timedelta(days=1), time(0), tzinfo=STOCKHOLM)
    always = WorkingTime(Hours(dict.fromkeys(range(7), ALWAYS), {day: ALWAYS}))
    assert always.minutes_between(midnight, tomorrow) == hours * 60
    assert always.add_minutes(midnight, hours * 60) == tomorrow


def test_openings_inside_the_lost_hour_vanish_and_never_run_backwards() -> None:
    night = WorkingTime(Hours({6: ((time(2, 30), time(3, 15)), (time(3, 15), time(4)))}))
    spans = night.intervals(at("2026-03-29T00:00"), at("2026-03-30T00:00"))
    assert spans == [(at("2026-03-29T03:15"), at("2026-03-29T04:00"))]


def test_a_persons_hours_are_cut_to_the_clinics() -> None:
    special = {date(2026, 11, 25): ((time(8), time(12)),), date(2026, 12, 24): ((time(9), time(11)),)}
    open_clinic = WorkingTime(Hours(dict.fromkeys(WEEKDAYS, LUNCH), special))
    own = {2: ((time(7), time(16)),), 3: ((time(10), time(14)),)}  # Wednesday and Thursday
    person = WorkingTime(Hours(own)).within(open_clinic)
    assert person.intervals(at("2026-11-23T00:00"), at("2026-11-28T00:00")) == [
        (at("2026-11-25T08:00"), at("2026-11-25T12:00")),
        (at("2026-11-26T10:00"), at("2026-11-26T12:00")),
        (at("2026-11-26T13:00"), at("2026-11-26T14:00")),
    ]
    assert person.is_open(at("2026-12-24T10:30")), "the clinic decides about holidays"
    assert not person.is_open(at("2026-12-25T10:30"))


def test_the_end_of_the_working_day_is_todays_or_the_next_ones() -> None:
    assert lunch_closed.end_of_working_day(at("2026-11-20T09:00")) == at("2026-11-20T17:00")
    assert lunch_closed.end_of_working_day(at("2026-11-20T17:00")) == at("2026-11-23T17:00")


def test_hours_that_never_open_say_so() -> None:
    never = WorkingTime(Hours({}))
    for ask in (
        lambda: never.next_open(at("2026-11-20T10:00")),
        lambda: never.add_minutes(at("2026-11-20T10:00"), 1),
        lambda: never.add_days(at("2026-11-20T10:00"), 1),
        lambda: never.end_of_working_day(at("2026-11-20T10:00")),
    ):
        with pytest.raises(NeverOpen, match="60 days"):
            ask()
    assert not never.is_open(at("2026-11-20T10:00"))
    assert never.minutes_between(at("2026-11-20T10:00"), at("2027-11-20T10:00")) == 0


def test_hours_with_a_single_last_day_end_there() -> None:
    last = WorkingTime(Hours({}, {date(2026, 11, 20): OFFICE}))
    assert last.add_minutes(at("2026-11-20T10:00"), 420) == at("2026-11-20T17:00")
    with pytest.raises(NeverOpen):
        last.add_minutes(at("2026-11-20T10:00"), 421)
    with pytest.raises(NeverOpen):
        last.add_days(at("2026-11-20T10:00"), 1)


def test_the_search_ahead_stops_after_sixty_days() -> None:
    start = at("2026-11-20T10:00")
    reached = WorkingTime(Hours({}, {date(2026, 11, 20): OFFICE, date(2027, 1, 19): OFFICE}))
    assert reached.add_days(start, 1) == at("2027-01-19T10:00")
    assert reached.next_open(at("2026-11-20T17:00")) == at("2027-01-19T08:00")
    beyond = WorkingTime(Hours({}, {date(2026, 11, 20): OFFICE, date(2027, 1, 20): OFFICE}))
    for ask in (lambda: beyond.add_days(start, 1), lambda: beyond.next_open(at("2026-11-20T17:00"))):
        with pytest.raises(NeverOpen):
            ask()


@pytest.mark.parametrize(
    "weekly",
    [
        {7: OFFICE},
        {0: ((time(12), time(8)),)},
        {0: ((time(8), time(8)),)},
        {0: ((time(8), time(12)), (time(11), time(13)))},
        {0: ((time(8), time(0)), (time(11), time(13)))},
    ],
)
def test_wrong_hours_are_refused(weekly: dict[int, tuple[tuple[time, time], ...]]) -> None:
    with pytest.raises(ValueError, match=r"weekdays|opening"):
        Hours(weekly)


def test_naive_datetimes_and_negative_waits_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        clinic.is_open(datetime(2026, 11, 20, 10))  # noqa: DTZ001 - the naive datetime is the case
    with pytest.raises(ValueError, match="negative"):
        clinic.add_minutes(at("2026-11-20T10:00"), -1)
    with pytest.raises(ValueError, match="negative"):
        clinic.add_days(at("2026-11-20T10:00"), -1)


def test_days_between_counts_working_days_begun_since() -> None:
    assert clinic.days_between(at("2026-11-20T10:00"), at("2026-11-20T16:00")) == 0
    assert clinic.days_between(at("2026-11-20T10:00"), at("2026-11-22T16:00")) == 0
    assert clinic.days_between(at("2026-11-20T10:00"), at("2026-11-23T00:30")) == 1
    assert clinic.days_between(at("2026-12-22T10:00"), at("2026-12-29T10:00")) == 3


# -- what holds for any hours ------------------------------------------------------------------------------------------

quarter = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
daytime = st.integers(24, 80).map(lambda n: time(n // 4, n % 4 * 15))


def openings(clock: st.SearchStrategy[time]) -> st.SearchStrategy[tuple[tuple[time, time], ...]]:
    pairs = st.lists(clock, unique=True, max_size=4).map(sorted)
    return pairs.map(lambda times: tuple(zip(times[::2], times[1::2], strict=False)))


def working_times(clock: st.SearchStrategy[time]) -> st.SearchStrategy[WorkingTime]:
    weekly = st.dictionaries(st.integers(0, 6), openings(clock), max_size=7)
    special = st.dictionaries(st.dates(date(2026, 3, 20), date(2027, 11, 5)), openings(clock), max_size=5)
    return st.tuples(weekly, special).map(lambda both: WorkingTime(Hours({**both[0], 2: OFFICE}, both[1])))


moments = st.datetimes(datetime(2026, 3, 20), datetime(2027, 11, 5), timezones=st.just(UTC))  # noqa: DTZ001


@settings(max_examples=150, deadline=None)
@given(working_times(quarter), moments, st.integers(0, 5000))
def test_adding_then_counting_gives_the_minutes_back(hours: WorkingTime, start: datetime, minutes: int) -> None:
    end = hours.add_minutes(start, minutes)
    assert end >= start
    assert hours.minutes_between(start, end) == minutes
    assert hours.minutes_between(end, start) == -minutes


@settings(max_examples=150, deadline=None)
@given(working_times(quarter), moments, moments, st.integers(0, 2000), st.integers(0, 2000))
def test_minutes_keep_the_order(hours: WorkingTime, a: datetime, b: datetime, some: int, more: int) -> None:
    a, b = sorted((a, b))
    some, more = sorted((some, more))
    assert hours.add_minutes(a, some) <= hours.add_minutes(b, some)
    assert hours.add_minutes(a, some) <= hours.add_minutes(a, more)


@settings(max_examples=150, deadline=None)
@given(working_times(daytime), moments, moments, st.integers(0, 6))
def test_days_keep_the_order_and_land_on_a_working_day(hours: WorkingTime, a: datetime, b: datetime, days: int) -> None:
    a, b = sorted((a, b))
    end = hours.add_days(a, days)
    assert a <= end <= hours.add_days(b, days)
    assert end < hours.add_days(a, days + 1)
    assert any(opens <= end <= closes for opens, closes in hours.intervals(a, end + timedelta(days=1)))


@settings(max_examples=100, deadline=None)
@given(working_times(quarter), working_times(quarter), moments)
def test_intervals_and_is_open_agree(own: WorkingTime, open_clinic: WorkingTime, start: datetime) -> None:
    person = own.within(open_clinic)
    spans = person.intervals(start, start + timedelta(days=4))
    assert all(a < b for a, b in spans)
    assert all(first[1] < second[0] for first, second in itertools.pairwise(spans))
    for n in range(0, 4 * 24 * 4, 5):
        moment = start + timedelta(minutes=15 * n)
        assert person.is_open(moment) is any(a <= moment < b for a, b in spans)
        assert not person.is_open(moment) or open_clinic.is_open(moment)
