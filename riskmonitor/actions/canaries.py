"""Canary patients: made once, sending through the ordinary actions, and cleaned up after."""

from __future__ import annotations

from datetime import date, datetime, time
from functools import partial

import structlog
from django.db import transaction

from clinics.models import Clinic, Competence, Membership, OpeningHours, Patient, Profession, Region, Role, User
from messaging.actions import mark_read, send_message
from messaging.models import Message
from programs.actions import start_treatment
from programs.models import Assessment, Revision, Treatment
from riskmonitor.actions.closing import close_flag, outcomes_for
from riskmonitor.models import CanaryRun, Flag
from riskmonitor.models.flag import Outcome
from riskmonitor.watch import wakeup

log = structlog.get_logger(__name__)
NAME = "Canary"
RISKY = "Jag vill inte leva mer."  # found by every rule set that passes its self test
CLOSED = "Written by the system to test the chain. Nobody is behind it."


@transaction.atomic
def prepare_canaries(*, now: datetime) -> bool:
    """Make a region, a clinic, two therapists and two patients who are nobody. Return whether they were made.

    Nobody can sign in as any of them (no password, addresses of RFC 2606). Nothing is made where they are already, or
    where no programme is loaded yet.
    """
    revision = Revision.objects.startable(demo=True).order_by("programme__slug", "-edition").first()
    if revision is None or Clinic.objects.canaries().exists():
        return False
    region = Region.objects.create(name=NAME)
    clinic = Clinic.objects.create(region=region, name=NAME, phone="0", listed_patients=0, is_canary=True)
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=clinic, weekday=day, opens=time(0), closes=time(23, 59)) for day in range(7)
    )
    therapist, substitute = (_therapist(clinic, number, revision, now) for number in (1, 2))
    for number in (1, 2):
        _in_treatment(clinic, number, revision, therapist, substitute, now)
    return True


@transaction.atomic
def begin_canary_run(*, treatment: Treatment, now: datetime) -> CanaryRun:
    """Begin a run, whose message comes through the web, and ask the worker to answer from its own queue."""
    close_canary_flags(now=now)  # what an earlier run left behind would only be attached to
    run = CanaryRun.objects.create(treatment=treatment, begun_at=now)
    transaction.on_commit(partial(wakeup.wake, "riskmonitor.tasks.answer_canary", run.pk), robust=True)
    return run


@transaction.atomic
def note_arrival(*, run: CanaryRun, now: datetime) -> bool:
    """Note the message that has come through the web, if it has. Return whether it has."""
    run.message = Message.objects.filter(key=run.key, treatment=run.treatment).first()
    if run.message is not None:
        CanaryRun.objects.under_way().filter(pk=run.pk, message=None).update(message=run.message, web_at=now)
    return run.message is not None


@transaction.atomic
def write_past_the_web(*, run: CanaryRun, now: datetime) -> None:
    """Send the message by the ordinary action: what comes after a silent web is tested all the same."""
    by = run.treatment.patient.user
    message = send_message(treatment=run.treatment, text=RISKY, key=run.key, by=by, now=now)
    CanaryRun.objects.under_way().filter(pk=run.pk, message=None).update(message=message)


@transaction.atomic
def note_worker(*, run: int, now: datetime) -> None:
    """Note that the worker has read its queue. The first answer counts."""
    CanaryRun.objects.filter(pk=run, worker_at=None).update(worker_at=now)


@transaction.atomic
def end_canary_run(*, run: CanaryRun, missing: list[str], now: datetime) -> None:
    """Note that every link answered, or which did not, and leave the therapist's list empty, with nothing unread."""
    if missing:
        run.failed_at, run.missing = now, ",".join(missing)
        log.error("canary.failed", run=run.pk, missing=run.missing)
    else:
        run.passed_at = now
    run.save(update_fields=["passed_at", "failed_at", "missing"])
    mark_read(treatment=run.treatment, by=run.treatment.assignment.therapist, now=now)
    close_canary_flags(now=now)


@transaction.atomic
def close_canary_flags(*, now: datetime) -> None:
    """Close the canaries' open flags by the ordinary verb, with the outcome that says least."""
    for flag in Flag.objects.open().filter(clinic__in=Clinic.objects.canaries()).select_related("owner"):
        without_contact = [Outcome.NOT_ABOUT_SUICIDE, Outcome.READ_NOTHING, Outcome.NO_CONTACT]
        outcome = next((each for each in without_contact if each in outcomes_for(flag)), None)
        if outcome is not None:
            close_flag(
                flag=flag, by=flag.owner, outcome=outcome, assessment=CLOSED, action="", contact_at=None,
                contact_with="", now=now,
            )  # fmt: skip


def _therapist(clinic: Clinic, number: int, revision: Revision, now: datetime) -> User:
    membership = Membership.objects.create(
        user=_account(f"therapist-{number}"), clinic=clinic, role=Role.THERAPIST, profession=Profession.PSYCHOLOGIST,
        started_at=now,
    )  # fmt: skip
    Competence.objects.create(membership=membership, programme=revision.programme.slug)
    return membership.user


def _in_treatment(
    clinic: Clinic, number: int, revision: Revision, therapist: User, substitute: User, now: datetime
) -> Treatment:
    patient = Patient.objects.create(
        user=_account(f"patient-{number}"), clinic=clinic, personnummer=f"canary-{number}", born=date(1900, 1, 1),
        phone="0", created_at=now,
    )  # fmt: skip
    assessment = Assessment.objects.create(
        patient=patient, assessor=therapist, profession=Profession.PSYCHOLOGIST, decided_at=now, icd10="Z00.0",
        interview=CLOSED, risk=CLOSED,
    )  # fmt: skip
    return start_treatment(
        patient=patient, assessment=assessment, revision=revision, therapist=therapist, substitute=substitute,
        consented_at=now, by=therapist, now=now, demo=True,
    )  # fmt: skip


def _account(name: str) -> User:
    return User.objects.create_user(email=f"{name}@canary.invalid", first_name=NAME, last_name=name)
