"""What people read about somebody who is away: until when, and who reads and answers meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.utils import formats, timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
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


def away_words(*, away: str, answering: Sequence[str], ends_at: datetime, now: datetime) -> str:
    """Return "Berit is away up to and including 3 December. Cecilia reads and answers." with first names.

    True to the minute: an absence that ends within a day says the clock time. Without anybody answering the second
    sentence is left out, for then nobody may promise it.
    """
    first = _until(away, ends_at, now)
    if not answering:
        return first
    people = get_text_list(list(answering), _("and"))
    return first + " " + _("%(people)s reads and answers.") % {"people": people}


def end_of_day(at: datetime) -> datetime:
    """Return the local midnight that ends the day of `at`."""
    tomorrow = timezone.localdate(at) + timedelta(days=1)
    return datetime.combine(tomorrow, time(), tzinfo=timezone.get_current_timezone())


def last_day(ends_at: datetime) -> datetime | None:
    """Return a moment of the last whole day of an absence, None when it ends within a day."""
    is_midnight = timezone.localtime(ends_at).time() == time()
    return ends_at - timedelta(hours=1) if is_midnight else None


def _until(name: str, ends_at: datetime, now: datetime) -> str:
    last = last_day(ends_at)
    today = timezone.localdate(now)
    if last is not None:
        if timezone.localdate(last) == today:
            return _("%(name)s is away today.") % {"name": name}
        return _("%(name)s is away up to and including %(day)s.") % {"name": name, "day": _day(last)}
    clock = formats.date_format(timezone.localtime(ends_at), "TIME_FORMAT")
    if timezone.localdate(ends_at) == today:
        return _("%(name)s is away until %(clock)s today.") % {"name": name, "clock": clock}
    return _("%(name)s is away until %(day)s at %(clock)s.") % {"name": name, "day": _day(ends_at), "clock": clock}


def _day(at: datetime) -> str:
    return formats.date_format(timezone.localtime(at), "MONTH_DAY_FORMAT")
