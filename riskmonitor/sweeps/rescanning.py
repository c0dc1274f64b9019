"""Each night everything of 14 days is screened again with the rules in force. Nothing may be lost."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions.rescanning import Looked, look_back_at
from riskmonitor.activation.in_force import rules_stand
from riskmonitor.models import Rescan, RuleActivation
from riskmonitor.watch.looking_back import BACK, last_before, next_rows

FROM_HOUR = 2  # by Swedish clocks: few write then, and the night's batches delay nobody
LATE = timedelta(days=2)


def rescan_some(now: datetime) -> bool:
    """Look back at one batch of this night's rows. Return whether more are left. Two guards at once take turns.

    Each row is its own savepoint, so that one that breaks is flagged and does not stop the others.
    """
    if not rules_stand():
        return False
    with transaction.atomic():
        rescan = _of_this_night(now)
        if rescan is None:
            return False
        rows = next_rows(rescan, Q(screened_at__lte=rescan.begun_at))
        rules_came_at = _rules_came_at()
        looked = [look_back_at(row=row, rules_came_at=rules_came_at, now=now) for row in rows]
        rescan.lost += looked.count(Looked.LOST)
        rescan.newly_found += looked.count(Looked.NEWLY_FOUND)
        rescan.rows += len(rows)
        rescan.ended_at = None if rows else now
        rescan.save(update_fields=["submission_done", "message_done", "rows", "lost", "newly_found", "ended_at"])
    return bool(rows)


def lost_findings() -> int:
    """Return how many rows of the latest look back held what no flag held, beside what newer rules found."""
    return Rescan.objects.order_by("-night").values_list("lost", flat=True).first() or 0


def late_rescans(now: datetime) -> int:
    """Return 1 when looking back has begun on earlier nights, and none has ended for two days, else 0."""
    first = Rescan.objects.order_by("night").values_list("begun_at", flat=True).first()
    ended = Rescan.objects.exclude(ended_at=None).order_by("-night").values_list("ended_at", flat=True).first()
    since = ended or first
    return int(since is not None and now - since > LATE)


def _rules_came_at() -> datetime | None:
    """Return since when the rules have been in force; None once a whole look back has gone by them, or by no others."""
    came = list(RuleActivation.objects.newest_first().values_list("activated_at", flat=True)[:2])
    if len(came) < 2 or Rescan.objects.exclude(ended_at=None).filter(begun_at__gte=came[0]).exists():
        return None
    return came[0]


def _of_this_night(now: datetime) -> Rescan | None:
    """Return this night's look back, locked; None when it has ended, is another guard's now, or is not due yet."""
    local = timezone.localtime(now)
    if local.hour < FROM_HOUR:
        return None
    if not Rescan.objects.filter(night=local.date()).exists():
        since = now - BACK
        Rescan.objects.bulk_create(
            [
                Rescan(
                    night=local.date(), begun_at=now, submission_done=last_before(Submission, since),
                    message_done=last_before(Message, since),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return Rescan.objects.select_for_update(skip_locked=True).filter(night=local.date(), ended_at=None).first()
