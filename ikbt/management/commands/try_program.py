"""manage.py try_program slug: in a demo, from a folder to a started treatment of an invented patient."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinics.models import Patient, User
from ikbt.demo.people import add_competence, email_of, make_patient
from ikbt.demo.story import Story
from ikbt.models import DemoMarker
from programs.editions import all_revisions
from programs.models import Revision
from programs.shipped import LIBRARY

THERAPIST, SUBSTITUTE = "cecilia", "hassan"
MOST_PATIENTS = 94  # of the demo: PTS keeps that many telephone numbers of the row for fiction
NO_DIAGNOSIS = "Z73.3"  # stress: for programmes that treat no diagnosis of their own


class Command(BaseCommand):
    help = "In a demo: check and load a programme, and start a treatment with it for a new invented patient."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="the programme's folder")
        parser.add_argument("--library", type=Path, default=LIBRARY, help="where the folder is, when not here")

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.DEMO and DemoMarker.objects.exists()):
            raise CommandError("A programme is tried in a demo only: set IKBT_DEMO=1 and run seed_demo first.")
        with transaction.atomic():
            call_command("load_programs", options["slug"], library=options["library"], stdout=self.stdout)
            patient = self.start(options["slug"], timezone.now())
        self.stdout.write(
            f"Started. The patient signs in as {patient.email}, the therapist as {email_of(THERAPIST)},"
            " with the demo's password."
        )

    def start(self, slug: str, now: datetime) -> User:
        """Give the therapists the competence and start; return the patient's user."""
        revision = all_revisions(slug)[0]
        staff = {key: User.objects.get(email=email_of(key)) for key in (THERAPIST, SUBSTITUTE, "berit")}
        clinic = add_competence(staff.values(), slug)
        number = Patient.objects.count() + 1
        if number > MOST_PATIENTS:
            raise CommandError(
                f"This demo has {MOST_PATIENTS} patients already, the most there can be. Start a new one."
            )
        entry = {
            "key": f"prov-{number}", "first_name": "Prov", "last_name": f"Provsson {number}", "age": 40,
            "therapist": THERAPIST, "substitute": SUBSTITUTE, "started_days_ago": 0,
        }  # fmt: skip
        patient = make_patient(entry, number, clinic, now)
        Story(entry, patient, staff, now, assessed=_assessed(revision)).tell(revision)
        return patient.user


def _assessed(revision: Revision) -> dict[str, str]:
    diagnoses = revision.facts["target"]["icd10"]
    return {"icd10": diagnoses[0] if diagnoses else NO_DIAGNOSIS, "interview": "MINI"}
