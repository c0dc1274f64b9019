"""Go on with the dry run of rules that has waited the longest, one batch per call."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from riskmonitor.actions.trying import count_rows, tried_rows, try_rows
from riskmonitor.actions.trying_break_off import tried_treatments, try_treatments
from riskmonitor.models import DryRun
from riskmonitor.rules import rule_set_hash
from riskmonitor.watch.looking_back import BATCH, next_rows

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)  # a batch whose worker was killed is due again after this
MOST_ATTEMPTS = 3
MOVED = ["submission_done", "message_done", "treatment_done", "rows", "attempts", "next_attempt_at", "ended_at"]


def try_some(now: datetime) -> bool:
    """Try the rules on the next batch. Return False when no dry run of this process' rules is due.

    1. Claim it in a transaction of its own, so that a kill leaves a trace and two workers take turns.
    2. Count once what there is to look at: too much for the page that asked.
    3. Compare the batch and move the places on, in one transaction: no row is counted twice. First answers, then
       messages, then what is missing in each active treatment.
    4. A batch that fails three times ends the dry run; the page says so, and nobody can propose on it.
    """
    with transaction.atomic():
        dry_run = DryRun.objects.due(now, rule_set_hash()).select_for_update(skip_locked=True).first()
        if dry_run is None:
            return False
        dry_run.attempts, dry_run.next_attempt_at = dry_run.attempts + 1, now + LEASE
        dry_run.failed_at = now if dry_run.attempts > MOST_ATTEMPTS else None
        dry_run.save(update_fields=["attempts", "next_attempt_at", "failed_at"])
    if dry_run.failed_at is None:
        _try_batch(dry_run, now)
    return True


def _try_batch(dry_run: DryRun, now: datetime) -> None:
    try:
        with transaction.atomic():
            if dry_run.planned is None:
                count_rows(dry_run=dry_run)
            sent = tried_rows(dry_run.asked_at, dry_run.days)
            rows = next_rows(dry_run, sent & Q(screened_at__isnull=False))
            treatments = [] if rows else _next_treatments(dry_run)
            if rows:
                try_rows(dry_run=dry_run, rows=rows)
            elif treatments:
                try_treatments(dry_run=dry_run, treatments=treatments)
            dry_run.rows += len(rows) + len(treatments)
            dry_run.attempts, dry_run.next_attempt_at = 0, now
            dry_run.ended_at = None if rows or treatments else now
            dry_run.save(update_fields=MOVED)
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # tried again when the lease is over, and at last given up
        log.exception("dry_run.batch_failed", dry_run=dry_run.pk)


def _next_treatments(dry_run: DryRun) -> list[int]:
    """Return the keys of the next treatments, and move the place on. None are left: an empty list."""
    left = tried_treatments(dry_run.asked_at).filter(pk__gt=dry_run.treatment_done).order_by("pk")
    keys = list(left.values_list("pk", flat=True)[:BATCH])
    dry_run.treatment_done = keys[-1] if keys else dry_run.treatment_done
    return keys
