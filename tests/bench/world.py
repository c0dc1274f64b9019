"""Clinics made with the platform's own verbs: one patient, fifty patients, fifty open flags, and none yet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count, cycle
from typing import Any
from uuid import uuid4

from django.core.management import call_command
from django.db import transaction

from clinics.models import Absence, Clinic, Membership, Profession, Region, Role, User
from messaging.actions import send_message
from programs.actions import mark_plan_read, open_module, send_measure, send_module, send_tool_entry, start_treatment
from programs.library_format.blocks import Question
from programs.models import Assessment, Revision, Step, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import PROGRAMME, make_clinic, make_patient, make_therapist, make_user

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)
MANY = 50
LOG = {"activity": "Promenad i skogen", "mood": 5, "joy": 4, "mastery": 6, "note": "Det var kallt men skönt."}
WORDS = "Jag gick ut på morgonen och ringde en vän, som vi hade tänkt. Det kändes lite lättare efteråt."
_numbers = count(1)


@dataclass
class Ward:
    """A clinic with its therapist, her substitute, those who lead, and the treatments, oldest first."""

    clinic: Clinic
    therapist: User
    substitute: User
    lead: User
    treatments: list[Treatment] = field(default_factory=list)


@dataclass
class World:
    """`one` and `fifty` patients; in the `crowd` fifty have an open flag; `unflagged` patients raise their first."""

    one: Ward
    fifty: Ward
    crowd: Ward
    unflagged: Ward
    next_unflagged: Iterator[Treatment]

    @property
    def rich(self) -> Treatment:
        """The treatment with fifty rows of everything."""
        return self.fifty.treatments[0]

    @property
    def usual(self) -> Treatment:
        """A treatment in its sixth week, with an open flag."""
        return self.fifty.treatments[5]

    @property
    def sender(self) -> Treatment:
        """A treatment like the usual one, which sends: what is sent in each round must not make another's page grow."""
        return self.fifty.treatments[10]


@transaction.atomic
def make_world(now: datetime, rounds: int) -> World:
    """Tell six weeks of treatment, until now. `rounds` patients have no flag yet."""
    call_command("load_programs", verbosity=0, stdout=_Silence())
    revision = Revision.objects.filter(programme__slug=PROGRAMME).select_related("programme").latest("loaded_at")
    region = Region.objects.create(name="Region Exempel")
    one, fifty, crowd, unflagged = (make_ward(region, name) for name in ("Linden", "Eken", "Tallen", "Almen"))
    one.treatments = [_told(one, revision, now, rows=1, is_flagged=True)]
    rows = [MANY] + [5] * (MANY - 1)
    fifty.treatments = [_told(fifty, revision, now, rows=some, is_flagged=not nr % 5) for nr, some in enumerate(rows)]
    crowd.treatments = [start(crowd, revision, now - WEEK) for _ in range(MANY)]
    unflagged.treatments = [start(unflagged, revision, now - WEEK) for _ in range(rounds)]
    for treatment in crowd.treatments:
        measure(treatment, now, risk=2)
    for ward, times in ((one, 1), (crowd, MANY)):
        _was_away(ward, now, times)
    while screen_one(now + timedelta(seconds=1)):
        pass
    return World(one, fifty, crowd, unflagged, cycle(unflagged.treatments))


@transaction.atomic
def make_one(now: datetime) -> Ward:
    """Tell six weeks of one flagged patient, whose last questionnaire says nothing."""
    call_command("load_programs", verbosity=0, stdout=_Silence())
    revision = Revision.objects.filter(programme__slug=PROGRAMME).select_related("programme").latest("loaded_at")
    ward = make_ward(Region.objects.create(name="Region Exempel"), "Linden")
    ward.treatments = [_told(ward, revision, now, rows=1, is_flagged=True)]
    measure(ward.treatments[0], now, risk=0, others=0)
    while screen_one(now + timedelta(seconds=1)):
        pass
    return ward


def measure(treatment: Treatment, at: datetime, risk: int, others: int = 1) -> Submission:
    """Send PHQ-9 with `risk` on item 9 and `others` on all other items."""
    phq9 = instruments()["phq9"]
    answers = {item.id: others for item in phq9.items} | {"9": risk}
    return send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(),
        by=treatment.patient.user, now=at,
    )  # fmt: skip


def flag_of(treatment: Treatment) -> Flag:
    return Flag.objects.open().get(treatment=treatment, kind="suicide")


