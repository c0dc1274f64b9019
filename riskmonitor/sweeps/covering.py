"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import Sum

from clinics.models import Clinic
from riskmonitor.actions import check_patient, note_cover_checks, patients_to_check
from riskmonitor.models import CoverCheck
from riskmonitor.sweeps.faults import database_is_away
from riskmonitor.watch.uncovered import NamedByClinic, named_by_clinic

log = structlog.get_logger(__name__)


def check_cover(now: datetime) -> int:
    """Look at every clinic. Return how many patients have a gap.

    Each patient is a transaction of its own, and holds up nobody else's. One patient, or one clinic, that breaks does
    not stop the others: the auditor counts it.

    Who is named is read once for all clinics. Where nobody is bare and no flag says so, that is all: nobody is locked.
    """
    named = _named()
    looked = {clinic: _look_at(clinic, named, now) for clinic in Clinic.objects.real().order_by("pk")}
    note_cover_checks({clinic: found.count(None) for clinic, found in looked.items()}, now)
    return sum(found.count(True) for found in looked.values())


def unchecked_cover() -> int:
    """Return how many patients could not be looked at in the latest round; a whole clinic counts as one."""
    failed: int | None = CoverCheck.objects.aggregate(failed=Sum("failed"))["failed"]
    return failed or 0


def _named() -> NamedByClinic | None:
    """Return who is named at all clinics; None where one row spoils it: each clinic reads its own then."""
    try:
        return named_by_clinic()
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.not_read_at_once")
        return None


def _look_at(clinic: Clinic, named: NamedByClinic | None, now: datetime) -> list[bool | None]:
    """Return what `_is_bare` says of each patient who may be, or was; one None where the clinic could not be told."""
    try:
        patients = patients_to_check([clinic], now, named=named)
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
