"""What people do with a flag: take it on, note what was tried and done; what the patient answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

import structlog
from django.db import transaction

from clinics.audit import Did, audit
from clinics.cover import roster
from clinics.models import User
from clinics.typed_text import storable
from messaging import notices
from programs.actions import plan_contact
from riskmonitor.actions.climbing import notice_key
from riskmonitor.actions.granting import end_grants_of_the_hub, grant
from riskmonitor.actions.holding import held_until
from riskmonitor.actions.raising import hold_patient, raise_flag, realert
from riskmonitor.escalation.steps import lapse_at
from riskmonitor.flags.seen import Seen, newest
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import FOLLOW_UP, RULES_VERSION, Finding, Kind, Urgency
from riskmonitor.screening import FoundIn

log = structlog.get_logger(__name__)

HELD_BY = ("acknowledged_at", "acknowledged_by", "owner", "may_decide", "unreachable_since")


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


class SomethingNew(Exception):
    """A finding or an answer has come that the person has not been shown; `flag` has it. Nothing was changed."""

    def __init__(self, flag: Flag) -> None:
        super().__init__(flag.pk)
        self.flag = flag


def wait_for_absence(user: User) -> None:
    """Let an absence of the person that is being saved come first: `ill_today` holds the same row.

    Then either the absence sees the flag and moves it on, or the caller sees the absence. Called before the flag is
    locked, as the order of locks has it (riskmonitor.actions).
    """
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user.pk)


def plan_next_contact(flag: Flag, on: date | None, by: User, now: datetime) -> None:
    """Plan the contact in the flag's treatment too, where a day was chosen: before the flag is locked."""
    if flag.treatment and on:
        plan_contact(treatment=flag.treatment, on=on, by=by, now=now)


def locked_open(flag: Flag) -> Flag:
    locked = Flag.objects.select_for_update(of=("self",)).select_related("clinic", "patient").get(pk=flag.pk)
    if locked.closed_at:
        raise AlreadyClosed(locked)
    return locked


def refuse_unread(flag: Flag, seen: Seen | None) -> None:
    """Raise SomethingNew when the locked flag holds more than was seen; None is a caller without a page."""
    if seen is not None and newest(flag).is_later_than(seen):
        raise SomethingNew(flag)


def is_held(flag: Flag, now: datetime) -> bool:
    """Tell whether somebody has taken the flag on and still answers for it, also when no sweep has looked since."""
    if flag.acknowledged_at is None:
        return False
    lapse = lapse_at(Urgency(flag.urgency), flag.acknowledged_at, roster.working_time(flag.clinic))
    return now < min(lapse, flag.next_step_at)  # the earlier where the owner leaves before


@transaction.atomic
def acknowledge(*, flag: Flag, by: User, now: datetime) -> Flag:
    """Take the flag on: a promise that lapses unless an action is documented in time. Raise AlreadyTaken."""
    wait_for_absence(by)
    flag = locked_open(flag)
    if flag.acknowledged_at and not is_held(flag, now):
        flag.acknowledged_at = flag.acknowledged_by = None
        flag.events.create(kind=FlagEvent.Kind.LAPSED, at=now)
    if flag.acknowledged_by_id not in (None, by.pk):
        raise AlreadyTaken(flag)
    if flag.acknowledged_by_id is None:
        flag.acknowledged_at, flag.acknowledged_by = now, by
        _answer_for(flag, by, now)
        flag.events.create(kind=FlagEvent.Kind.ACKNOWLEDGED, at=now, by=by)
        audit_flag(flag, by, now)
    return flag


def _answer_for(flag: Flag, by: User, now: datetime) -> None:
    """Make the person the owner until the promise lapses, and silence notices that are no longer of use.

    Of a hub everybody who was there had been told: the others need not read about the patient any more.
    """
    hours = roster.working_time(flag.clinic)
    people = roster.people(flag.clinic, now, hours=hours)
    flag.owner, flag.may_decide, flag.unreachable_since = by, True, None
    flag.next_step_at = held_until(flag, lapse_at(Urgency(flag.urgency), now, hours), people, hours, now)
    flag.checked_at = now  # by the people that are there now
    flag.save(update_fields=[*HELD_BY, "next_step_at", "checked_at"])
    grant(flag, by, now, person=people.get(str(by.code)))
    end_grants_of_the_hub(flag, keep=by, now=now)
    notices.void(about=notice_key(flag), now=now)


