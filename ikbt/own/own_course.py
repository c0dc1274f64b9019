"""How the patient's own main measure has gone: drawn, and in words that meet and never grade. Reads values."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from followup.bands import bands_of
from programs.charts import Point, Trend, trend
from programs.instruments import Instrument, is_reliably_better, is_reliably_worse

WEEK = timedelta(days=7)
Total = tuple[datetime, Decimal]


def drawn(instrument: Instrument, totals: Sequence[Total], started_at: datetime) -> Trend | None:
    """Return the totals over the weeks, from the second one on."""
    if len(totals) < 2:
        return None
    points = []
    for at, total in totals:
        weeks = (at - started_at) / WEEK
        points.append(Point(at=weeks, label=_("wk %(n)d") % {"n": int(weeks) + 1}, value=float(total)))
    return trend(
        id="course", title=_("How you have been"), points=points,
        bands=bands_of(instrument, get_language() or "sv"),
        low=instrument.scoring.low, high=instrument.scoring.high,
        note=_("Lower is better.") if instrument.higher_is_worse else _("Higher is better."),
    )  # fmt: skip


def in_words(instrument: Instrument, totals: Sequence[Total], reader: str) -> str:
    """Return the last total against the one before; a marked change for the worse is met, never graded."""
    if len(totals) < 2:
        return ""
    before, last = totals[-2][1], totals[-1][1]
    if is_reliably_worse(instrument, before, last):
        return _("This is a hard week. %(name)s sees it too.") % {"name": reader}
    if last == before:
        return _("The same as the time before.")
    if is_reliably_better(instrument, before, last):
        return _("Lower than the time before.") if last < before else _("Higher than the time before.")
    return _("A little lower than the time before.") if last < before else _("A little higher than the time before.")