def make_ward(region: Region, name: str) -> Ward:
    """Make a clinic with its people, and no patients yet."""
    clinic = make_clinic(region, name)
    people = [make_user(role, name) for role in ("Therapist", "Substitute", "Lead", "Deputy")]
    therapist, substitute, lead, deputy = people
    for person in (therapist, substitute):
        make_therapist(clinic, person)
    Membership.objects.create(user=lead, clinic=clinic, role=Role.LEAD)
    Membership.objects.create(user=deputy, clinic=clinic, role=Role.DEPUTY)
    return Ward(clinic, therapist, substitute, lead)


def start(ward: Ward, revision: Revision, at: datetime) -> Treatment:
    patient = make_patient(ward.clinic, make_user(f"Patient{next(_numbers)}", ward.clinic.name))
    assessment = Assessment.objects.create(
        patient=patient, assessor=ward.therapist, profession=Profession.PSYCHOLOGIST, decided_at=at, icd10="F32.1",
        interview="MINI: F32.1", risk="-",
    )  # fmt: skip
    return start_treatment(
        patient=patient, assessment=assessment, revision=revision, therapist=ward.therapist,
        substitute=ward.substitute, consented_at=at, by=ward.therapist, now=at, demo=True,
    )  # fmt: skip


def _told(ward: Ward, revision: Revision, now: datetime, *, rows: int, is_flagged: bool) -> Treatment:
    """Start six weeks ago; since then `rows` measures, diary rows and letters, and modules sent (many: all but one)."""
    treatment = start(ward, revision, now - 6 * WEEK)
    patient = treatment.patient.user
    hand_in(treatment, now - 4 * WEEK, many=rows >= MANY)
    for number in range(rows):
        at = now - 5 * WEEK * (rows - number) / rows
        is_last = number == rows - 1
        measure(
            treatment, now if is_last and is_flagged else at, risk=2 if is_flagged and is_last else 0, others=number % 4
        )
        entry = LOG | {"date": f"{at:%Y-%m-%d}", "time": "12:00"}
        send_tool_entry(treatment=treatment, tool="mood_log", entry=entry, key=uuid4(), by=patient, now=at)
        author = ward.therapist if number % 2 and not is_last else patient
        send_message(treatment=treatment, text=f"{WORDS} ({number})", key=uuid4(), by=author, now=at)
    if is_flagged and rows >= MANY:
        for number in range(MANY - 1):
            measure(treatment, now - timedelta(seconds=MANY - number), risk=2)
    mark_plan_read(treatment=treatment, by=patient, now=now)
    return treatment


def hand_in(treatment: Treatment, at: datetime, *, many: bool) -> None:
    """Send the first module, or all but the last; open the one that follows.

    When all are sent other questionnaires are asked, and a page asks the database of them too, however many rows.
    """
    steps = list(
        treatment.steps.select_related("module__revision", "treatment__patient__user").order_by("module__number")
    )
    sent = steps[:-1] if many else steps[:1]
    for step in steps[: len(sent) + 1]:
        opened = open_module(treatment=treatment, module=step.module, by=treatment.assignment.therapist, now=at)
        if step in sent:
            _send(opened, step, at)


def _send(opened: Step, step: Step, at: datetime) -> None:
    opened.treatment, opened.module = step.treatment, step.module
    answers = {question.id: _answer(question) for question in step.module.questions()}
    send_module(step=opened, answers=answers, key=uuid4(), by=step.treatment.patient.user, now=at)


def _answer(question: Question) -> Any:
    option = question.options[0].id if question.options else ""
    return {
        "text": "En kort promenad", "long": WORDS, "pick": {"options": [option] if option else [], "own": "Läsa"},
        "choice": option, "multi": [option], "scale": question.min or 0, "number": question.min or 0, "yesno": True,
        "time": "07:30", "date": "2026-11-21",
    }[question.kind]  # fmt: skip


def _was_away(ward: Ward, now: datetime, times: int) -> None:
    """Hours off in the past: rows for the absence page, which cover nothing any more."""
    who, hour = ward.therapist, timedelta(hours=1)
    Absence.objects.bulk_create(
        Absence(user=who, starts_at=now - DAY - 2 * hour * nr, ends_at=now - DAY - 2 * hour * nr + hour,
                created_at=now - 6 * WEEK, created_by=who)
        for nr in range(times)
    )  # fmt: skip


class _Silence:
    """Where the command's own lines go."""

    def write(self, _text: str) -> None:
        """Say nothing."""
