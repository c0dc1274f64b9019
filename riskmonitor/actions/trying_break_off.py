"""Try the rule of breaking off on the active treatments, as they were when the dry run was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet

from programs.models import Treatment
from riskmonitor.break_off_signs import Known, read_known
from riskmonitor.break_off_told import said_unknown
from riskmonitor.models import DryRun, DryRunDifference
from riskmonitor.rules import REALERT_AFTER, Change, Difference, Kind, Signs, Telling, Urgency, break_off_differences

log = structlog.get_logger(__name__)
UNKNOWN = Difference(Kind.UNSCREENABLE, Change.CAME, None, Urgency.NOW)


def tried_treatments(asked_at: datetime) -> QuerySet[Treatment]:
    """Return the treatments that a dry run looks at: those of real people that had begun and are active.

    Also the youngest: how long something must be missing is a part of the rule that is tried.
    """
    return Treatment.objects.active().filter(started_at__lte=asked_at, patient__clinic__is_canary=False)


@transaction.atomic
def try_treatments(*, dry_run: DryRun, treatments: Sequence[int]) -> None:
    """Note for which of the treatments the rules of this process would flag something else than flags hold.

    Flags nothing. The database is asked as often for one as for many.
    """
    known = read_known(treatments, dry_run.asked_at)
    differing = [(each, difference) for each in known for difference in _changes(each, dry_run)]
    unknown = [each.treatment.pk for each, difference in differing if difference is UNKNOWN]
    said = said_unknown(unknown, since=dry_run.asked_at - REALERT_AFTER) if unknown else set()
    DryRunDifference.objects.bulk_create(
        _row_of(dry_run, each, difference)
        for each, difference in differing
        if difference is not UNKNOWN or each.treatment.pk not in said
    )


def _changes(each: Known, dry_run: DryRun) -> list[Difference]:
    """Return what differs of one treatment. What cannot be told would be a flag for a human."""
    try:
        if each.signs is None:
            return [UNKNOWN]
        return break_off_differences(each.signs, _recent_telling(each, dry_run), each.open_as, dry_run.asked_at)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("dry_run.not_screened", row=each.treatment.pk, model="treatment")
        return [UNKNOWN]


def _recent_telling(each: Known, dry_run: DryRun) -> Telling | None:
    """Return what was told last, of an open flag or within the days of the dry run."""
    telling, since = each.telling, dry_run.asked_at - timedelta(days=dry_run.days)
    return telling if telling and (each.open_as or telling.at >= since) else None


def _row_of(dry_run: DryRun, each: Known, difference: Difference) -> DryRunDifference:
    return DryRunDifference(
        dry_run=dry_run, treatment=each.treatment, clinic_id=each.treatment.patient.clinic_id,
        at=_began(each.signs, each.telling, difference) or dry_run.asked_at, kind=difference.kind,
        change=difference.change, held=difference.held or "", found=difference.found or "",
    )  # fmt: skip


def _began(signs: Signs | None, telling: Telling | None, difference: Difference) -> datetime | None:
    """Return since when something is missing, or was when it was told; None where that cannot be told."""
    if telling is not None and difference.change in {Change.GONE, Change.CALMER}:
        signs = telling.signs
    return min(signs.since.values()) if signs is not None else None
