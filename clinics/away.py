"""Absence in words: why nobody covers a patient, and when a day ends."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext_lazy

from clinics.cover import Gap, Why

WHY = {
    Why.NO_THERAPIST: gettext_lazy("no therapist is named"),
    Why.THERAPIST_ACCOUNT_CLOSED: gettext_lazy("the therapist no longer works here"),
    Why.NO_SUBSTITUTE: gettext_lazy("no substitute is named"),
    Why.SUBSTITUTE_ACCOUNT_CLOSED: gettext_lazy("the substitute no longer works here"),
    Why.SUBSTITUTE_NOT_COMPETENT: gettext_lazy("the substitute is not competent in the programme"),
    Why.SUBSTITUTE_ABSENT: gettext_lazy("the substitute is away, and the therapist may not treat in the programme"),
    Why.BOTH_ABSENT: gettext_lazy("therapist and substitute are both away"),
}


def gap_words(gap: Gap) -> str:
    """Return "23 November 08.00-17.00: therapist and substitute are both away". A gap lies within one day."""
    start, end = (formats.date_format(timezone.localtime(at), "TIME_FORMAT") for at in (gap.start, gap.end))
    return f"{_day(gap.start)} {start}\u2013{end}: {WHY[gap.why]}"


def end_of_day(at: datetime) -> datetime:
    """Return the local midnight that ends the day of `at`."""
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=timezone.get_current_timezone())


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
