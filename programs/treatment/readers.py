"""Who reads and answers what a patient sends just now: the therapist, or whoever stands in during an absence.

The app that knows of absences and promises registers its answer here, so that a module's page, its receipt and the
messages tell the same truth.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from programs.models import Treatment
from programs.pages.filling import placeholders, reply_day


@dataclass(frozen=True)
class ReadsNow:
    """`name` is who reads, the clinic where nobody named is there. `away` names a therapist who is not there.

    `away_until` is the last day away, None without end or without absence; `reply_by` the promised day where it is
    later than the therapist's ordinary day; `back_at` when the therapist is back on that very last day, if so.
    """

    name: str
    away: str = ""
    away_until: date | None = None
    reply_by: date | None = None
    back_at: datetime | None = None


Asker = Callable[[Treatment, datetime], ReadsNow | None]
_askers: list[Asker] = []


def ask(asker: Asker) -> None:
    """Let an app above say who reads while the therapist is away; None when the therapist does."""
    if asker not in _askers:
        _askers.append(asker)


def reads_now(treatment: Treatment, now: datetime) -> ReadsNow:
    found = (asker(treatment, now) for asker in _askers)
    return next(filter(None, found), None) or ReadsNow(treatment.assignment.therapist.first_name)


def values_for_sending(treatment: Treatment, reader: ReadsNow, now: datetime) -> dict[str, str]:
    """Return the placeholders of the text around the sending: it names who reads now, and the day of that answer."""
    day = max(filter(None, [reply_day(treatment, now), reader.reply_by]))
    return placeholders(treatment, now, day) | {"behandlare": reader.name}
