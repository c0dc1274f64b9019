"""Look back at what was screened: raise what no flag holds."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError, transaction

from messaging.models import Message
from riskmonitor.actions.raising import raise_flags, raise_unscreenable
from riskmonitor.models import FlagFinding
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn, Screened, all_findings_of

log = structlog.get_logger(__name__)


def look_back_at(*, row: Screened, now: datetime) -> bool:
    """Screen a screened row again, with the rules of today. Return whether a finding was lost, or could not be told.

    What is found and not stored is raised now. What is stored and not found stays: no rule takes a flag back. What
    could not be screened then and cannot now has its flag already.
    """
    stored = set(FlagFinding.objects.filter(**_within(row)).values_list("rule", "item", "value", "address", "start"))
    treatment = row.treatment
    try:
        with transaction.atomic():
            found = all_findings_of(row)
            lost = [each for each in found if _place(each) not in stored]
            raise_flags(patient=treatment.patient, treatment=treatment, found=lost, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if any(rule == "unscreenable" for rule, *_place_of_it in stored):
            return False
        log.exception("rescan.not_screened", row=row.pk, model=row._meta.model_name)
        finding = Finding(Kind.UNSCREENABLE, Urgency.NOW, "rescan")
        place = FoundIn(finding, message=row) if isinstance(row, Message) else FoundIn(finding, submission=row)
        raise_unscreenable(patient=treatment.patient, treatment=treatment, place=place, reason="rescan", now=now)
        return True
    if lost:
        log.error("rescan.lost", row=row.pk, model=row._meta.model_name, findings=len(lost))
    return bool(lost)


def _place(each: FoundIn) -> tuple[object, ...]:
    """Return what makes a finding the same within its row, as `raising` stores it."""
    finding = each.finding
    return (finding.rule, finding.item or "", finding.value, each.address, finding.start)


def _within(row: Screened) -> dict[str, Screened]:
    return {"message": row} if isinstance(row, Message) else {"submission": row}
