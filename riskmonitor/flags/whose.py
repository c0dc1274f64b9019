"""Whose a flag is, said to somebody who may not read it any more. Reads only."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from clinics.models import Patient, User
from riskmonitor.actions import is_held
from riskmonitor.actions.handing import owner_is_there
from riskmonitor.models import Flag


class Whose(StrEnum):
    CLOSED = "closed"
    TAKEN = "taken"
    WAITS = "waits"  # with somebody who is there and has not taken it on yet
    NOBODY = "nobody"  # with nobody who is there and reads it


def whose(flag: Flag, reader: User, now: datetime) -> Whose:
    """Return whose the flag is. It is nobody's while it lies with the reader, who may not read it."""
    if flag.closed_at:
        return Whose.CLOSED
    if flag.unreachable_since or flag.owner_id == reader.pk or not _can_answer(flag, now):
        return Whose.NOBODY
    return Whose.TAKEN if is_held(flag, now) else Whose.WAITS


def _can_answer(flag: Flag, now: datetime) -> bool:
    """Tell whether the owner is there, and reads what the patient wrote or owns the flag for handing it out only."""
    if not owner_is_there(flag, now):
        return False
    return not flag.may_decide or Patient.objects.in_care_of(flag.owner, now).filter(pk=flag.patient_id).exists()
