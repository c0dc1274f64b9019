"""Working time of a clinic and of a person in it (pure).

All moments are aware UTC datetimes, in and out; only the choice of a day and of a clock time is made in local time,
so a wait that spans the night the clocks change still ends at the hour on the wall.
Closed days are the Swedish public and de facto holidays (Christmas Eve, Midsummer Eve and New Year's Eve are only among
the latter); Sundays follow the weekly hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from clinics.cover.holidays import closed_days
from clinics.cover.ranges import Range, intersect, subtract, union

STOCKHOLM = ZoneInfo("Europe/Stockholm")
SEARCH_DAYS = 60  # no Swedish clinic is closed for two months: past that the hours are wrong, not the calendar
MINUTE = timedelta(minutes=1)
MIDNIGHT = time(0)

Opening = tuple[time, time]  # local clock times; an end of 00:00 is the midnight after


class NeverOpen(ValueError):
    """No opening within `SEARCH_DAYS` days: the opening hours are empty or wrong."""


@dataclass(frozen=True)
class Season:
    """Days, the first and the last included, with other weekly hours than usual, such as a summer schedule."""

    first: date
    last: date
    weekly: Mapping[int, tuple[Opening, ...]]


@dataclass(frozen=True)
class Hours:
    """Weekly opening hours (Monday is 0), seasons with other ones, and special days (`()` is closed), which win.

    Holidays are closed in every season; only a special day opens one. Of seasons that overlap the first one counts.
    Raise ValueError for an unknown weekday, an opening that ends before it starts, or openings that overlap.
    """

    weekly: Mapping[int, tuple[Opening, ...]]
    special: Mapping[date, tuple[Opening, ...]] = field(default_factory=dict)
    tz: ZoneInfo = STOCKHOLM
    seasons: tuple[Season, ...] = ()

    def __post_init__(self) -> None:
        weeks = [self.weekly, *(season.weekly for season in self.seasons)]
        if unknown := {day for week in weeks for day in week} - set(range(7)):
            raise ValueError(f"weekdays are 0 to 6, not {sorted(unknown)}")
        for openings in (*(each for week in weeks for each in week.values()), *self.special.values()):
            last: time | None = None
            for start, end in openings:
                if end != MIDNIGHT and end <= start:
                    raise ValueError(f"opening {start:%H:%M}-{end:%H:%M} ends before it starts")
                if last is not None and (last == MIDNIGHT or start < last):
                    raise ValueError(f"opening {start:%H:%M}-{end:%H:%M} overlaps the one before")
                last = end

    def usual(self, day: date) -> tuple[Opening, ...]:
        """Return the openings of the day as if there were no holidays."""
        if day in self.special:
            return self.special[day]
        week = next((season.weekly for season in self.seasons if season.first <= day <= season.last), self.weekly)
        return week.get(day.weekday(), ())

    def on(self, day: date) -> tuple[Opening, ...]:
        """Return the openings of the day in local time, `()` when closed."""
        if day in self.special:
            return self.special[day]
        return () if day in closed_days(day.year) else self.usual(day)


@dataclass(frozen=True)
class WorkingTime:
    """Counts in the minutes and days that the hours are open.

    `inside` is set by `within`: then the own weekly pattern is cut to those hours, and holidays and special days are
    theirs to decide. `closed` is set by `without`: ranges in which nothing is counted.
    """

    hours: Hours
    inside: WorkingTime | None = None
    closed: tuple[Range, ...] = ()
    _days: dict[date, list[Range]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def within(self, other: WorkingTime) -> WorkingTime:
        """Return a person's working time: the own hours, cut to the clinic's."""
        return WorkingTime(self.hours, inside=other)

    def without(self, closed: Iterable[Range]) -> WorkingTime:
        """Return the working time in which the person is there: none while away."""
        return replace(self, closed=tuple(union(closed)))

    def is_open(self, at: datetime) -> bool:
        """Say whether the moment lies in working time (opening included, closing not)."""
        at = _utc(at)
        return any(start <= at < end for start, end in self._day(self._date(at)))

    def open_until(self, at: datetime) -> datetime | None:
        """Return when the opening that holds the moment closes, None when closed."""
        at = _utc(at)
        return next((end for start, end in self._day(self._date(at)) if start <= at < end), None)

    def check(self, at: datetime) -> None:
        """Raise NeverOpen if somewhere from `at` on there are more than `SEARCH_DAYS` closed days in a row."""
        hours = self.hours
        last = max([self._date(_utc(at)), *hours.special, *(season.last for season in hours.seasons)])
        next(start for start, _end in self._ahead(_utc(at)) if self._date(start) > last)

    def next_open(self, at: datetime) -> datetime:
        """Return the first open moment from `at` on, `at` itself if open. Raise NeverOpen."""
        at = _utc(at)
        start, _end = next(self._ahead(at))
        return max(start, at)

    def add_minutes(self, start: datetime, minutes: float) -> datetime:
        """Return the moment when so many working minutes (>= 0) have passed; with 0, the next open moment.

        The end may be a closing time: 60 minutes from 16:00 is 17:00 also where 17:00 is closing. Raise NeverOpen.
        """
        start = _utc(start)
        if minutes <= 0:
            if minutes < 0:
                raise ValueError("minutes must not be negative")
            return self.next_open(start)
        left = minutes * MINUTE
        for opens, closes in self._ahead(start):
            opens = max(opens, start)
            if left <= closes - opens:
                return opens + left
            left -= closes - opens
        raise NeverOpen("the opening hours never end")  # _ahead never ends: it yields or raises

    def add_days(self, start: datetime, days: int) -> datetime:
        """Return the same clock time so many working days (>= 0) later, counted from the next open moment.

        When that clock time is outside the hours of the day it is moved into them: to the next opening of that day
        (closed for lunch, late opening), else to its closing (half day). Raise NeverOpen.
        """
        if days < 0:
            raise ValueError("days must not be negative")
        start = self.next_open(start)
        if days == 0:
            return start
        day = self._date(start)
        for _ in range(days):
            day = self._next_day(day)
        clock = start.astimezone(self.hours.tz).time()
        wanted = datetime.combine(day, clock, tzinfo=self.hours.tz).astimezone(UTC)
        ranges = self._day(day)
        for opens, closes in ranges:
            if wanted <= closes:
                return max(wanted, opens)
        return ranges[-1][1]

    def minutes_between(self, a: datetime, b: datetime) -> float:
        """Return the working minutes from `a` to `b`, negative when `b` is earlier."""
        if b < a:
            return -self.minutes_between(b, a)
        return sum((end - start for start, end in self.intervals(a, b)), timedelta()) / MINUTE

    def days_between(self, a: datetime, b: datetime) -> int:
        """Return how many working days begin after the day of `a`, up to and with the day of `b`."""
        first, last = self._date(_utc(a)), self._date(_utc(b))
        return sum(bool(self._day(first + timedelta(days=n))) for n in range(1, (last - first).days + 1))

    def end_of_working_day(self, at: datetime) -> datetime:
        """Return the last closing of the working day of `at`, or of the next one when closed. Raise NeverOpen."""
        return self._day(self._date(self.next_open(at)))[-1][1]

    def intervals(self, start: datetime, end: datetime) -> list[Range]:
        """Return the open ranges within [start, end), sorted and disjoint; empty when `end` is not after `start`."""
        start, end = _utc(start), _utc(end)
        found: list[Range] = []
        day, last = self._date(start), self._date(end)
        while day <= last:
            for opens, closes in self._day(day):
                opens, closes = max(opens, start), min(closes, end)
                if opens < closes:
                    found.append((opens, closes))
            day += timedelta(days=1)
        return union(found)

    def _ahead(self, at: datetime) -> Iterator[Range]:
        """Yield the ranges that end after `at`, for ever; raise NeverOpen after `SEARCH_DAYS` closed days."""
        day, closed = self._date(at), 0
        while True:
            ranges = [each for each in self._day(day) if each[1] > at]
            yield from ranges
            closed = 0 if ranges else closed + 1
            if closed > SEARCH_DAYS:
                raise NeverOpen(f"no opening within {SEARCH_DAYS} days after {at:%Y-%m-%d}")
            day += timedelta(days=1)

    def _next_day(self, day: date) -> date:
        """Return the next working day after this one. Raise NeverOpen."""
        for ahead in range(1, SEARCH_DAYS + 1):
            if self._day(day + timedelta(days=ahead)):
                return day + timedelta(days=ahead)
        raise NeverOpen(f"no opening within {SEARCH_DAYS} days after {day:%Y-%m-%d}")

    def _date(self, at: datetime) -> date:
        return at.astimezone(self.hours.tz).date()

    def _day(self, day: date) -> list[Range]:
        """Return the open ranges of a local day in UTC; remembered, since every question asks for the same few days."""
        if day not in self._days:
            openings = self.hours.on(day) if self.inside is None else self.hours.usual(day)
            own = union(self._utc_range(day, each) for each in openings)
            there = own if self.inside is None else intersect(own, self.inside._day(day))
            self._days[day] = subtract(there, self.closed)
        return self._days[day]

    def _utc_range(self, day: date, opening: Opening) -> Range:
        start, end = opening
        last = day + timedelta(days=1) if end == MIDNIGHT else day
        return _instant(day, start, self.hours.tz), _instant(last, end, self.hours.tz)


def _instant(day: date, clock: time, tz: ZoneInfo) -> datetime:
    """Return the moment of a clock time; one that the spring change skips is an hour later on the wall."""
    return datetime.combine(day, clock, tzinfo=tz).astimezone(UTC)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("an aware datetime is needed")
    return at.astimezone(UTC)
