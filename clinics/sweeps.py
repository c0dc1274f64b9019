"""Memberships whose planned end has come: leaving, and the end of a loan."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import Membership


@transaction.atomic
def take_due_membership(now: datetime) -> Membership | None:
    """End the membership that has been due the longest, and return it with its clinic. None: none is due.

    Half of a leaving: what flags had opened is closed by the sweep that takes it, `riskmonitor.sweeps.leaving`, and by
    nobody else (a contract of the layers says so).
    Nothing is refused here: who stands behind patients counts without the person from that very moment, row or not, and
    what it leaves uncovered was flagged 14 days ahead.
    """
    due = Membership.objects.due_to_end(now).order_by("ends_at", "pk")
    membership = due.select_related("clinic").select_for_update(of=("self",), skip_locked=True).first()
    if membership is None:
        return None
    membership.ended_at = now
    membership.save(update_fields=["ended_at"])
    audit(
        job="end_due_membership", did=Did.CLOSED, what=f"membership:{membership.pk}", clinic=membership.clinic, now=now
    )
    return membership
