"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime

from clinics.models import Clinic
from riskmonitor.actions import check_clinic


def check_cover(now: datetime) -> int:
    """Look at every clinic. Return how many patients have a gap."""
    return sum(check_clinic(clinic, now) for clinic in Clinic.objects.all())
