"""Who follows up after the end: a dated care relation that begins with the end, and can be handed on by the lead."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import AccessGrant, Patient, User
from programs.models import Treatment
from programs.treatment.aftercare import cared_for_until, source_of, who_could_follow_up


class NotTheirs(Exception):
    """The person may not follow up: away, of another clinic, or not competent in the programme."""


class NothingToFollowUp(Exception):
    """The treatment runs, or its follow-up is over."""


def begin_follow_up(*, treatment: Treatment, now: datetime) -> None:
    """Let the last therapist follow up a treatment that ends now. The caller audits the end."""
    _give(treatment, treatment.assignment.therapist, now)


@transaction.atomic
def hand_over_follow_up(*, treatment: Treatment, to: User, by: User, now: datetime) -> None:
    """Hand the follow-up to a colleague; whoever had it reads no more from this moment."""
    Patient.objects.select_for_update(no_key=True).get(pk=treatment.patient_id)
    if treatment.ended_at is None or now >= cared_for_until(treatment):
        raise NothingToFollowUp(treatment)
    if to not in who_could_follow_up(treatment, now):
        raise NotTheirs(to)
    AccessGrant.objects.open_at(now).filter(source=source_of(treatment)).update(ends_at=now)
    _give(treatment, to, now)
    audit(by=by, did=Did.CHANGED, what=source_of(treatment), patient=treatment.patient, now=now)


def end_follow_ups(*, patient: Patient, now: datetime) -> None:
    """End all follow-up care of the patient: a new treatment starts, with people of its own."""
    held = AccessGrant.objects.open_at(now).filter(patient=patient, why=AccessGrant.Why.FOLLOW_UP)
    held.update(ends_at=now)


def _give(treatment: Treatment, to: User, now: datetime) -> None:
    AccessGrant.objects.create(
        patient=treatment.patient, user=to, why=AccessGrant.Why.FOLLOW_UP, source=source_of(treatment),
        starts_at=now, ends_at=cared_for_until(treatment),
    )  # fmt: skip
