"""What follows when somebody comes to a flag and may not read it any more."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.models import User
from riskmonitor.escalation.next_step import RETRY
from riskmonitor.models import Flag, FlagEvent


@transaction.atomic
def call_at_once(*, flag: Flag, now: datetime) -> None:
    """Make a flag due that lies with nobody who can read it: the next sweep looks for somebody.

    Nothing when it is closed, or when somebody was looked for in vain just now: the flag has its retries.
    """
    locked = Flag.objects.select_for_update(of=("self",)).get(pk=flag.pk)
    in_vain = locked.unreachable_since is not None and locked.checked_at > now - RETRY
    if locked.closed_at is None and locked.next_step_at > now and not in_vain:
        locked.next_step_at = now
        locked.save(update_fields=["next_step_at"])


@transaction.atomic
def note_unsaved(*, flag: Flag, by: User, since: datetime | None, now: datetime) -> None:
    """Let the flag's history say, once since the access ended, that a colleague has words that are not saved in it.

    Whoever answers for the flag reads it there and can ask; the words themselves stay the colleague's own.
    """
    Flag.objects.select_for_update(of=("self",)).only("pk").get(pk=flag.pk)
    said = flag.events.filter(kind=FlagEvent.Kind.UNSAVED, by=by)
    if not (said.filter(at__gte=since) if since else said).exists():
        flag.events.create(kind=FlagEvent.Kind.UNSAVED, at=now, by=by)
