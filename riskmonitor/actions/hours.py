"""Let changed opening hours count for the flags that are open, in the same second."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.models import Clinic
from riskmonitor.actions.climbing import bring_nearer
from riskmonitor.actions.covering import check_clinic
from riskmonitor.models import Flag


@transaction.atomic
def let_hours_count(*, clinic: Clinic, now: datetime) -> None:
    """Count the open flags of the clinic by the hours that it has now, in the transaction that changed them (ADR 31).

    1. Cover is looked at: `uncovered` flags are raised, or closed.
    2. A clock that has not begun begins earlier if the clinic opens earlier. A deadline only ever comes nearer: what
       somebody was promised stands, also when the clinic is closed then after all.
    3. Steps, repeats and lapses follow the new hours; those that are due by them come at once.

    A flag that a sweep holds is waited for and not skipped: the sweep counts by the old hours.
    """
    check_clinic(clinic, now)
    held = Flag.objects.open().filter(clinic=clinic).select_related("clinic", "owner", "patient").order_by("pk")
    for flag in held.select_related("treatment__assignment").select_for_update(of=("self",)):
        bring_nearer(flag, now)
