"""The nights of a week together. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import mean, median_low

from .night import Night
from .settings import settings


@dataclass(frozen=True)
class SleepWeek:
    """Means of at least as many nights as the settings ask for. Minutes; efficiency in per cent.

    efficiency is all sleep of all time in bed, so that a short night does not weigh as much as a long one.
    rise: the clock time in the middle of the mornings, "06:30".
    """

    nights: int
    in_bed: float
    sleep: float
    efficiency: float
    rise: str


def latest(nights: Iterable[Night], today: date, *, after: date | None = None) -> list[Night]:
    """Return the nights of the last seven days, oldest first, each date once: what comes first in `nights` counts.

    after: only mornings later than that, such as the day from which a window holds.
    """
    since = today - timedelta(days=settings().week.nights_looked_at - 1)
    if after:
        since = max(since, after + timedelta(days=1))
    by_date: dict[date, Night] = {}
    for night in nights:
        if since <= night.on <= today:
            by_date.setdefault(night.on, night)
    return [by_date[on] for on in sorted(by_date)]


def week_of(nights: list[Night]) -> SleepWeek | None:
    """Return the means, None for too few nights: a mean of three nights says little about the fourth."""
    if len(nights) < settings().week.nights_needed:
        return None
    in_bed, sleep = mean(night.in_bed for night in nights), mean(night.sleep for night in nights)
    return SleepWeek(len(nights), in_bed, sleep, 100 * sleep / in_bed, median_low(night.rise for night in nights))
