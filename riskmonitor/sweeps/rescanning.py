"""Each night everything of 14 days is screened again with the rules in force. Nothing new may be found."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions.rescanning import look_back_at
from riskmonitor.in_force import rules_stand
from riskmonitor.models import Rescan
from riskmonitor.screening import Screened

BACK = timedelta(days=14)
FROM_HOUR = 2  # by Swedish clocks: few write then, and the night's batches delay nobody
BATCH = 50  # rows in one transaction
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
        rows = _next_rows(rescan)
        for row in rows:
            rescan.lost += look_back_at(row=row, now=now)
        rescan.rows += len(rows)
        rescan.ended_at = None if rows else now
        rescan.save(update_fields=["submission_done", "message_done", "rows", "lost", "ended_at"])
    return bool(rows)


def lost_findings() -> int:
    """Return how many rows of the latest look back held what no flag held."""
    return Rescan.objects.order_by("-night").values_list("lost", flat=True).first() or 0


def late_rescans(now: datetime) -> int:
    """Return 1 when looking back has begun on earlier nights, and none has ended for two days, else 0."""
    first = Rescan.objects.order_by("night").values_list("begun_at", flat=True).first()
    ended = Rescan.objects.exclude(ended_at=None).order_by("-night").values_list("ended_at", flat=True).first()
    since = ended or first
    return int(since is not None and now - since > LATE)


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
                    night=local.date(), begun_at=now, submission_done=_last_before(Submission, since),
                    message_done=_last_before(Message, since),
                )
            ],
            ignore_conflicts=True,
        )  # fmt: skip
    return Rescan.objects.select_for_update(skip_locked=True).filter(night=local.date(), ended_at=None).first()


def _last_before(model: type[Screened], since: datetime) -> int:
    """Return the last key of what was sent before. Found from the end of the primary key, past the recent rows only."""
    return model.objects.filter(sent_at__lt=since).order_by("-pk").values_list("pk", flat=True).first() or 0


def _next_rows(rescan: Rescan) -> list[Screened]:
    """Return the next rows that were screened before this look back began, and move the places on."""
    here = {"screened_at__lte": rescan.begun_at}
    sent = Submission.objects.filter(**here, pk__gt=rescan.submission_done).order_by("pk")
    answers = list(sent.select_related("treatment__patient")[:BATCH])
    if answers:
        rescan.submission_done = answers[-1].pk
        return list(answers)
    written = Message.objects.filter(**here, pk__gt=rescan.message_done, from_patient=True).order_by("pk")
    texts = list(written.select_related("treatment__patient")[:BATCH])
    if texts:
        rescan.message_done = texts[-1].pk
    return list(texts)
