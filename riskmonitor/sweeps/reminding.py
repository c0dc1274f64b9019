"""The next try to reach a patient has come: whoever answers for the flag is reminded. Its clock is not touched."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from riskmonitor.actions import remind
from riskmonitor.models import Flag
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)


def remind_due(now: datetime) -> int:
    """Remind of every try that has come. Return how many. One that breaks does not stop the others."""
    return sum(_remind(pk, now) for pk in Flag.objects.to_remind(now).values_list("pk", flat=True))


def _remind(pk: int, now: datetime) -> bool:
    """Remind of one; False where another sweep has it, or had it, and where it failed: the next round tries again."""
    try:
        with transaction.atomic():
            locked = Flag.objects.to_remind(now).select_for_update(skip_locked=True, of=("self",))
            flag = locked.select_related("owner").filter(pk=pk).first()
            if flag is not None:
                remind(flag=flag, now=now)
            return flag is not None
    except Exception as error:
        if database_is_away(error):
            raise
        log.exception("flag.not_reminded", flag=pk)
        return False
