"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError

from clinics.models import Clinic
from riskmonitor.actions import check_clinic

log = structlog.get_logger(__name__)


def check_cover(now: datetime) -> int:
    """Look at every clinic. Return how many patients have a gap. One clinic that breaks does not stop the others."""
    return sum(_look_at(clinic, now) for clinic in Clinic.objects.real().order_by("pk"))


def _look_at(clinic: Clinic, now: datetime) -> int:
    try:
        return check_clinic(clinic, now)
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("cover.not_checked", clinic=clinic.pk)
        return 0
