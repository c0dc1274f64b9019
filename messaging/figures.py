"""What the delivery log says in numbers, for monitoring. Counts and ages only."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count

from messaging.models import Attempt, Channel, Delivery, Notice

DAY = timedelta(days=1)


def unsent() -> int:
    """Return how many deliveries no server has accepted yet, with the notices that have none yet. Two queries."""
    return Delivery.objects.unsent().count() + Notice.objects.unspread().count()


def oldest_unsent(now: datetime) -> datetime | None:
    """Return since when the oldest delivery should have left, None when nothing is late. One query."""
    late = Delivery.objects.unsent().filter(due_at__lt=now).order_by("due_at")
    return late.values_list("due_at", flat=True).first()


def attempts_by_result(now: datetime) -> dict[tuple[str, str], int]:
    """Return how many attempts of the last 24 hours ended how, by (channel, result), with the zeros. One query."""
    counted = {(channel, result): 0 for channel in Channel.values for result in Attempt.Result.values}
    rows = Attempt.objects.filter(at__gt=now - DAY).values_list("channel", "result").annotate(Count("pk"))
    return counted | {(channel, result): count for channel, result, count in rows}
