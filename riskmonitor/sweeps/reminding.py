"""The next try to reach a patient has come: whoever answers for the flag is reminded. Its clock is not touched."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from riskmonitor.actions import remind
from riskmonitor.models import Flag
from riskmonitor.sweeps.escalating import RETRY_AFTER
from riskmonitor.sweeps.faults import database_is_away

log = structlog.get_logger(__name__)
AT_ONCE = 100  # in one round; the next comes seconds later

#: When this process tries again what broke, by flag. In no row: the planned time stays as it was chosen, the auditor
#: sees that nobody was reminded, and a program that starts anew, as after a correction, tries at once.
_resting: dict[int, datetime] = {}


def remind_due(now: datetime) -> int:
    """Remind of the tries that have come, at most `AT_ONCE`. Return how many. One that breaks stops no other."""
    for pk in [pk for pk, until in _resting.items() if until <= now]:
        _resting.pop(pk, None)
    due = Flag.objects.to_remind(now).exclude(pk__in=_resting)
    return sum(_remind(pk, now) for pk in due.values_list("pk", flat=True)[:AT_ONCE])


def _remind(pk: int, now: datetime) -> bool:
    """Remind of one; False where another sweep has it, or had it, and where it failed: then it rests."""
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
        _resting[pk] = now + RETRY_AFTER
        return False
