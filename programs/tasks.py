"""What beat calls."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from programs import sweeps


@shared_task(ignore_result=True)
def delete_old_drafts() -> None:
    """Forget drafts that were left thirty days ago. Safe to run twice at once; missed, they are found the next hour."""
    sweeps.delete_old_drafts(timezone.now())
