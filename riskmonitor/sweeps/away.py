"""Absence that nobody reports: whoever is not seen while something waits is taken as away, and the chain goes on."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from clinics.actions import take_as_away
from riskmonitor.actions import hand_over
from riskmonitor.unanswered import Silent, silent

log = structlog.get_logger(__name__)


def notice_silence(now: datetime) -> int:
    """Take those as away who are silent. Return how many. One that breaks does not stop the others."""
    return sum(_take(each, now) for each in silent(now))


def _take(each: Silent, now: datetime) -> bool:
    try:
        with transaction.atomic():
            absence = take_as_away(user=each.user, last_seen=each.last_seen, now=now)
            if absence is not None:
                hand_over(absence=absence, now=now)
        return absence is not None
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("silence.not_taken", user=each.user.pk)
        return False
