"""Hand a flag to a colleague. The clock runs until the colleague has confirmed, by taking it on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from clinics.cover import coverage, roster
from clinics.models import User
from clinics.typed_text import storable
from messaging import notices
from riskmonitor.actions.answering import HELD_BY, AlreadyTaken, audit_flag, is_held, locked_open, wait_for_absence
from riskmonitor.actions.climbing import notice_key
from riskmonitor.actions.granting import grant
from riskmonitor.actions.holding import held_until
from riskmonitor.actions.telling_again import BEGUN_ANEW
from riskmonitor.escalation.steps import HOURLY, Wait
from riskmonitor.models import Flag, FlagEvent


class NotYours(Exception):
    """The flag cannot be handed to this person: not a clinician of the clinic, or the one who hands it over."""


class NotThere(NotYours):
    """The person is away at the next moment of the clinic's working time."""


def is_in_hands(flag: Flag, now: datetime) -> bool:
    """Tell whether somebody who is there has taken the flag on, or was assigned it and has not answered yet."""
    if not is_held(flag, now) and not _is_assigned(flag):
        return False
    return owner_is_there(flag, now)


def owner_is_there(flag: Flag, now: datetime) -> bool:
    """Tell whether the flag's owner is of its clinic, or helps out there, and is there at its next working moment."""
    hours = roster.working_time(flag.clinic)
    owner = roster.people(flag.clinic, now, hours=hours).get(str(flag.owner.code))
    return owner is not None and coverage.present(owner, now, hours)


def _is_assigned(flag: Flag) -> bool:
    """Tell whether the owner was assigned the flag: not called by a step since, nor have the steps begun anew.

    To be told of new words is no call: such a notice has no audience.
    """
    called = Q(kind=FlagEvent.Kind.NOTIFIED) & ~Q(audience="")
    came = Q(to=flag.owner_id) & (Q(kind=FlagEvent.Kind.ASSIGNED) | called)
    latest = flag.events.filter(came | Q(kind__in=BEGUN_ANEW)).order_by("at", "pk").last()
    return latest is not None and latest.kind == FlagEvent.Kind.ASSIGNED


@transaction.atomic
def assign(*, flag: Flag, to: User, by: User, now: datetime, note: str = "") -> Flag:
    """Hand the flag to a clinician of the clinic who is there. The steps go on until it is taken on.

    What a colleague had promised before does not hold them up. Raise NotYours, and NotThere for who is away.
    """
    wait_for_absence(to)
    flag = locked_open(flag)
    hours = roster.working_time(flag.clinic)
    people = roster.people(flag.clinic, now, hours=hours)
    member = people.get(str(to.code))
    if member is None or not member.may_decide:
        raise NotYours(to)
    if not coverage.present(member, now, hours):
        raise NotThere(to)
    flag.acknowledged_at = flag.acknowledged_by = None
    flag.owner, flag.may_decide, flag.unreachable_since = to, True, None
    flag.next_step_at = held_until(flag, _coming_step(flag, now), people, hours, now)
    flag.checked_at = now
    flag.save(update_fields=[*HELD_BY, "next_step_at", "checked_at"])
    grant(flag, to, now, person=member)
    event = flag.events.create(kind=FlagEvent.Kind.ASSIGNED, at=now, by=by, to=to, note=storable(note))
    notices.flag_waits(to=to, key=f"{notice_key(flag)}assigned:{event.pk}", path="/worklist/", now=now)
    audit_flag(flag, by, now)
    return flag


@transaction.atomic
def pass_on(*, flag: Flag, to: User, by: User, note: str, now: datetime) -> Flag:
    """Hand the flag from one clinician to another. Raise AlreadyTaken when a colleague answers for it meanwhile."""
    wait_for_absence(to)
    locked = locked_open(flag)
    if is_held(locked, now) and locked.acknowledged_by_id != by.pk:
        raise AlreadyTaken(locked)
    if to.pk == by.pk:
        raise NotYours(to)
    return assign(flag=locked, to=to, by=by, note=note, now=now)


def _coming_step(flag: Flag, now: datetime) -> datetime:
    """Return when the first untaken step comes, at least now; with all of them taken, within an hour."""
    hours = roster.working_time(flag.clinic)
    untaken = flag.steps.filter(taken_at=None).values_list("wait_minutes", "wait_days")
    ends = [Wait(minutes=minutes, days=days).after(flag.clock_from, hours) for minutes, days in untaken]
    return max(now, min(ends, default=min(flag.next_step_at, HOURLY.after(now, hours))))
