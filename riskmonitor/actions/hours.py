"""Let changed opening hours count for the flags that are open, in the same second."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from clinics.cover.cover_kept import counting_on
from clinics.models import Clinic, Membership
from riskmonitor.actions.climbing import bring_nearer
from riskmonitor.actions.gaps import check_clinics
from riskmonitor.models import Flag


@transaction.atomic
def let_hours_count(*, clinic: Clinic, now: datetime) -> None:
    """Count the open flags of the clinic by the hours that it has now, in the transaction that changed them (ADR 31).

    1. Cover is looked at, also of the clinics that count on this one: `uncovered` flags are raised, or closed.
    2. A clock that has not begun begins earlier if the clinic opens earlier. A deadline only ever comes nearer: what
       somebody was promised stands, also when the clinic is closed then after all.
    3. Steps, repeats and lapses follow the new hours; those that are due by them come at once. So do those of the flags
       that somebody from here owns at a clinic that is helped out: when the owner leaves follows these hours.

    A flag that a sweep holds is waited for and not skipped: the sweep counts by the old hours.
    """
    counting = counting_on([clinic], now)
    check_clinics(counting, now)
    from_here = Membership.objects.current().filter(clinic=clinic).values("user")
    counted = Flag.objects.open().filter(Q(clinic=clinic) | Q(clinic__in=counting, owner__in=from_here)).order_by("pk")
    related = counted.select_related("clinic", "owner", "patient", "treatment__assignment")
    for flag in related.select_for_update(of=("self",)):
        bring_nearer(flag, now)
