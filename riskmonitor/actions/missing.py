"""A flag's row is gone: tell a human at once. Which words it was about, the nightly look back says again."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from riskmonitor.actions.raising import raise_unscreenable
from riskmonitor.models import RaisedFlag

log = structlog.get_logger(__name__)


@transaction.atomic
def miss_flag(*, counterfoil: RaisedFlag, now: datetime) -> None:
    """Raise an `unscreenable` flag for the patient in place of the one that is gone, and note that it was missed."""
    raise_unscreenable(
        patient=counterfoil.patient, treatment=counterfoil.treatment, place=None, reason="missing", now=now
    )
    counterfoil.missed_at = now
    counterfoil.save(update_fields=["missed_at"])
    log.error("flag.missing", flag=counterfoil.flag_number)
