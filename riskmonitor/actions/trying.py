"""Try the rules of this release on stored answers: ask for it, and go through a batch."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Min, Q, QuerySet

from clinics.audit import Did, audit
from clinics.models import User
from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions.trying_break_off import tried_treatments
from riskmonitor.models import DryRun, DryRunDifference, FlagFinding, RuleActivation
from riskmonitor.rules import RULES_VERSION, Difference, Kind, Told, Urgency, differences, rule_set_hash
from riskmonitor.screening import Screened, all_findings_of

log = structlog.get_logger(__name__)
DAYS = (7, 14, 30, 90)  # on offer; on fewer than the nightly look back takes nobody may decide


def tried_rows(asked_at: datetime, days: int) -> Q:
    """Return what a dry run may look at: everything that real people sent in the days before it was asked for."""
    since = asked_at - timedelta(days=days)
    return Q(sent_at__gte=since, sent_at__lte=asked_at, treatment__patient__clinic__is_canary=False)


@transaction.atomic
def order_dry_run(*, days: int, key: UUID, by: User, now: datetime, why: str = "") -> DryRun:
    """Ask for a dry run of this process' rules on what was sent in the last `days`. The same key twice is one.

    `why` goes into the log, where it was not the person on a page.
    """
    newest = RuleActivation.objects.in_force()
    dry_run, created = DryRun.objects.get_or_create(
        key=key,
        defaults={
            "hash": rule_set_hash(), "version": RULES_VERSION, "in_force": newest.hash if newest else "", "days": days,
            "asked_at": now, "asked_by": by, "next_attempt_at": now,
        },
    )  # fmt: skip
    if created:
        audit(by=by, did=Did.MADE, what=f"dry-run:{dry_run.code}", why=why, now=now)
    return dry_run


def count_rows(*, dry_run: DryRun) -> None:
    """Note where the run begins and how much lies before it. Reads all rows of the days: not in a request."""
    sent = tried_rows(dry_run.asked_at, dry_run.days)
    answers, texts = Submission.objects.filter(sent), Message.objects.filter(sent, from_patient=True)
    treatments = tried_treatments(dry_run.asked_at)
    dry_run.submission_done, dry_run.message_done = _before(answers), _before(texts)
    dry_run.planned = sum(each.exclude(screened_at=None).count() for each in (answers, texts)) + treatments.count()
    dry_run.unscreened = sum(each.filter(screened_at=None).count() for each in (answers, texts))
    dry_run.save(update_fields=["submission_done", "message_done", "planned", "unscreened"])


def _before(rows: QuerySet[Submission] | QuerySet[Message]) -> int:
    """Return the key before the first of the rows, also where keys and times are in different orders."""
    first: int | None = rows.aggregate(first=Min("pk"))["first"]
    return (first or 1) - 1


@transaction.atomic
def try_rows(*, dry_run: DryRun, rows: Sequence[Screened]) -> None:
    """Note for which of the rows the rules of this process would flag something else than flags hold. Flags nothing."""
    held = _held(rows)
    found = [
        _row_of(dry_run, row, each) for row in rows for each in differences(held.get(_key(row), []), _found_in(row))
    ]
    DryRunDifference.objects.bulk_create(found)


def _found_in(row: Screened) -> list[Told]:
    """Return what the rules find today. What they cannot read would be a flag for a human."""
    try:
        with transaction.atomic():
            return [each.told for each in all_findings_of(row)]
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("dry_run.not_screened", row=row.pk, model=row._meta.model_name)
        return [Told(Kind.UNSCREENABLE, Urgency.NOW)]


def _held(rows: Sequence[Screened]) -> dict[tuple[str, int], list[Told]]:
    """Return what flags hold of each row. One query."""
    held: dict[tuple[str, int], list[Told]] = {}
    field = _field(rows[0])
    for stored, told in FlagFinding.objects.filter(**{f"{field}__in": rows}).telling():
        held.setdefault((field, getattr(stored, f"{field}_id")), []).append(told)
    return held


def _row_of(dry_run: DryRun, row: Screened, each: Difference) -> DryRunDifference:
    return DryRunDifference(
        dry_run=dry_run, clinic_id=row.treatment.patient.clinic_id, at=row.sent_at, kind=each.kind,
        change=each.change, held=each.held or "", found=each.found or "", **{_field(row): row},
    )  # fmt: skip


def _key(row: Screened) -> tuple[str, int]:
    return _field(row), row.pk


def _field(row: Screened) -> str:
    return "message" if isinstance(row, Message) else "submission"
