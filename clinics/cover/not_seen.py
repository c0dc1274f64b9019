"""When a clinician who is not seen while something waits counts as away (pure; architecture section 4, "Continuity").

Absence that nobody reports is the one that harms: the flags and words of patients lie with somebody who is not there.
Silence is counted in the person's own working time, so that a night, a holiday, a day off or a known absence is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinics.cover.clinicians import Clinician
from clinics.cover.working_time import NeverOpen, WorkingTime

PRESSING_MINUTES = 8 * 60  # of working time, with a flag that is to be answered now or today
DAYS = 3  # working days, with anything that waits


@dataclass(frozen=True)
class Waiting:
    """Since when something has waited for a person; `pressing` is the part of it that is a flag for now or today."""

    since: datetime
    pressing: datetime | None = None

    def joined(self, other: Waiting) -> Waiting:
        """Return both as one: what has waited the longest counts."""
        return Waiting(min(self.since, other.since), _earliest(self.pressing, other.pressing))


def working_time_of(person: Clinician, clinic: WorkingTime, now: datetime) -> WorkingTime:
    """Return the working time of the clinic in which the person was there, or should have been, until now."""
    return (person.hours or clinic).without(
        absence.clip(absence.start, now) for absence in person.absences if absence.start < now
    )


def away_from(waiting: Waiting, last_seen: datetime | None, own: WorkingTime) -> datetime | None:
    """Return the moment from which the person counts as away unless seen before it; None without working time.

    Silence begins when something waits, or when the person was last seen if that is later: what a person has seen and
    left is a decision, not an absence. `own` is what `working_time_of` returns.
    """
    try:
        at = own.add_days(_latest(waiting.since, last_seen), DAYS)
        if waiting.pressing is None:
            return at
        return min(at, own.add_minutes(_latest(waiting.pressing, last_seen), PRESSING_MINUTES))
    except NeverOpen:
        return None


def _latest(at: datetime, last_seen: datetime | None) -> datetime:
    return max(at, last_seen) if last_seen else at


def _earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    return min(one, other) if one and other else one or other
