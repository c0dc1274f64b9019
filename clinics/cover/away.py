"""Absence in words: why nobody covers a patient, and when a day ends."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinics.cover.coverage import Gap, Why
from clinics.cover.ranges import Range

WHY = {
    Why.NO_THERAPIST: gettext_lazy("no therapist is named"),
    Why.THERAPIST_ACCOUNT_CLOSED: gettext_lazy("the therapist no longer works here"),
    Why.NO_SUBSTITUTE: gettext_lazy("no substitute is named"),
    Why.SUBSTITUTE_ACCOUNT_CLOSED: gettext_lazy("the substitute no longer works here"),
    Why.SUBSTITUTE_NOT_COMPETENT: gettext_lazy("the substitute is not competent in the programme"),
    Why.SUBSTITUTE_ABSENT: gettext_lazy("the substitute is away, and the therapist may not treat in the programme"),
    Why.NEVER_OPEN: gettext_lazy("the clinic has no opening hours"),
    Why.BOTH_ABSENT: gettext_lazy("therapist and substitute are both away"),
}


def gap_words(gap: Gap) -> str:
    """Return "23 November 08.00-17.00: therapist and substitute are both away". A gap lies within one day."""
    return f"{_day(gap.start)} {hours_words([(gap.start, gap.end)])}: {WHY[gap.why]}"


def why_words(gap: Gap) -> str:
    """Return why nobody covers, as the end of a sentence."""
    return str(WHY[gap.why])


def hours_words(ranges: Iterable[Range]) -> str:
    """Return "08.00-12.00, 13.00-17.00" of ranges within one day."""
    return ", ".join(f"{_clock(start)}\u2013{_clock(end)}" for start, end in ranges)


def end_of_day(at: datetime) -> datetime:
    """Return the local midnight that ends the day of `at`."""
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=timezone.get_current_timezone())


def span_words(start: datetime, end: datetime | None) -> str:
    """Return the days of an absence, with clock times where it begins or ends within a day."""
    if end is None:
        return _("from %(moment)s until further notice") % {"moment": f"{_day(start)} {_clock(start)}"}
    last = end - timedelta(minutes=1) if _is_midnight(end) else end
    first_words = _day(start) if _is_midnight(start) else f"{_day(start)} {_clock(start)}"
    last_words = _day(last) if _is_midnight(end) else f"{_day(last)} {_clock(last)}"
    return first_words if first_words == last_words else f"{first_words} \u2013 {last_words}"


def _is_midnight(at: datetime) -> bool:
    return timezone.localtime(at).time() == time()


def _clock(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "TIME_FORMAT")


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
