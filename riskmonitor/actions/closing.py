"""Close a flag: with an outcome that fits what was found, and with everything that the outcome requires."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import structlog
from django.db import transaction

from clinics.audit import Did
from clinics.models import User
from clinics.typed_text import storable
from riskmonitor.actions.answering import audit_flag, locked_open, note_written, plan_next_contact, refuse_unread
from riskmonitor.actions.climbing import settle
from riskmonitor.flags.outcomes import allowed_outcomes, needs_contact
from riskmonitor.flags.seen import Seen
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import FOLLOW_UP, Kind

log = structlog.get_logger(__name__)


class OutcomeRefused(Exception):
    """The outcome lacks what it requires; `faults` are (field, reason) pairs."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = faults


@transaction.atomic
def close_flag(
    *,
    flag: Flag,
    by: User,
    outcome: str,
    assessment: str,
    action: str,
    contact_at: datetime | None,
    contact_with: str,
    done: Sequence[str] = (),
    next_contact_on: date | None = None,
    now: datetime,
    seen: Seen | None = None,
) -> Flag:
    """Close with one of the outcomes that fit the kind, and everything that the outcome requires (invariant I7).

    `seen` and `next_contact_on` as in `document`: a finding that nobody has read is never closed.
    """
    plan_next_contact(flag, next_contact_on, by, now)
    flag = locked_open(flag)
    refuse_unread(flag, seen)
    if faults := outcome_faults(flag, outcome, assessment, contact_at, contact_with, now):
        raise OutcomeRefused(faults)
    flag.outcome, flag.assessment, flag.action = outcome, storable(assessment), storable(action)
    flag.contact_at, flag.contact_with = contact_at, storable(contact_with)
    flag.done, flag.next_contact_on = list(done), next_contact_on
    flag.closed_at, flag.closed_by = now, by
    flag.try_again_at = flag.reminded_at = None
    flag.first_read_at = flag.first_read_at or now
    flag.save(
        update_fields=[
            "outcome", "assessment", "action", "done", "next_contact_on", "contact_at", "contact_with", "try_again_at",
            "reminded_at", "first_read_at", "closed_at", "closed_by",
        ]
    )  # fmt: skip
    note_written(flag, FlagEvent.Kind.CLOSED, by, now)
    settle(flag, now)
    audit_flag(flag, by, now, Did.CLOSED)
    log.info("flag.closed", flag=flag.pk, waited_s=int((now - flag.raised_at).total_seconds()))
    return flag


def outcomes_for(flag: Flag) -> tuple[str, ...]:
    """Return the outcomes that a person may choose for this flag: with contact only, once the patient said yes."""
    findings = list(flag.findings.all())
    only_text = all(not finding.item for finding in findings)
    answered = bool(findings) and all(finding.answered_in_id for finding in findings)
    allowed = allowed_outcomes(Kind(flag.kind), only_text=only_text, only_answered=answered)
    return tuple(filter(needs_contact, allowed)) if _answered_with_danger(flag) else allowed


def _answered_with_danger(flag: Flag) -> bool:
    """Tell whether the follow-up questions were answered with a plan, with today or with not being safe."""
    if flag.asked_plan or flag.asked_today or flag.asked_safe is False:
        return True
    return any(finding.rule == FOLLOW_UP for finding in flag.findings.all())


def contact_counts_from(flag: Flag) -> datetime:
    """Return since when a contact is one about this flag: raised, or opened again, since an earlier one was not enough.

    One query.
    """
    opened = flag.events.filter(kind=FlagEvent.Kind.REOPENED).order_by("at", "pk").last()
    return opened.at if opened else flag.raised_at


def outcome_faults(
    flag: Flag, outcome: str, assessment: str, contact_at: datetime | None, contact_with: str, now: datetime
) -> list[tuple[str, str]]:
    """Return what the outcome lacks, as (field, reason) pairs; nothing when the flag may be closed with it."""
    faults = []
    if outcome not in outcomes_for(flag):
        faults.append(("outcome", "choose"))
    if not assessment.strip():
        faults.append(("assessment", "write"))
    if needs_contact(outcome):
        if contact_at is None:
            faults.append(("contact_at", "when"))
        elif not contact_counts_from(flag).replace(second=0, microsecond=0) <= contact_at <= now:  # people give minutes
            faults.append(("contact_at", "between"))
        if not contact_with.strip():
            faults.append(("contact_with", "who"))
    return faults
