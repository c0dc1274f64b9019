"""A flag's row is gone: tell a human at once, also one who has an open flag of the kind already."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from riskmonitor.actions.raising import raise_flag, realert
from riskmonitor.models import RaisedFlag
from riskmonitor.rules import RULES_VERSION, Finding, Kind, Urgency
from riskmonitor.screening import FoundIn

log = structlog.get_logger(__name__)


@transaction.atomic
def miss_flag(*, counterfoil: RaisedFlag, now: datetime) -> None:
    """Raise an `unscreenable` flag for the patient in place of the one that is gone, and note that it was missed.

    The finding names the flag that is gone: two that are gone are two findings, and each alerts, whatever is open.
    """
    finding = Finding(Kind.UNSCREENABLE, Urgency.NOW, f"missing.{counterfoil.flag_number}", RULES_VERSION)
    flag = raise_flag(patient=counterfoil.patient, treatment=counterfoil.treatment, found=[FoundIn(finding)], now=now)
    if flag is not None and flag.alerted_at < now:
        realert(flag, Urgency.NOW, now)
    counterfoil.missed_at = now
    counterfoil.save(update_fields=["missed_at"])
    log.error("flag.missing", flag=counterfoil.flag_number)
