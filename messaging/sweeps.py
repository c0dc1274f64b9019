"""Send what is due. At least once: a crash between sending and marking gives a second copy with the same Message-ID."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from messaging.models import Notice
from messaging.transports import SendError, send_email

log = structlog.get_logger(__name__)
FIRST_RETRY, LONGEST_RETRY = timedelta(seconds=10), timedelta(minutes=10)


def send_one(now: datetime) -> bool:
    """Send the notice that has been due the longest. Return False when none is due.

    1. Lock the oldest due notice; leave those that another sweep holds.
    2. Send it, then mark it as sent.
    3. If it does not leave, say why on the row and try again later, forever: only an answer makes it needless.
    """
    with transaction.atomic():
        due = Notice.objects.due(now).select_for_update(skip_locked=True, of=("self",)).select_related("recipient")
        notice = due.first()
        if notice is None:
            return False
        notice.attempts += 1
        try:
            send_email(notice)
        except SendError as error:
            wait = min(FIRST_RETRY * 2 ** min(notice.attempts - 1, 10), LONGEST_RETRY)
            notice.last_error, notice.next_attempt_at = str(error)[:200], now + wait
            log.warning("notice.not_sent", notice=notice.pk, error=str(error), permanent=error.permanent)
        else:
            notice.sent_at, notice.last_error = now, ""
        notice.save(update_fields=["attempts", "last_error", "next_attempt_at", "sent_at"])
    return True
