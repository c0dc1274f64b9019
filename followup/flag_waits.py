"""How long a clinic's flags wait until they are read and until they are decided, in its working time. Reads only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median

from django.utils.translation import gettext as _

from clinics.cover import roster
from clinics.cover.working_time import WorkingTime
from clinics.models import Clinic
from riskmonitor.models import Flag
from riskmonitor.models.flag import URGENCIES
from riskmonitor.rules import Kind, Urgency

PERIOD = timedelta(days=90)
DASH = "\u2013"


class Until(StrEnum):
    """What a flag waits for: that a clinician first opens its page, and that it is closed with an outcome."""

    READ = "read"
    DECIDED = "decided"


@dataclass(frozen=True)
class Waits:
    """Working minutes that flags waited, from raised on, by the urgency that they have now; None where there is none.

    When a flag became as urgent as it is, no row says: one that rose is counted with the time before, and the page says
    so.

    `median` and `longest` are of the `done` ones. Those that still wait stand apart, with the longest time until now:
    they would make the others look better, or worse, than they were.
    """

    urgency: Urgency
    until: Until
    done: int
    median: float | None
    longest: float | None
    waiting: int
    longest_so_far: float | None


@dataclass(frozen=True)
class _Raised:
    urgency: str
    at: datetime
    read_at: datetime | None
    closed_at: datetime | None

    def end(self, until: Until) -> datetime | None:
        return self.closed_at if until is Until.DECIDED else self.read_at

    def still_waits(self, until: Until) -> bool:
        """Tell whether it may yet happen: what was closed before readings were kept is neither done nor waiting."""
        return self.closed_at is None and self.end(until) is None


def flag_waits(clinic: Clinic, now: datetime) -> list[Waits]:
    """Return the waits of the flags raised in the last 90 days, by urgency. Two queries.

    Left out are canaries, and flags about cover, which close by themselves. The hours are the clinic's of today.
    """
    flags = Flag.objects.filter(clinic=clinic, clinic__is_canary=False).exclude(kind=Kind.UNCOVERED)
    rows = flags.filter(raised_at__gt=now - PERIOD, raised_at__lte=now)
    raised = [_Raised(*row) for row in rows.values_list("urgency", "raised_at", "first_read_at", "closed_at")]
    hours = roster.working_time(clinic)
    return [
        _waits(Urgency(urgency), until, [each for each in raised if each.urgency == urgency], hours, now)
        for urgency, _label in URGENCIES
        for until in Until
    ]


def _waits(urgency: Urgency, until: Until, raised: Sequence[_Raised], hours: WorkingTime, now: datetime) -> Waits:
    done = [hours.minutes_between(each.at, end) for each in raised if (end := each.end(until))]
    waiting = [hours.minutes_between(each.at, now) for each in raised if each.still_waits(until)]
    return Waits(
        urgency=urgency,
        until=until,
        done=len(done),
        median=median(done) if done else None,
        longest=max(done, default=None),
        waiting=len(waiting),
        longest_so_far=max(waiting, default=None),
    )


def columns() -> list[tuple[str, bool]]:
    """Return the headings of the table, each with whether numbers stand under it."""
    return [
        (_("Flags"), False),
        (_("Number"), True),
        (_("Median"), True),
        (_("Longest"), True),
        (_("Waiting now"), True),
        (_("Longest so far"), True),
    ]


def in_words(waits: Waits) -> list[str]:
    """Return one row of the table."""
    labels = {Until.READ: _("%(urgency)s, until first read"), Until.DECIDED: _("%(urgency)s, until decided")}
    name = labels[waits.until] % {"urgency": str(dict(URGENCIES)[waits.urgency]).capitalize()}
    times = [_length(each) for each in (waits.median, waits.longest, waits.longest_so_far)]
    return [name, str(waits.done), times[0], times[1], str(waits.waiting), times[2]]


def _length(minutes: float | None) -> str:
    """Return "35 min", from an hour on "2 h" or "2 h 5 min"."""
    if minutes is None:
        return DASH
    whole, rest = divmod(round(minutes), 60)
    if not whole:
        return _("%(minutes)d min") % {"minutes": rest}
    if not rest:
        return _("%(hours)d h") % {"hours": whole}
    return _("%(hours)d h %(minutes)d min") % {"hours": whole, "minutes": rest}
