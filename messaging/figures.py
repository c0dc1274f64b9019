"""What the delivery log says in numbers, for monitoring. Counts and ages only."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from clinics.models import User
from messaging.models import Attempt, Channel, Delivery, Notice
from messaging.models.notice import looked_after_by

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


def day_of(log: QuerySet[Attempt], now: datetime) -> list[list[object]]:
    """Return a row for each way to end: its name, then how many attempts of the last 24 hours ended so, by channel.

    Empty when there was no attempt. One query.
    """
    rows = log.filter(at__gt=now - DAY).order_by().values_list("channel", "result").annotate(Count("pk"))
    counted = {(channel, result): count for channel, result, count in rows}
    ends = [[each.label, *(counted.get((channel, each), 0) for channel in Channel)] for each in Attempt.Result]
    return ends if counted else []


def late_for(user: User, now: datetime) -> int:
    """Return how many deliveries to those whom the administrator looks after should have left by now. One query."""
    return Delivery.objects.unsent().filter(due_at__lt=now, notice__recipient__in=looked_after_by(user)).count()
