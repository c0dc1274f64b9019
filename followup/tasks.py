"""What beat and wake-ups call."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from followup.sweeps import make_one


@shared_task(ignore_result=True)
def make_due_reports() -> None:
    """Make all reports that wait. Safe to run twice at once, safe to miss: beat comes back in five seconds."""
    while make_one(timezone.now()):
        pass
