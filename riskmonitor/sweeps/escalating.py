"""Climb what is due. The flag that fails does not stop the next."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import F

from riskmonitor.actions import climb
from riskmonitor.models import Flag
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)
RETRY_AFTER = timedelta(seconds=30)


def escalate_one(now: datetime) -> bool:
    """Climb the flag that has been due the longest. Return False when none is due.

    1. Lock the oldest due flag; leave those that another sweep holds.
    2. Take its next step: notices, owner, and the clock for the step after.
    3. If that fails, count it, move the flag forward and shout: one broken flag must not stop the others. A database
       that is away is waited for; one that answers and refuses this flag alone is a broken flag.
    """
    flag: Flag | None = None
    try:
        with transaction.atomic():
            due = Flag.objects.due(now).select_related("clinic", "owner", "patient", "treatment__assignment")
            flag = due.select_for_update(skip_locked=True, of=("self",)).first()
            if flag is None:
                return False
            climb(flag, now)
    except Exception as error:
        if flag is None or database_is_away(error):
            raise
        log.exception("flag.climb_failed", flag=flag.pk)
        still_open = Flag.objects.open().filter(pk=flag.pk)
        still_open.update(next_step_at=now + RETRY_AFTER, checked_at=now, failures=F("failures") + 1)
    return True
