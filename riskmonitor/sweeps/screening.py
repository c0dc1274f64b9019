"""Net 2: screen everything that was sent, again and more. Empty `screened_at` is due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, transaction

from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions import note_answered, raise_flags, raise_unscreenable
from riskmonitor.activation.in_force import rules_stand
from riskmonitor.models import FlagFinding
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn, Screened, all_findings_of

log = structlog.get_logger(__name__)
LEASE = timedelta(seconds=4)  # a row whose screener was killed is due again after this
MOST_ATTEMPTS = 5  # a text that kills its screener five times is read by a human
SCREENED: tuple[type[Screened], ...] = (Submission, Message)


class TooManyAttempts(Exception):
    """Screening this row has ended without a result several times: its text may be what stops it."""


def screen_one(now: datetime) -> bool:
    """Screen the row that has been due the longest. Return False when none is due, or the rules are not in force."""
    if not rules_stand():
        return False
    for model in SCREENED:
        with transaction.atomic():
            row = model.objects.unscreened(now).select_for_update(skip_locked=True).first()
            if row is not None:
                _claim(row, now)
        if row is not None:
            _screen(row, now)
            return True
    return False


def screen_row(model: type[Screened], pk: int, now: datetime) -> bool:
    """Screen one row now, if nobody has. For wake-ups: what they miss, `screen_one` finds."""
    if not rules_stand():
        return False
    with transaction.atomic():
        row = model.objects.unscreened(now).select_for_update(skip_locked=True).filter(pk=pk).first()
        if row is None:
            return False
        _claim(row, now)
    _screen(row, now)
    return True


def _claim(row: Screened, now: datetime) -> None:
    """Count the attempt and move the row forward, in a transaction of its own: a kill leaves a trace."""
    row.screen_attempts = min(row.screen_attempts + 1, MOST_ATTEMPTS + 1)  # the column is small, and time is long
    row.screen_after = now + LEASE
    row.save(update_fields=["screen_attempts", "screen_after"])


def _screen(row: Screened, now: datetime) -> None:
    """Raise what the row asks for and mark it screened, in one transaction.

    1. A database that is away is nobody's fault: the row stays due.
    2. Any other fault fails open to a human: an `unscreenable` flag, in the same transaction as the mark.
    """
    try:
        with transaction.atomic():
            if row.screen_attempts > MOST_ATTEMPTS:
                raise TooManyAttempts(row.pk)
            found = all_findings_of(row)
            _check_net_one(row, found)
            raise_flags(patient=row.treatment.patient, treatment=row.treatment, found=found, now=now)
            if isinstance(row, Submission):
                note_answered(submission=row, now=now)
            _mark(row, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:
        log.exception("text.not_screened", row=row.pk, model=row._meta.model_name)
        reason = "database" if isinstance(error, DatabaseError) else "rules"
        with transaction.atomic():
            treatment = row.treatment
            raise_unscreenable(
                patient=treatment.patient, treatment=treatment, place=_place(row), reason=reason, now=now
            )
            _mark(row, now)


def _check_net_one(row: Screened, found: Sequence[FoundIn]) -> None:
    """Net 1 must have raised all but what is written. If it has not, say so loudly; `raise_flags` mends it."""
    expected = {each.finding.rule for each in found if not each.finding.phrase}
    if not expected or not isinstance(row, Submission):
        return
    stored = set(FlagFinding.objects.filter(submission=row).values_list("rule", flat=True))
    if not expected <= stored and "unscreenable" not in stored:  # what failed then has its flag, and was told then
        log.error("net_one.disagrees", submission=row.pk)


def _mark(row: Screened, now: datetime) -> None:
    row.screened_at = now
    row.save(update_fields=["screened_at"])


def _place(row: Screened) -> FoundIn:
    finding = Finding(Kind.UNSCREENABLE, Urgency.NOW, "text")
    return FoundIn(finding, message=row) if isinstance(row, Message) else FoundIn(finding, submission=row)
