"""Moments in the words people use: today 14.20, yesterday 09.05, 13 november."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _


def in_words(at: datetime, now: datetime) -> str:
    """Return day and clock time in local time; the day by its name where it is near."""
    zone = timezone.get_current_timezone()
    local, today = at.astimezone(zone), now.astimezone(zone).date()
    day, clock = local.date(), f"{local.hour:02}.{local.minute:02}"
    if day == today:
        return _("today %(clock)s") % {"clock": clock}
    if day == today - timedelta(days=1):
        return _("yesterday %(clock)s") % {"clock": clock}
    if day == today + timedelta(days=1):
        return _("tomorrow %(clock)s") % {"clock": clock}
    far = abs(day - today) > timedelta(days=300)
    return f"{_day(day, 'j F Y' if far else 'j F', get_language())} {clock}"


@lru_cache(maxsize=2000)
def _day(day: date, pattern: str, language: str | None) -> str:
    """Return the day in words, remembered: a list says the same few days a hundred times."""
    return date_format(day, pattern)
