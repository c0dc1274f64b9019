"""Every open flag must be there. One whose row is gone, by whatever way, is missed within seconds."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from riskmonitor.actions.missing import miss_flag
from riskmonitor.models import RaisedFlag

TOLD_FOR = timedelta(days=1)  # after which the log alone knows


def miss_one_flag(now: datetime) -> bool:
    """Raise something in place of the first open flag that is gone. Return False when all are there."""
    with transaction.atomic():
        missing = RaisedFlag.objects.missing().select_for_update(skip_locked=True, of=("self",))
        counterfoil = missing.select_related("patient", "treatment").order_by("flag_number").first()
        if counterfoil is None:
            return False
        miss_flag(counterfoil=counterfoil, now=now)
    return True


def missing_flags(now: datetime) -> int:
    """Return how many open flags are gone, and how many were missed within a day: somebody must find out why."""
    return RaisedFlag.objects.missing().count() + RaisedFlag.objects.missed_since(now - TOLD_FOR).count()
