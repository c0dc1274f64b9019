"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import Sum

from clinics.models import Clinic
from riskmonitor.actions import ReadAtOnce, check_patient, note_cover_checks, patients_to_check, read_at_once
from riskmonitor.models import CoverCheck
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)


def check_cover(now: datetime) -> int:
    """Look at every clinic. Return how many patients have a gap.

    Each patient is a transaction of its own, and holds up nobody else's. One patient, or one clinic, that breaks does
    not stop the others: the auditor counts it.

    Who is named, and who was said to be bare, is read once for all clinics. Where nobody is, or was, nobody is locked.
    """
    read = _read()
    looked = {clinic: _look_at(clinic, read, now) for clinic in Clinic.objects.real().order_by("pk")}
    note_cover_checks({clinic: found.count(None) for clinic, found in looked.items()}, now)
    return sum(found.count(True) for found in looked.values())


def unchecked_cover() -> int:
    """Return how many patients could not be looked at in the latest round; a whole clinic counts as one."""
    failed: int | None = CoverCheck.objects.aggregate(failed=Sum("failed"))["failed"]
    return failed or 0


def _read() -> ReadAtOnce | None:
    """Return what all clinics share; None where one row spoils it: each clinic reads its own then."""
    try:
        return read_at_once()
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.not_read_at_once")
        return None


def _look_at(clinic: Clinic, read: ReadAtOnce | None, now: datetime) -> list[bool | None]:
    """Return what `_is_bare` says of each patient who may be, or was; one None where the clinic could not be told."""
    try:
        patients = patients_to_check([clinic], now, read=read)
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.not_checked", clinic=clinic.pk)
        return [None]
    return [_is_bare(patient, clinic, now) for patient in patients]


def _is_bare(patient: int, clinic: Clinic, now: datetime) -> bool | None:
    """Return whether the patient has a gap; None: that could not be told, or nobody could be."""
    try:
        return check_patient(patient=patient, clinic=clinic, now=now)
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.patient_not_checked", patient=patient)
        return None
