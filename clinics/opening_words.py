"""Opening hours in words: weeks with like days put together, and what a change was about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, time
from itertools import groupby
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clinics.models import HoursChange, Weekday

Shift = tuple[int, time, time]


def week_lines(shifts: Iterable[Shift]) -> list[str]:
    """Return "Monday-Friday 08.00-17.00" and the like; days without hours are left out."""
    openings: dict[int, list[str]] = {}
    for weekday, opens, closes in sorted(shifts):
        openings.setdefault(weekday, []).append(_span(opens, closes))
    found = []
    # days that follow each other have the same number minus place in the order
    for _key, alike in groupby(enumerate(sorted(openings)), lambda each: (each[1] - each[0], openings[each[1]])):
        days = [day for _place, day in alike]
        names = [str(Weekday(day).label) for day in (days[0], days[-1])]
        name = names[0] if len(days) == 1 else f"{names[0]}\u2013{names[1].lower()}"
        found.append(f"{name} {', '.join(openings[days[0]])}")
    return found or [_("closed all week")]


def closed_words() -> str:
    return pgettext("opening hours", "closed")


def day_words(opens: time | None, closes: time | None) -> str:
    """Return a day's hours, or that it is closed."""
    return _span(opens, closes) if opens and closes else closed_words()


def days_words(first: date | None, last: date | None) -> str:
    """Return which days a change or a season is about."""
    if first is None or last is None:
        return _("The usual week")
    if first == last:
        return date_format(first, "l j F Y")
    return f"{date_format(first, 'j F')} \u2013 {date_format(last, 'j F Y')}"


def change_lines(change: HoursChange, hours: Sequence[Sequence[Any]] | None) -> list[str]:
    """Return one side of a change, before or after, in words."""
    if hours is None:
        return [_("no hours of its own")]
    shifts = [(weekday, time.fromisoformat(opens), time.fromisoformat(closes)) for weekday, opens, closes in hours]
    if change.first_day is not None and change.first_day == change.last_day:
        return [day_words(*shifts[0][1:])] if shifts else [closed_words()]
    return week_lines(shifts)


def _span(opens: time, closes: time) -> str:
    return f"{opens:%H.%M}\u2013{closes:%H.%M}"
