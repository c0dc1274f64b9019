"""The patient was not reached: note it with the time of the next try, and remind whoever answers for the flag then.

Nothing here moves the clock: not reached is no answer, and the steps go on as if nobody had tried.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from clinics.cover import roster
from clinics.models import User
from clinics.typed_text import storable
from messaging import notices
from riskmonitor.actions.answering import audit_flag, locked_open
from riskmonitor.actions.climbing import notice_key, page_for
from riskmonitor.escalation.next_try import TryFault, fault_of_try, latest_try
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Urgency

log = structlog.get_logger(__name__)


class TryRefused(Exception):
    """The next try cannot be at that time; `latest` is the last moment for it."""

    def __init__(self, because: TryFault, latest: datetime) -> None:
        super().__init__(because)
        self.because, self.latest = because, latest


@transaction.atomic
def not_reached(*, flag: Flag, by: User, note: str, try_again_at: datetime, now: datetime) -> Flag:
    """Note a try that did not reach the patient, and when the next one comes. The clock keeps running.

    A try that was planned before is replaced. Raise TryRefused for a time that has passed, that lies farther away than
    such a flag may wait, or at which the clinic is closed.
    """
    flag = locked_open(flag)
    urgency, hours = Urgency(flag.urgency), roster.working_time(flag.clinic)
    if because := fault_of_try(try_again_at, urgency, now, hours):
        raise TryRefused(because, latest_try(urgency, now, hours))
    flag.try_again_at, flag.reminded_at = try_again_at, None
    flag.save(update_fields=["try_again_at", "reminded_at"])
    notices.void(about=_reminders_key(flag), now=now)
    flag.events.create(
        kind=FlagEvent.Kind.NOT_REACHED, at=now, by=by, note=storable(note), try_again_at=try_again_at
    )  # fmt: skip
    audit_flag(flag, by, now)
    return flag


def remind(*, flag: Flag, now: datetime) -> None:
    """Tell whoever answers for the flag that the next try has come: once, by a notice that is about nobody.

    The caller holds the flag's row. Nobody is called, and the flag lies where it lay.
    """
    key = f"{_reminders_key(flag)}{flag.try_again_at:%Y%m%d%H%M}"
    notices.try_again(to=flag.owner, key=key, path=page_for(flag, reads=flag.may_decide), now=now)
    flag.reminded_at = now
    flag.save(update_fields=["reminded_at"])
    flag.events.create(kind=FlagEvent.Kind.REMINDED, at=now, to=flag.owner)
    log.info("flag.reminded", flag=flag.pk)


def _reminders_key(flag: Flag) -> str:
    """Return what the keys of all reminders about this flag begin with."""
    return f"{notice_key(flag)}again:"
