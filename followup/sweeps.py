"""Make the reports that were asked for, one per call."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction

from followup.models import Report
from followup.reports import PdfMissing, make_file

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=60)  # a report whose worker was killed is due again after this
MOST_ATTEMPTS = 3


def make_one(now: datetime) -> bool:
    """Make the report that has waited the longest. Return False when none waits.

    1. Claim it in a transaction of its own, so that a kill leaves a trace and the page shows progress.
    2. Draw it outside any transaction, then store the file.
    3. A fault is tried again, at most three times; then the page says that it could not be made.
    """
    with transaction.atomic():
        report = Report.objects.due(now).select_for_update(skip_locked=True).first()
        if report is None:
            return False
        report.attempts, report.next_attempt_at = report.attempts + 1, now + LEASE
        report.stage = Report.Stage.COLLECTING
        report.save(update_fields=["attempts", "next_attempt_at", "stage"])
    try:
        file = make_file(report, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("report.not_made", report=report.pk)
        if report.attempts >= MOST_ATTEMPTS or isinstance(error, PdfMissing):
            report.failed_at = now
        report.last_error = type(error).__name__
        report.save(update_fields=["failed_at", "last_error"])
        return True
    report.file, report.made_at, report.stage = file, now, Report.Stage.DONE
    report.save(update_fields=["file", "made_at", "stage"])
    return True


def drawing(report: Report) -> None:
    """Tell the waiting page that the contents are collected and the pages are being drawn."""
    report.stage = Report.Stage.DRAWING
    report.save(update_fields=["stage"])
