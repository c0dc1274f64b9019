"""Every patient in treatment has two named people, one of them present, for 14 days ahead: or the lead is told."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog
from django.db import transaction

from clinics import cover, roster
from clinics.models import Clinic
from clinics.working_time import NeverOpen, WorkingTime
from programs.models import Treatment
from riskmonitor.actions import raise_uncovered
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


def check_cover(now: datetime) -> int:
    """Raise an `uncovered` flag for each patient with a gap, close those that are covered again. Return the gaps."""
    uncovered = 0
    for clinic in Clinic.objects.prefetch_related("opening_hours", "closing_days"):
        hours = roster.working_time(clinic)
        people = roster.people(clinic, now, hours=hours)
        running = (
            Treatment.objects.running()
            .filter(patient__clinic=clinic)
            .select_related("patient__clinic", "assignment__therapist", "assignment__substitute")
        )
        for treatment in running:
            found = cover.gaps(roster.facts(treatment.assignment), people, hours, now, now + roster.AHEAD)
            uncovered += bool(found)
            _tell(treatment, found, hours, now)
    return uncovered


def urgency_of(gap_start: datetime, hours: WorkingTime, now: datetime) -> Urgency:
    """`now` if the gap begins before the next working day ends, `today` within five days, else `week`."""
    try:
        if gap_start <= hours.end_of_working_day(hours.add_days(now, 1)):
            return Urgency.NOW
    except NeverOpen:
        return Urgency.NOW
    return Urgency.TODAY if gap_start <= now + timedelta(days=5) else Urgency.WEEK


@transaction.atomic
def _tell(treatment: Treatment, found: list[cover.Gap], hours: WorkingTime, now: datetime) -> None:
    if found:
        urgency = urgency_of(found[0].start, hours, now)
        raise_uncovered(patient=treatment.patient, treatment=treatment, urgency=urgency, now=now)
        return
    open_flags = Flag.objects.open().filter(patient=treatment.patient, kind=Kind.UNCOVERED)
    for flag in open_flags.select_for_update():
        flag.outcome, flag.assessment, flag.closed_at = "covered_again", "covered again", now
        flag.save(update_fields=["outcome", "assessment", "closed_at"])
        flag.events.create(kind=FlagEvent.Kind.CLOSED, at=now)
