"""A planned leaving, or the end of a loan, that has come: the membership ends, and what flags had opened with it."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from clinics import sweeps
from clinics.models import Membership
from riskmonitor.actions import close_to_who_left

log = structlog.get_logger(__name__)


@transaction.atomic
def end_due_membership(now: datetime) -> bool:
    """End the membership that has been due the longest, and close what flags had opened. Return False when none is.

    Open flags that the person owns are found by `escalate_one`, and patients left without cover by `check_cover`.
    """
    ended = sweeps.end_due_membership(now)
    if ended is None:
        return False
    _close_what_it_opened(ended, now)
    return True


def _close_what_it_opened(ended: Membership, now: datetime) -> None:
    """Close it, or log why not: nobody stays at a clinic because of it, and nobody who is due behind waits."""
    try:
        with transaction.atomic():
            close_to_who_left([ended.clinic] if ended.clinic else [], now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("membership.access_not_ended", membership=ended.pk)
