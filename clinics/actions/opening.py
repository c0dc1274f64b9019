"""Change when a clinic is open. Refused while it would leave the clinic never open, or anybody uncovered."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

import structlog
from django.db import transaction
from django.utils import timezone

from clinics.audit import Did, audit
from clinics.cover import roster
from clinics.cover.cover_kept import cover_kept
from clinics.cover.working_time import NeverOpen, Opening
from clinics.models import Clinic, ClosingDay, HoursChange, OpeningHours, Season, SeasonHours, User

log = structlog.get_logger(__name__)
Shift = tuple[int, time, time]  # weekday (Monday is 0), from, until: local clock times
FARTHEST = timedelta(days=3 * 365)
Stored = list[list[Any]] | None


class HoursFault(StrEnum):
    PAST = "past"  # the day, or the whole season, has passed
    TOO_FAR = "too_far"  # years ahead: a slip of the hand, and every question would have to look as far
    BACKWARDS = "backwards"  # the season ends before it begins
    OVERLAPS = "overlaps"  # another season has some of the days
    NEVER_OPEN = "never_open"  # the clinic would not open for months


class HoursRefused(Exception):
    """The hours cannot be taken; `fault` says why."""

    def __init__(self, fault: HoursFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass
class Noted:
    """What became of a change: None when the clinic was open in those hours already."""

    change: HoursChange | None = None


def change_week(*, clinic: Clinic, week: Iterable[Shift], by: User, now: datetime) -> HoursChange | None:
    """Open the clinic in these hours each week, from now on. Return None when nothing differs.

    Raise HoursRefused, Uncovered or NobodyLeads, and save nothing: so do all verbs here.
    """
    with _noted(clinic, lambda: _week(clinic.opening_hours.all()), None, None, by, now) as noted:
        clinic.opening_hours.all().delete()
        OpeningHours.objects.bulk_create(
            OpeningHours(clinic=clinic, weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in week
        )
    return noted.change


def set_day(*, clinic: Clinic, day: date, opening: Opening | None, by: User, now: datetime) -> HoursChange | None:
    """Open the clinic in these hours on one day, a holiday too, or close it that day (None)."""
    _look_at(day, now)
    opens, closes = opening or (None, None)
    with _noted(clinic, lambda: _day(clinic, day), day, day, by, now) as noted:
        ClosingDay.objects.update_or_create(clinic=clinic, day=day, defaults={"opens": opens, "closes": closes})
    return noted.change


def forget_day(*, clinic: Clinic, day: date, by: User, now: datetime) -> HoursChange | None:
    """Let a day be as other days of its kind again."""
    _look_at(day, now)
    with _noted(clinic, lambda: _day(clinic, day), day, day, by, now) as noted:
        clinic.closing_days.filter(day=day).delete()
    return noted.change


def save_season(
    *, clinic: Clinic, first: date, last: date, week: Iterable[Shift], by: User, now: datetime
) -> HoursChange | None:
    """Open the clinic in these hours each week from the first day to the last; no hours at all: closed throughout.

    A season of the very same days gets the new hours; one that shares some of them is a refusal.
    """
    if last < first:
        raise HoursRefused(HoursFault.BACKWARDS)
    _look_at(last, now)
    with _noted(clinic, lambda: _season(clinic, first, last), first, last, by, now) as noted:
        clinic.seasons.filter(first_day=first, last_day=last).delete()
        if clinic.seasons.filter(first_day__lte=last, last_day__gte=first).exists():
            raise HoursRefused(HoursFault.OVERLAPS)
        season = Season.objects.create(clinic=clinic, first_day=first, last_day=last)
        SeasonHours.objects.bulk_create(
            SeasonHours(season=season, weekday=weekday, opens=opens, closes=closes) for weekday, opens, closes in week
        )
    return noted.change


def drop_season(*, clinic: Clinic, first: date, last: date, by: User, now: datetime) -> HoursChange | None:
    """Let the usual weekly hours count on these days again."""
    with _noted(clinic, lambda: _season(clinic, first, last), first, last, by, now) as noted:
        clinic.seasons.filter(first_day=first, last_day=last).delete()
    return noted.change


def _look_at(day: date, now: datetime) -> None:
    """Raise HoursRefused for a day that has passed, or that lies years ahead."""
    today = timezone.localdate(now)
    if day < today:
        raise HoursRefused(HoursFault.PAST)
    if day > today + FARTHEST:
        raise HoursRefused(HoursFault.TOO_FAR)


@contextmanager
def _noted(
    clinic: Clinic, stored: Callable[[], Stored], first: date | None, last: date | None, by: User, now: datetime
) -> Iterator[Noted]:
    """Do what is inside, keep it only if nobody is left alone and the clinic opens again, and write down the change."""
    noted = Noted()
    with transaction.atomic(), cover_kept([clinic], now):
        before = stored()
        yield noted
        try:
            roster.working_time(clinic).check(now)
        except NeverOpen:
            raise HoursRefused(HoursFault.NEVER_OPEN) from None
        if (after := stored()) == before:
            return
        noted.change = HoursChange.objects.create(
            clinic=clinic, first_day=first, last_day=last, before=before, after=after, saved_at=now, saved_by=by
        )
        audit(by=by, did=Did.CHANGED, what=f"hours:{noted.change.pk}", clinic=clinic, now=now)
        log.info("hours.changed", clinic=clinic.pk)


def _week(rows: Iterable[OpeningHours | SeasonHours]) -> list[list[Any]]:
    return [[each.weekday, f"{each.opens:%H:%M}", f"{each.closes:%H:%M}"] for each in rows]


def _season(clinic: Clinic, first: date, last: date) -> Stored:
    season = clinic.seasons.filter(first_day=first, last_day=last).first()
    return _week(season.hours.all()) if season else None


def _day(clinic: Clinic, day: date) -> Stored:
    found = clinic.closing_days.filter(day=day).first()
    if found is None:
        return None
    return [[0, f"{found.opens:%H:%M}", f"{found.closes:%H:%M}"]] if found.opens and found.closes else []
