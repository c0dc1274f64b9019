"""The fixed cast that every test tells its story with.

Anna and Erik are Berit's patients at Eken. Cecilia covers for Berit, Tove is on the team, Lena leads Eken and Hassan is
her deputy. David works alone at Linden with Nils as his patient and Siv as substitute. Frida writes content, Omar leads
the region, Greta administers.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import count
from typing import Any, Self

from django.apps import apps
from django.db import models, transaction

from clinics.models import Clinic, Competence, Membership, OpeningHours, Patient, Profession, Region, Role, User
from programs.actions import start_treatment
from programs.models import Assessment, Module, Page, Programme, Revision, Treatment

# A Friday morning in working time: 10.00 in Stockholm.
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
PROGRAMME = "depression-kom-igang"
TOOL_GATES = ("exposure-ok", "medical-ok", "movement-ok", "sleep-window-ok")  # before tools, not before modules
TALKED = "Frågorna är genomgångna"  # the one line of their checklists
_numbers = count(1)


@dataclass
class Cast:
    region: Region
    eken: Clinic
    linden: Clinic
    anna: User
    erik: User
    nils: User
    berit: User
    cecilia: User
    tove: User
    lena: User
    hassan: User
    david: User
    siv: User
    frida: User
    omar: User
    greta: User
    revision: Revision
    annas: Treatment
    eriks: Treatment
    nilss: Treatment


def make_user(first: str, last: str) -> User:
    return User.objects.create_user(
        email=f"{first}.{last}@example.org".lower(), password=None, first_name=first, last_name=last
    )


def make_clinic(region: Region, name: str) -> Clinic:
    clinic = Clinic.objects.create(region=region, name=name, phone="010-123 45 67", listed_patients=10_000)
    OpeningHours.objects.bulk_create(
        OpeningHours(clinic=clinic, weekday=day, opens=time(8), closes=time(17)) for day in range(5)
    )
    return clinic


def make_therapist(
    clinic: Clinic, user: User, profession: str = Profession.PSYCHOLOGIST, programme: str = PROGRAMME
) -> Membership:
    membership = Membership.objects.create(
        user=user, clinic=clinic, role=Role.THERAPIST, profession=profession, started_at=NOW
    )
    Competence.objects.create(membership=membership, programme=programme)
    return membership


def make_patient(clinic: Clinic, user: User) -> Patient:
    number = next(_numbers)
    return Patient.objects.create(
        user=user,
        clinic=clinic,
        personnummer=f"1992010{number:05d}"[-12:],
        born=date(1992, 1, 1),
        phone="070-000 00 00",
    )


def make_revision(**facts: Any) -> Revision:
    """A small programme of our own for tests: two modules with a question and a tool each; `facts` change its own."""
    programme, _new = Programme.objects.get_or_create(slug=PROGRAMME)
    revision = Revision.objects.create(
        programme=programme,
        edition=1,
        content_hash=f"{next(_numbers):064d}",
        status=Revision.Status.DRAFT,
        loaded_at=NOW,
        title={"sv": "Depression: kom igång"},
        patient_title={"sv": "Kom igång"},
        facts={
            "source_language": "sv",
            "instruments": {"primary": "phq9"},
            "tools": ["goals", "mood_log"],
            "gates": [{"id": gate, "before": "", "checklist": {"sv": [TALKED]}} for gate in TOOL_GATES],
        }
        | facts,
    )
    for number, slug, title in [(1, "start", "Ett första steg"), (2, "kartlagg", "Det du gör och hur du mår")]:
        module = Module.objects.create(
            revision=revision, number=number, slug=slug, title=title, aim="Du provar.",
            facts={"minutes": {"read": 10, "do": 10, "daily": 5}, "week": number, "tools": ["mood_log"], "gates": []},
            short={"type": "short", "does": "tanke", "html": "<p>Ett steg.</p>"}, notes=[],
        )  # fmt: skip
        Page.objects.create(
            module=module, number=1, slug="forsta", title="Första sidan", blocks=[
                {"type": "text", "html": "<p>Hej {{fornamn}}.</p>"},
                {
                    "type": "question", "id": "tanke", "kind": "long", "prompt": "Vad tänker du?",
                    "prompt_html": "<p>Vad tänker du?</p>", "options": [], "min": None, "max": None, "low": "",
                    "high": "", "required": False, "prefill": [], "keep": "",
                },
            ],
        )  # fmt: skip
        Page.objects.create(
            module=module, number=2, slug="skicka", title="Skicka", blocks=[
                {"type": "summary", "items": ["Ett litet steg räcker."]},
                {"type": "send", "html": "<p>{{behandlare}} läser.</p>"},
            ],
        )  # fmt: skip
    return revision


def make_treatment(user: User, clinic: Clinic, therapist: User, substitute: User, revision: Revision) -> Treatment:
    patient = getattr(user, "patient", None) or make_patient(clinic, user)
    assessment = Assessment.objects.create(
        patient=patient, assessor=therapist, profession=Profession.PSYCHOLOGIST, decided_at=NOW, icd10="F32.1",
        interview="MINI: F32.1", risk="Inga tankar på att dö.",
    )  # fmt: skip
    return start_treatment(
        patient=patient, assessment=assessment, revision=revision, therapist=therapist, substitute=substitute,
        consented_at=NOW, by=therapist, now=NOW, demo=True,
    )  # fmt: skip


def make_cast() -> Cast:
    region = Region.objects.create(name="Region Exempel")
    eken, linden = make_clinic(region, "Eken"), make_clinic(region, "Linden")
    names = (
        "anna:Lind erik:Ström nils:Ek berit:Almgren cecilia:Ek tove:Åberg lena:Norén hassan:Farah david:Öberg siv:Dahl"
    )
    names += " frida:Sandell omar:Haddad greta:Lundin"
    users = {first: make_user(first.title(), last) for first, last in (pair.split(":") for pair in names.split())}
    for name in ("berit", "cecilia", "tove"):
        make_therapist(eken, users[name])
    for name in ("david", "siv"):
        make_therapist(linden, users[name])
    for clinic, name, role in [
        (eken, "lena", Role.LEAD), (eken, "hassan", Role.DEPUTY), (eken, "greta", Role.ADMINISTRATOR),
    ]:  # fmt: skip
        Membership.objects.create(user=users[name], clinic=clinic, role=role, started_at=NOW)
    Membership.objects.create(user=users["omar"], region=region, role=Role.REGION, started_at=NOW)
    Membership.objects.create(user=users["frida"], region=region, role=Role.AUTHOR, started_at=NOW)
    revision = make_revision()
    treatments = {
        "annas": make_treatment(users["anna"], eken, users["berit"], users["cecilia"], revision),
        "eriks": make_treatment(users["erik"], eken, users["berit"], users["cecilia"], revision),
        "nilss": make_treatment(users["nils"], linden, users["david"], users["siv"], revision),
    }
    return Cast(region=region, eken=eken, linden=linden, revision=revision, **users, **treatments)


@dataclass(frozen=True)
class SeatedCast:
    """The cast as it was first made in this process, and every row that came with it."""

    cast: Cast
    rows: dict[type[models.Model], list[models.Model]]

    @classmethod
    def first(cls) -> Self:
        """Make the cast, keep its rows and take it all back. Sequences do not go back, so its keys stay its own."""
        with transaction.atomic():
            before = _rows()
            cast = make_cast()
            new = {model: [row for row in now if row not in before[model]] for model, now in _rows().items()}
            transaction.set_rollback(True)
        return cls(cast, {model: rows for model, rows in new.items() if rows})

    def again(self) -> Cast:
        """Put the same rows into the database once more: an insert for each table instead of a verb for each person."""
        for model, rows in self.rows.items():
            model._base_manager.bulk_create(deepcopy(rows))
        return deepcopy(self.cast)


def _rows() -> dict[type[models.Model], list[models.Model]]:
    return {model: list(model._base_manager.all()) for model in apps.get_models()}
