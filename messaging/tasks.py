"""What beat calls. Each task may run twice at once, and may be missed: the rows wait."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from messaging.sweeps import send_one


@shared_task(ignore_result=True)
def send_due_notices() -> None:
    """Send all notices that are due. Beat calls this every five seconds, the guard every three."""
    while send_one(timezone.now()):
        pass
