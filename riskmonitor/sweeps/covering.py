"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db.models import Sum

from clinics.models import Clinic
from riskmonitor.actions import check_patient, note_cover_check, patients_to_check
from riskmonitor.models import CoverCheck
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)


def check_cover(now: datetime) -> int:
    """Look at every clinic. Return how many patients have a gap.

    Each patient is a transaction of its own, and holds up nobody else's. One patient, or one clinic, that breaks does
    not stop the others: the auditor counts it.
    """
    return sum(_look_at(clinic, now) for clinic in Clinic.objects.real().order_by("pk"))


def unchecked_cover() -> int:
    """Return how many patients could not be looked at in the latest round; a whole clinic counts as one."""
    failed: int | None = CoverCheck.objects.aggregate(failed=Sum("failed"))["failed"]
    return failed or 0


def _look_at(clinic: Clinic, now: datetime) -> int:
    try:
        patients = patients_to_check([clinic], now)
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.not_checked", clinic=clinic.pk)
        note_cover_check(clinic=clinic, failed=1, now=now)
        return 0
    looked = [_is_bare(patient, clinic, now) for patient in patients]
    note_cover_check(clinic=clinic, failed=looked.count(None), now=now)
    return looked.count(True)


def _is_bare(patient: int, clinic: Clinic, now: datetime) -> bool | None:
    """Return whether the patient has a gap; None: that could not be told, or nobody could be."""
    try:
        return check_patient(patient=patient, clinic=clinic, now=now)
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("cover.patient_not_checked", patient=patient)
        return None
