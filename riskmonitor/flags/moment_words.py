"""A moment as it stands in a sentence about a flag: "at 14.05", or with its day."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _


def at_words(at: datetime, now: datetime) -> str:
    """Return "at 14.05" for a time of today, "on 21 November at 14.05" for others, in local time."""
    local = timezone.localtime(at)
    clock = date_format(local, "TIME_FORMAT")
    if local.date() == timezone.localdate(now):
        return _("at %(clock)s") % {"clock": clock}
    return _("on %(day)s at %(clock)s") % {"day": date_format(local, "MONTH_DAY_FORMAT"), "clock": clock}
