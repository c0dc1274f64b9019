"""What beat calls, one task for each channel: one that hangs holds up no other.

Each may run twice at once, and may be missed: the rows wait.
"""

from __future__ import annotations

import time

from celery import shared_task
from django.utils import timezone

from messaging.models import Channel
from messaging.sweeps import send_one

BUSY = 30  # seconds: well within the time limit of a task, so that a hanging server gets none of them killed


@shared_task(ignore_result=True)
def send_due_email() -> None:
    """Send the e-mails that are due. Beat calls this every five seconds, a thread of the guard does it every three."""
    _send_due(Channel.EMAIL)


@shared_task(ignore_result=True)
def send_due_push() -> None:
    """Send to the browsers what is due, as above."""
    _send_due(Channel.PUSH)


@shared_task(ignore_result=True)
def send_due_sms() -> None:
    """Hand the gateway the SMS that are due, as above."""
    _send_due(Channel.SMS)


def _send_due(channel: Channel) -> None:
    """Send for half a minute at the most; what is left waits for the next call."""
    until = time.monotonic() + BUSY
    while send_one(timezone.now(), channel) and time.monotonic() < until:
        pass
