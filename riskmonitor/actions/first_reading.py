"""A clinician opens a flag's page for the first time: kept for the figures of the clinic, and for nothing else."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from riskmonitor.models import Flag


def note_read(*, flag: Flag, now: datetime) -> None:
    """Keep when a clinician first opened the flag's page: once, and nothing of the clock changes.

    The page waits for no figure: while somebody else holds the flag's row nothing is kept, and the next opening is the
    first.
    """
    if flag.first_read_at is not None:
        return
    with transaction.atomic():
        unread = Flag.objects.filter(pk=flag.pk, first_read_at=None)
        if unread.select_for_update(no_key=True, skip_locked=True).exists():
            unread.update(first_read_at=now)