@transaction.atomic
def document(
    *,
    flag: Flag,
    by: User,
    assessment: str,
    action: str,
    done: Sequence[str] = (),
    next_contact_on: date | None = None,
    reached_at: datetime | None = None,
    now: datetime,
    seen: Seen | None = None,
) -> Flag:
    """Note an assessment and an action, and keep the flag open. The promise is renewed.

    `done` are values of `Done`. `reached_at` is when the patient was spoken with: after the last try that did
    not reach them, and not in the future, it ends the waiting for the next try.

    `seen` is what the person had been shown: when more has come since, SomethingNew is raised and nothing is changed.
    A day for the next contact is planned in the treatment as well.
    """
    plan_next_contact(flag, next_contact_on, by, now)
    wait_for_absence(by)
    flag = locked_open(flag)
    refuse_unread(flag, seen)
    flag.assessment, flag.action = storable(assessment), storable(action)
    flag.done, flag.next_contact_on = list(done), next_contact_on
    flag.acknowledged_at, flag.acknowledged_by = now, by
    if reached_at is not None and _reached_since_the_try(flag, reached_at, now):
        flag.try_again_at = flag.reminded_at = None
    flag.save(update_fields=["assessment", "action", "done", "next_contact_on", "try_again_at", "reminded_at"])
    _answer_for(flag, by, now)
    note_written(flag, FlagEvent.Kind.DOCUMENTED, by, now)
    audit_flag(flag, by, now)
    return flag


def _reached_since_the_try(flag: Flag, reached_at: datetime, now: datetime) -> bool:
    """Tell whether the contact came after the try that the next one was planned for. A contact of before says nothing.

    One query.
    """
    tried = flag.events.filter(kind=FlagEvent.Kind.NOT_REACHED).order_by("at", "pk").last()
    return tried is None or tried.at.replace(second=0, microsecond=0) <= reached_at <= now  # people give minutes


@transaction.atomic
def answer_follow_up(
    *, flag: Flag, plan: bool | None, today: bool | None, safe: bool | None, by: User, now: datetime
) -> Flag:
    """Keep the answers to the follow-up page. A yes, or not safe, alerts again as `now`; silence lowers nothing.

    Return the flag that has the answers: a new one when an alarming answer comes to a flag that was closed meanwhile.
    The patient's answers are stored already, so that no fault here may undo them: it is logged, never raised.
    """
    alarming = bool(plan or today or safe is False)
    try:
        with transaction.atomic():
            flag = _standing(flag, alarming, now)
            _keep_answers(flag, plan, today, safe, by, now)
    except Exception:
        log.exception("flag.answers_not_kept", flag=flag.pk)
    if alarming:
        _alert_again(flag, now)
    return flag


def _standing(flag: Flag, alarming: bool, now: datetime) -> Flag:
    """Return the flag, locked; when it has been closed and the answers alarm, one that is open."""
    if alarming:
        hold_patient(flag.patient_id)
    locked = Flag.objects.select_for_update(of=("self",)).select_related("clinic", "patient", "treatment")
    flag = locked.get(pk=flag.pk)
    if flag.closed_at is None or not alarming:
        return flag
    found = FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, FOLLOW_UP, RULES_VERSION))
    raised = raise_flag(patient=flag.patient, treatment=flag.treatment, found=[found], now=now)
    return locked.get(pk=raised.pk) if raised else flag


def _keep_answers(
    flag: Flag, plan: bool | None, today: bool | None, safe: bool | None, by: User, now: datetime
) -> None:
    """Store the answers beside the earlier ones: what alarms stays while the flag is open, what is left out too."""
    flag.asked_plan = _kept(flag.asked_plan, plan, alarming=True)
    flag.asked_today = _kept(flag.asked_today, today, alarming=True)
    flag.asked_safe = _kept(flag.asked_safe, safe, alarming=False)
    flag.asked_at = now
    flag.save(update_fields=["asked_plan", "asked_today", "asked_safe", "asked_at"])
    flag.events.create(kind=FlagEvent.Kind.ASKED, at=now, by=by)


def _kept(before: bool | None, answer: bool | None, *, alarming: bool) -> bool | None:
    return before if answer is None or before is alarming else answer


def _alert_again(flag: Flag, now: datetime) -> None:
    """Alert as `now`, once; should that fail, the flag stands as urgent, taken by nobody and due for the next sweep."""
    try:
        with transaction.atomic():
            flag.refresh_from_db()
            if flag.closed_at is None and (flag.alerted_at, flag.urgency) != (now, Urgency.NOW):
                realert(flag, Urgency.NOW, now)
    except Exception:
        log.exception("flag.realert_failed", flag=flag.pk)
        untaken = {"acknowledged_at": None, "acknowledged_by": None}
        Flag.objects.open().filter(pk=flag.pk).update(urgency=Urgency.NOW, next_step_at=now, **untaken)


def note_written(flag: Flag, kind: FlagEvent.Kind, by: User, now: datetime) -> None:
    """Keep in the history what the clinician wrote and ticked, as it stands on the flag now."""
    written = f"{flag.assessment}\n{flag.action}".strip()
    flag.events.create(
        kind=kind, at=now, by=by, note=written, done=flag.done, next_contact_on=flag.next_contact_on
    )  # fmt: skip


def audit_flag(flag: Flag, by: User, now: datetime, did: Did = Did.CHANGED) -> None:
    audit(by=by, did=did, what=f"flag:{flag.code}", patient=flag.patient, now=now)
