"""A planned leaving, or the end of a loan, that has come: the membership ends, and what flags had opened with it."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from clinics.models import AccessGrant, Clinic
from clinics.sweeps import take_due_membership
from riskmonitor.actions import close_to_who_left
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)


@transaction.atomic
def end_due_membership(now: datetime) -> bool:
    """End the membership that has been due the longest, and close what flags had opened. Return False when none is.

    Open flags that the person owns are found by `escalate_one`, and patients left without cover by `check_cover`.
    """
    ended = take_due_membership(now)
    if ended is None:
        return False
    if ended.clinic:
        _close(ended.clinic, now)
    return True


def end_left_access(now: datetime) -> int:
    """Close what flags have opened to people who have left, where that failed, or was not done. Return where it was.

    Each clinic is a transaction of its own. The auditor counts what is left.
    """
    left = AccessGrant.objects.left_behind(now).values("patient__clinic")
    return sum(_close(clinic, now) for clinic in Clinic.objects.filter(pk__in=left).order_by("pk"))


def _close(clinic: Clinic, now: datetime) -> bool:
    """Close it, or log why not: nobody stays at a clinic because of it, and nobody who is due behind waits."""
    try:
        with transaction.atomic():
            close_to_who_left([clinic], now)
        return True
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("membership.access_not_ended", clinic=clinic.pk)
        return False
