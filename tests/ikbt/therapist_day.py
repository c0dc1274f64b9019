"""What fills a therapist's day: messages, measures and modules that patients have sent. Builders for these tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import uuid4

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Absence, Patient, User
from messaging.actions import send_message
from messaging.models import Message
from programs.actions import send_measure, send_module
from programs.models import Module, Step, Submission, Treatment
from programs.shipped import instruments
from tests.cast import NOW, Cast, make_treatment, make_user

ZEROS = {str(item): 0 for item in range(1, 10)}
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def write(treatment: Treatment, text: str = "Hej.", now: datetime = NOW) -> Message:
    return send_message(treatment=treatment, text=text, key=uuid4(), by=treatment.patient.user, now=now)


def measure(treatment: Treatment, now: datetime = NOW, version: str = "", **marked: int) -> Submission:
    """Send PHQ-9 with zeros but for the marked items, given as i9=2; in the shipped version unless said."""
    phq9 = instruments()["phq9"]
    answers = ZEROS | {item.removeprefix("i"): value for item, value in marked.items()}
    return send_measure(
        treatment=treatment, instrument=phq9, version=version or phq9.version, answers=answers, key=uuid4(),
        by=treatment.patient.user, now=now,
    )  # fmt: skip


def hand_in(treatment: Treatment, thought: str = "Att det gick.", now: datetime = NOW) -> Submission:
    """Send the first module."""
    step = treatment.steps.select_related("module__revision", "treatment__patient").first()
    return send_module(step=step, answers={"tanke": thought}, key=uuid4(), by=treatment.patient.user, now=now)


def absence(user: User, start: datetime, end: datetime) -> Absence:
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=start, created_by=user)


def add_module(treatment: Treatment, notes: Sequence[dict[str, object]] = ()) -> Step:
    """Give the treatment a third module, not yet open, with notes and phrases for the therapist."""
    module = Module.objects.create(
        revision=treatment.revision, number=3, slug="tre", title="Tre", aim="Du provar.", facts={"tools": []},
        short=None, notes=list(notes),
    )  # fmt: skip
    return Step.objects.create(treatment=treatment, module=module)


def busy_patients(cast: Cast, count: int) -> None:
    """Give Berit more patients at Eken, each with two measures, a flag, an unread message and a module handed in."""
    already = Patient.objects.count()
    for number in range(already, already + count):
        user = make_user(f"Person{number}", "Lind")
        treatment = make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
        measure(treatment, NOW, i1=3)
        measure(treatment, NOW + HOUR, i9=1)
        write(treatment)
        hand_in(treatment)


def questions_asked(client: Client, url: str) -> int:
    """Return how many questions the page asks the database; the transaction's own savepoints are none."""
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return sum("SAVEPOINT" not in query["sql"] for query in asked)
