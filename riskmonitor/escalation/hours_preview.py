"""What given opening hours mean at a moment: what patients are told, and when a flag would climb. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from clinics.cover import coverage
from clinics.cover.working_time import NeverOpen, WorkingTime
from clinics.models import Clinic
from messaging.promises import Promise, reply_by
from riskmonitor.call_me import CallPromise, call_promise
from riskmonitor.escalation.clinic_plans import steps_in_force
from riskmonitor.escalation.plan_preview import timeline
from riskmonitor.escalation.plan_rules import SCOPES
from riskmonitor.escalation.plan_words import Climbed, climbed, name_of


@dataclass(frozen=True)
class HoursPreview:
    """What the pages would say at the moment `at`, and for each urgency the climbs of a flag raised then."""

    at: datetime
    opens_at: datetime | None
    closes_at: datetime | None
    call: CallPromise
    promise: Promise
    flags: list[tuple[str, list[Climbed]]]


def told_at(clinic: Clinic, hours: WorkingTime, at: datetime, now: datetime) -> HoursPreview:
    """Return what these hours would mean; the plan is the one that counts now. Two queries."""
    closes_at = hours.open_until(at)
    return HoursPreview(
        at=at,
        opens_at=None if closes_at else coverage.moment(at, hours),
        closes_at=closes_at,
        call=call_promise(hours, at),
        promise=Promise(_("The therapist"), None, None, reply_by(None, hours, at)),
        flags=[(name_of(SCOPES[name]), _climbs(clinic, name, hours, at, now)) for name in ("now", "today")],
    )


def _climbs(clinic: Clinic, name: str, hours: WorkingTime, at: datetime, now: datetime) -> list[Climbed]:
    try:
        found = timeline(steps_in_force(clinic, SCOPES[name], now), SCOPES[name], hours, at)
    except NeverOpen:
        return []
    return [climbed(each) for each in found if not each.again]
