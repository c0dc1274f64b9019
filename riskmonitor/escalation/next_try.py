"""When a patient who was not reached may be tried again (pure)."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from clinics.cover.working_time import WorkingTime
from riskmonitor.escalation.steps import DUE
from riskmonitor.rules import Urgency

WITHOUT_HOURS = timedelta(days=1)  # wall time, for a clinic whose hours are broken


class TryFault(StrEnum):
    """Why a time cannot be that of the next try."""

    PAST = "past"
    LATE = "late"
    CLOSED = "closed"


def latest_try(urgency: Urgency, now: datetime, clinic: WorkingTime) -> datetime:
    """Return the last moment for the next try: as far from now as such a flag may wait at all (ADR 0004)."""
    latest = DUE[urgency].after(now, clinic)
    return latest if latest > now else now + WITHOUT_HOURS


def fault_of_try(at: datetime, urgency: Urgency, now: datetime, clinic: WorkingTime) -> TryFault | None:
    """Return why nobody should plan to try at that time, None when it may stand.

    Out of hours there is nobody whom the clinic can promise: who would be reminded may have gone home.
    """
    if at <= now:
        return TryFault.PAST
    latest = latest_try(urgency, now, clinic)
    if at > latest:
        return TryFault.LATE
    is_counted = DUE[urgency].after(now, clinic) > now  # else the hours are broken, and tell nothing
    return TryFault.CLOSED if is_counted and at != latest and not clinic.is_open(at) else None
