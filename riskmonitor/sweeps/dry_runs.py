"""Go on with the dry run of rules that has waited the longest, one batch per call."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from riskmonitor.actions.trying import tried_rows, try_rows
from riskmonitor.models import DryRun
from riskmonitor.rules import rule_set_hash
from riskmonitor.watch.looking_back import next_rows

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=30)  # a batch whose worker was killed is due again after this
MOST_ATTEMPTS = 3


def try_some(now: datetime) -> bool:
    """Try the rules on the next batch. Return False when no dry run of this process' rules is due.

    1. Claim it in a transaction of its own, so that a kill leaves a trace and two workers take turns.
    2. Compare the batch and move the places on, in one transaction: no row is counted twice.
    3. A batch that fails three times ends the dry run; the page says so, and nobody can propose on it.
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
            sent = tried_rows(dry_run.asked_at, dry_run.days)
            rows = next_rows(dry_run, sent & Q(screened_at__isnull=False))
            if rows:
                try_rows(dry_run=dry_run, rows=rows)
            dry_run.rows += len(rows)
            dry_run.attempts, dry_run.next_attempt_at = 0, now
            dry_run.ended_at = None if rows else now
            dry_run.save(
                update_fields=["submission_done", "message_done", "rows", "attempts", "next_attempt_at", "ended_at"]
            )
    except (OperationalError, InterfaceError):
        raise
    except Exception:  # tried again when the lease is over, and at last given up
        log.exception("dry_run.batch_failed", dry_run=dry_run.pk)
