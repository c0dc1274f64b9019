"""Every open flag must be there. One whose row is gone, by whatever way, is missed within seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from riskmonitor.actions.missing import miss_flag
from riskmonitor.models import RaisedFlag

log = structlog.get_logger(__name__)
TOLD_FOR = timedelta(days=1)  # after which the log alone knows
BATCH = 20  # in one call: when a whole table is gone, screening and climbing still get their turn
REST = timedelta(minutes=1)  # for one that could not be told


def miss_flags(now: datetime) -> int:
    """Raise something in place of open flags that are gone, one batch per call. Return how many were told.

    One that cannot be told does not stop those behind it: it rests, and is tried again after them.
    The auditor counts it.
    """
    gone = RaisedFlag.objects.to_tell(now).values_list("pk", flat=True)[:BATCH]
    return sum(_miss(pk, now) for pk in list(gone))


def _miss(pk: int, now: datetime) -> bool:
    """Tell one, unless another process is at it."""
    try:
        with transaction.atomic():
            missing = RaisedFlag.objects.to_tell(now).select_for_update(skip_locked=True, of=("self",))
            counterfoil = missing.select_related("patient", "treatment").filter(pk=pk).first()
            if counterfoil is not None:
                miss_flag(counterfoil=counterfoil, now=now)
        return counterfoil is not None
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("flag.missing_not_told", counterfoil=pk)
        RaisedFlag.objects.filter(pk=pk).update(next_attempt_at=now + REST)
        return False


def missing_flags(now: datetime) -> int:
    """Return how many open flags are gone, and how many were missed within a day: somebody must find out why."""
    return RaisedFlag.objects.missing().count() + RaisedFlag.objects.missed_since(now - TOLD_FOR).count()
