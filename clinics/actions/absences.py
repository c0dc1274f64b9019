"""Go away and come back. Planned absence is refused while a patient would stand alone; illness never is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

import structlog
from django.db import transaction

from clinics.audit import Did, audit
from clinics.cover import absence_plan, roster
from clinics.cover.absence_plan import Affected
from clinics.cover.away import end_of_day
from clinics.cover.cover_kept import NobodyLeads, Uncovered, hold_clinics
from clinics.cover.last_seen import seen_at
from clinics.models import Absence, CareAssignment, Clinic, Cover, Role, User

log = structlog.get_logger(__name__)


class Fault(StrEnum):
    BACKWARDS = "backwards"  # ends before it starts
    PAST = "past"  # ended already
    OVERLAPS = "overlaps"  # the person is away then already


class AbsenceRefused(Exception):
    """The dates cannot be taken; `fault` says why."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault)
        self.fault = fault


class AbsenceOver(Exception):
    """The absence has ended or was cancelled already."""


@transaction.atomic
def plan_absence(
    *, user: User, starts_at: datetime, ends_at: datetime, stand_ins: Mapping[int, User], by: User, now: datetime
) -> Absence:
    """Save an absence from `starts_at` until before `ends_at`, with its stand-ins by the assignment's pk.

    A start that has passed is moved to now. Raise AbsenceRefused, Uncovered or NobodyLeads, and save nothing.
    """
    starts_at = max(starts_at, now)
    if fault := date_fault(user, starts_at, ends_at, now):
        raise AbsenceRefused(fault)
    _hold_clinics(user)
    plan = absence_plan.plan(user=user, start=starts_at, end=ends_at, now=now, stand_ins=stand_ins)
    if plan.uncovered:
        raise Uncovered(plan.uncovered)
    if plan.leaderless:
        raise NobodyLeads(plan.leaderless)
    absence = _save(user, Absence.Kind.PLANNED, starts_at, ends_at, by, now)
    Cover.objects.bulk_create(
        Cover(absence=absence, assignment=each.assignment, stand_in=stand_ins[each.assignment.pk])
        for each in plan.affected
        if each.assignment.pk in stand_ins
    )
    return absence


@transaction.atomic
def ill_today(*, user: User, by: User, now: datetime, ends_at: datetime | None = None) -> Absence:
    """Say that the person is ill from now on, until the end of the day or `ends_at`. Never refused.

    Saying it twice is one absence. Who is left without cover is told about by the caller.
    """
    ends_at = max(ends_at or now, end_of_day(now))
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    known = Absence.objects.ongoing(now).filter(user=user, ends_at__gte=ends_at).first()
    return known or _save(user, Absence.Kind.ILL, now, ends_at, by, now)


@transaction.atomic
def name_stand_ins(*, absence: Absence, stand_ins: Mapping[int, User], by: User, now: datetime) -> list[Affected]:
    """Put stand-ins on an absence that is saved already, such as illness. Return who is uncovered all the same.

    A stand-in who would not cover the patient is not saved.
    """
    _hold_clinics(absence.user)
    start = max(absence.starts_at, now)
    plan = absence_plan.plan(
        user=absence.user, start=start, end=roster.seen_end(absence, now), now=now, stand_ins=stand_ins
    )
    for each in plan.covered:
        if each.assignment.pk in stand_ins:
            chosen = {"stand_in": stand_ins[each.assignment.pk]}
            Cover.objects.update_or_create(absence=absence, assignment=each.assignment, defaults=chosen)
    audit(by=by, did=Did.CHANGED, what=f"absence:{absence.code}", now=now)
    return plan.uncovered


@transaction.atomic
def end_absence(*, absence: Absence, by: User, now: datetime) -> Absence:
    """Come back early: an ongoing absence ends now, a coming one is cancelled. Raise AbsenceOver."""
    absence = Absence.objects.select_for_update(of=("self",)).select_related("user").get(pk=absence.pk)
    if absence.is_over(now):
        raise AbsenceOver(absence.pk)
    if absence.starts_at > now:
        absence.cancelled_at, absence.cancelled_by = now, by
    else:
        absence.ends_at = now
    absence.save(update_fields=["cancelled_at", "cancelled_by", "ends_at"])
    audit(by=by, did=Did.CHANGED, what=f"absence:{absence.code}", now=now)
    return absence


@transaction.atomic
def take_as_away(*, user: User, last_seen: datetime | None, now: datetime) -> Absence | None:
    """Take somebody as away who is not seen while something waits, from now until the person signs in.

    `last_seen` is what that was decided from. Return None where the person has been seen since (asked with the row
    held, since a sign-in changes it), is away already, or leads a clinic in which nobody else would lead meanwhile:
    there it must keep ringing. The clinics are held, as for a planned absence: lead and deputy never both go.
    """
    _hold_clinics(user)
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    is_back = seen_at([user])[user.pk] != last_seen
    if is_back or Absence.objects.ongoing(now).filter(user=user).exists():
        return None
    if absence_plan.plan(user=user, start=now, end=now + roster.AHEAD, now=now).leaderless:
        return None
    absence = Absence.objects.create(user=user, kind=Absence.Kind.SILENT, starts_at=now, created_at=now)
    audit(job="take_as_away", did=Did.SAVED, what=f"absence:{absence.code}", now=now)
    log.info("absence.silent", absence=absence.pk)
    return absence


@transaction.atomic
def end_silence(*, user: User, now: datetime) -> Absence | None:
    """End the absence of somebody who was taken as away and is seen again. Return it, None where there is none."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    silent = Absence.objects.ongoing(now).filter(user=user, kind=Absence.Kind.SILENT).first()
    return end_absence(absence=silent, by=user, now=now) if silent else None


def date_fault(user: User, starts_at: datetime, ends_at: datetime, now: datetime) -> Fault | None:
    """Return why the dates cannot be taken, None when they can."""
    if ends_at <= now:
        return Fault.PAST
    if ends_at <= starts_at:
        return Fault.BACKWARDS
    known = Absence.objects.overlapping(starts_at, ends_at).filter(user=user)
    if known.exclude(kind=Absence.Kind.SILENT).exists():  # who is silent may turn out to be ill
        return Fault.OVERLAPS
    return None


def _hold_clinics(user: User) -> None:
    """Let one absence at a time be planned in a clinic: two colleagues must not each count on the other."""
    roles = [Role.THERAPIST, Role.LEAD, Role.DEPUTY]
    own = Clinic.objects.filter(memberships__user=user, memberships__ended_at=None, memberships__role__in=roles)
    cared_for = CareAssignment.objects.filter(therapist=user, ends_at=None).values("patient__clinic")
    held = Clinic.objects.filter(pk__in=own.values("pk")) | Clinic.objects.filter(pk__in=cared_for)
    hold_clinics(held.values_list("pk", flat=True))


def _save(user: User, kind: Absence.Kind, starts_at: datetime, ends_at: datetime, by: User, now: datetime) -> Absence:
    absence = Absence.objects.create(
        user=user, kind=kind, starts_at=starts_at, ends_at=ends_at, created_at=now, created_by=by
    )
    audit(by=by, did=Did.SAVED, what=f"absence:{absence.code}", now=now)
    log.info("absence.saved", absence=absence.pk)
    return absence
