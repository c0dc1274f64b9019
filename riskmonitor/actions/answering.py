"""What people do with a flag: take it on, note what was tried, hand it over, close it with an outcome."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from clinics import roster
from clinics.audit import Did, audit
from clinics.models import AccessGrant, User
from clinics.typed_text import storable
from messaging import notices
from messaging.models import Notice
from riskmonitor.actions.climbing import grant, notice_key
from riskmonitor.actions.raising import realert
from riskmonitor.escalation import lapse_at
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.outcomes import allowed_outcomes, needs_contact
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


class AlreadyClosed(Exception):
    """Someone has closed the flag; `flag` says who and when."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.pk)
        self.flag = flag


class AlreadyTaken(Exception):
    """A colleague has taken the flag on, and answers for it until it lapses; `flag` says who."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.pk)
        self.flag = flag


class NotYours(Exception):
    """The flag cannot be handed to this person: not a clinician of the clinic."""


class OutcomeRefused(Exception):
    """The outcome lacks what it requires; `faults` are (field, reason) pairs."""

    def __init__(self, faults: list[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = faults


def _locked_open(flag: Flag) -> Flag:
    locked = Flag.objects.select_for_update(of=("self",)).select_related("clinic", "patient").get(pk=flag.pk)
    if locked.closed_at:
        raise AlreadyClosed(locked)
    return locked


@transaction.atomic
def acknowledge(*, flag: Flag, by: User, now: datetime) -> Flag:
    """Take the flag on: a promise that lapses unless an action is documented in time."""
    flag = _locked_open(flag)
    if flag.acknowledged_by_id and flag.acknowledged_by_id != by.pk:
        raise AlreadyTaken(flag)
    if flag.acknowledged_by_id is None:
        flag.acknowledged_at, flag.acknowledged_by = now, by
        _answer_for(flag, by, now)
        flag.events.create(kind=FlagEvent.Kind.ACKNOWLEDGED, at=now, by=by)
        _audit(flag, by, now)
    return flag


def _answer_for(flag: Flag, by: User, now: datetime) -> None:
    """Make the person the owner until the promise lapses, and silence notices that are no longer of use."""
    flag.owner, flag.may_decide = by, True
    flag.next_step_at = lapse_at(Urgency(flag.urgency), now, roster.working_time(flag.clinic))
    flag.save(update_fields=["acknowledged_at", "acknowledged_by", "owner", "may_decide", "next_step_at"])
    grant(flag, by, now)
    _drop_notices(flag, now)


@transaction.atomic
def document(*, flag: Flag, by: User, assessment: str, action: str, now: datetime) -> Flag:
    """Note an assessment and an action, and keep the flag open. The promise is renewed."""
    flag = _locked_open(flag)
    flag.assessment, flag.action = storable(assessment), storable(action)
    flag.acknowledged_at, flag.acknowledged_by = now, by
    flag.save(update_fields=["assessment", "action"])
    _answer_for(flag, by, now)
    flag.events.create(kind=FlagEvent.Kind.DOCUMENTED, at=now, by=by, note=f"{flag.assessment}\n{flag.action}".strip())
    _audit(flag, by, now)
    return flag


@transaction.atomic
def not_reached(*, flag: Flag, by: User, note: str, now: datetime) -> Flag:
    """Note a try that did not reach the patient. The clock keeps running."""
    flag = _locked_open(flag)
    flag.events.create(kind=FlagEvent.Kind.NOT_REACHED, at=now, by=by, note=storable(note))
    _audit(flag, by, now)
    return flag


@transaction.atomic
def assign(*, flag: Flag, to: User, by: User, now: datetime) -> Flag:
    """Hand the flag to a clinician of the clinic. The steps go on from where they were until it is taken on."""
    flag = _locked_open(flag)
    member = roster.people(flag.clinic, now).get(str(to.code))
    if member is None or not member.may_decide:
        raise NotYours(to)
    flag.acknowledged_at = flag.acknowledged_by = None
    flag.owner, flag.may_decide = to, True
    flag.save(update_fields=["acknowledged_at", "acknowledged_by", "owner", "may_decide"])
    grant(flag, to, now)
    event = flag.events.create(kind=FlagEvent.Kind.ASSIGNED, at=now, by=by, to=to)
    notices.flag_waits(to=to, key=f"{notice_key(flag)}assigned:{event.pk}", path="/worklist/", now=now)
    _audit(flag, by, now)
    return flag


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
    now: datetime,
) -> Flag:
    """Close with one of the outcomes that fit the kind, and everything that the outcome requires (invariant I7)."""
    flag = _locked_open(flag)
    if faults := outcome_faults(flag, outcome, assessment, contact_at, contact_with, now):
        raise OutcomeRefused(faults)
    flag.outcome, flag.assessment, flag.action = outcome, storable(assessment), storable(action)
    flag.contact_at, flag.contact_with = contact_at, storable(contact_with)
    flag.closed_at, flag.closed_by = now, by
    flag.save(
        update_fields=[
            "outcome", "assessment", "action", "contact_at", "contact_with", "closed_at", "closed_by",
        ]
    )  # fmt: skip
    flag.events.create(kind=FlagEvent.Kind.CLOSED, at=now, by=by, note=f"{flag.assessment}\n{flag.action}".strip())
    AccessGrant.objects.open_at(now).filter(source=f"flag:{flag.code}").update(ends_at=now)
    _drop_notices(flag, now)
    _audit(flag, by, now, Did.CLOSED)
    log.info("flag.closed", flag=flag.pk, waited_s=int((now - flag.raised_at).total_seconds()))
    return flag


def outcomes_for(flag: Flag) -> tuple[str, ...]:
    """Return the outcomes that a person may choose for this flag."""
    findings = list(flag.findings.all())
    only_text = all(not finding.item for finding in findings)
    only_missing = all(finding.item and finding.value is None for finding in findings)
    return allowed_outcomes(Kind(flag.kind), only_text=only_text, only_missing=only_missing)


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
        elif not flag.raised_at.replace(second=0, microsecond=0) <= contact_at <= now:  # people give minutes
            faults.append(("contact_at", "between"))
        if not contact_with.strip():
            faults.append(("contact_with", "who"))
    return faults


@transaction.atomic
def answer_follow_up(
    *, flag: Flag, plan: bool | None, today: bool | None, safe: bool | None, by: User, now: datetime
) -> Flag:
    """Keep the answers to the follow-up page. A yes, or not safe, alerts again as `now`; silence lowers nothing."""
    flag = Flag.objects.select_for_update(of=("self",)).select_related("clinic", "patient").get(pk=flag.pk)
    flag.asked_plan, flag.asked_today, flag.asked_safe, flag.asked_at = plan, today, safe, now
    flag.save(update_fields=["asked_plan", "asked_today", "asked_safe", "asked_at"])
    flag.events.create(kind=FlagEvent.Kind.ASKED, at=now, by=by)
    if flag.closed_at is None and (plan or today or safe is False):
        realert(flag, Urgency.NOW, now)
    return flag


def _drop_notices(flag: Flag, now: datetime) -> None:
    Notice.objects.unsent().filter(key__startswith=notice_key(flag)).update(dropped_at=now)


def _audit(flag: Flag, by: User, now: datetime, did: Did = Did.CHANGED) -> None:
    audit(by=by, did=did, what=f"flag:{flag.code}", patient=flag.patient, now=now)
