"""Look back at what was screened: raise what no flag holds."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import structlog
from django.db import InterfaceError, OperationalError, transaction

from messaging.models import Message
from riskmonitor.actions.raising import raise_flags, raise_unscreenable
from riskmonitor.models import FlagFinding
from riskmonitor.rules import Finding, Kind, Urgency, is_known
from riskmonitor.screening import FoundIn, Screened, all_findings_of

log = structlog.get_logger(__name__)


class Looked(StrEnum):
    """What looking back at a row has shown: nothing that flags do not hold, more by newer rules, or a fault."""

    AS_HELD = "as_held"
    NEWLY_FOUND = "newly_found"
    LOST = "lost"


def look_back_at(*, row: Screened, rules_came_at: datetime | None, now: datetime) -> Looked:
    """Screen a screened row again, with the rules of today, and say whether flags hold what is found.

    What no flag holds is raised now, by the comparison that a dry run shows beforehand. What is stored and not found
    stays: no rule takes a flag back. What could not be screened then and cannot now has its flag already. In a row that
    was screened before `rules_came_at` the rules of then may have found less: that is no fault.
    """
    held = [told for _finding, told in FlagFinding.objects.filter(**_within(row)).telling()]
    treatment = row.treatment
    try:
        with transaction.atomic():
            found = all_findings_of(row)
            untold = [each for each in found if not is_known(each.told, held)]
            raise_flags(patient=treatment.patient, treatment=treatment, found=untold, now=now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        if any(each.kind is Kind.UNSCREENABLE for each in held):
            return Looked.AS_HELD
        log.exception("rescan.not_screened", row=row.pk, model=row._meta.model_name)
        finding = Finding(Kind.UNSCREENABLE, Urgency.NOW, "rescan")
        place = FoundIn(finding, message=row) if isinstance(row, Message) else FoundIn(finding, submission=row)
        raise_unscreenable(patient=treatment.patient, treatment=treatment, place=place, reason="rescan", now=now)
        return Looked.LOST
    if not untold:
        return Looked.AS_HELD
    if rules_came_at is not None and row.screened_at is not None and row.screened_at < rules_came_at:
        log.warning("rescan.newly_found", row=row.pk, model=row._meta.model_name, findings=len(untold))
        return Looked.NEWLY_FOUND
    log.error("rescan.lost", row=row.pk, model=row._meta.model_name, findings=len(untold))
    return Looked.LOST


def _within(row: Screened) -> dict[str, Screened]:
    return {"message": row} if isinstance(row, Message) else {"submission": row}
