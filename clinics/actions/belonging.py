"""Who belongs to a clinic, as what, and when: each change is refused while it would leave somebody uncovered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, time

import structlog
from django.db import transaction

from clinics.audit import Did, audit
from clinics.cover.cover_kept import cover_kept
from clinics.models import Clinic, Competence, Membership, Profession, Role, User, WorkingHours

log = structlog.get_logger(__name__)
Shift = tuple[int, time, time]  # weekday (Monday is 0), from, until: local clock times


class LoanRefused(Exception):
    """The person does not treat at the lending clinic, or belongs to the other one already, or no end lies ahead."""


@transaction.atomic
def end_membership(*, membership: Membership, by: User, now: datetime, at: datetime | None = None) -> None:
    """Let the person leave the clinic now, or `at` a moment to come. Raise Uncovered or NobodyLeads, and save nothing.

    A leaving that lies further ahead than 14 days is saved: the gaps that it makes are flagged in time.
    """
    with cover_kept(_clinics([membership]), now):
        if at is not None and at > now:
            membership.ends_at = at
        else:
            membership.ended_at = now
        membership.save(update_fields=["ends_at", "ended_at"])
        _say(membership, by, now)


@transaction.atomic
def close_account(*, user: User, by: User, now: datetime) -> None:
    """Close the account and end all its memberships. Raise Uncovered or NobodyLeads, and save nothing."""
    memberships = list(Membership.objects.filter(user=user, ended_at=None).select_related("clinic"))
    with cover_kept(_clinics(memberships), now):
        for membership in memberships:
            membership.ended_at = now
            membership.save(update_fields=["ended_at"])
            _say(membership, by, now)
        user.is_active = False
        user.save(update_fields=["is_active"])
        audit(by=by, did=Did.CLOSED, what=f"user:{user.code}", now=now)


@transaction.atomic
def change_competence(*, membership: Membership, programmes: Collection[str], by: User, now: datetime) -> None:
    """Let the person treat with these programmes and no others. Raise Uncovered, and save nothing."""
    with cover_kept(_clinics([membership]), now):
        membership.competences.exclude(programme__in=programmes).delete()
        known = set(membership.competences.values_list("programme", flat=True))
        Competence.objects.bulk_create(Competence(membership=membership, programme=p) for p in {*programmes} - known)
        _say(membership, by, now)


@transaction.atomic
def change_qualification(
    *, membership: Membership, profession: Profession, psychotherapy_training: bool, by: User, now: datetime
) -> None:
    """Change profession and training, from which it follows who may treat. Raise Uncovered, and save nothing."""
    with cover_kept(_clinics([membership]), now):
        membership.profession, membership.psychotherapy_training = profession, psychotherapy_training
        membership.save(update_fields=["profession", "psychotherapy_training"])
        _say(membership, by, now)


@transaction.atomic
def change_working_hours(*, membership: Membership, week: Iterable[Shift], by: User, now: datetime) -> None:
    """Give the person these hours each week; an empty week means the clinic's hours. Raise Uncovered or NobodyLeads."""
    with cover_kept(_clinics([membership]), now):
        membership.working_hours.all().delete()
        WorkingHours.objects.bulk_create(
            WorkingHours(membership=membership, weekday=weekday, starts=starts, ends=ends)
            for weekday, starts, ends in week
        )
        _say(membership, by, now)


@transaction.atomic
def lend(*, membership: Membership, to: Clinic, until: datetime, by: User, now: datetime) -> Membership:
    """Lend somebody who treats at one clinic to another, from now until a moment, with the same competences.

    Raise LoanRefused. The borrowing clinic names the person for its patients as anybody else of its own.
    """
    treats = membership.role == Role.THERAPIST and membership.ended_at is None and membership.user.is_active
    known = Membership.objects.filter(user=membership.user, clinic=to, role=Role.THERAPIST, ended_at=None)
    if not treats or until <= now or membership.clinic is None or known.exists():
        raise LoanRefused(membership.pk)
    lent = Membership.objects.create(
        user=membership.user, clinic=to, role=Role.THERAPIST, profession=membership.profession,
        psychotherapy_training=membership.psychotherapy_training, started_at=now, ends_at=until,
        lent_from=membership.clinic,
    )  # fmt: skip
    programmes = membership.competences.values_list("programme", flat=True)
    Competence.objects.bulk_create(Competence(membership=lent, programme=programme) for programme in programmes)
    _say(lent, by, now, Did.OPENED)
    return lent


def _clinics(memberships: Iterable[Membership]) -> list[Clinic]:
    return [each.clinic for each in memberships if each.clinic]


def _say(membership: Membership, by: User, now: datetime, did: Did = Did.CHANGED) -> None:
    audit(by=by, did=did, what=f"membership:{membership.pk}", clinic=membership.clinic, now=now)
    log.info("membership.changed", membership=membership.pk)
