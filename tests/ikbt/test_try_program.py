"""The launch drill: from the folder of the crisis programme to a started demo treatment, one command and no code."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import Patient
from ikbt.demo.people import make_clinics, make_staff, texts
from ikbt.management.commands import try_program
from ikbt.models import DemoMarker
from programs.models import Programme, Treatment
from programs.shipped import LIBRARY

SLUG = "oro-samhallskris"
CRISIS = """\
name: {sv: "Påhittat elavbrott"}
since: 2026-11-15
authority_ids: [krisinformation]
facts:
  - {text: {sv: "De flesta har el igen."}, authority: krisinformation, date: TODAY, signed: [Påhitt A, Påhitt B]}
"""


@pytest.fixture
def demo(db: None, settings) -> None:
    """The demo's clinics and staff, before anybody has competence for the crisis programme."""
    settings.DEMO = True
    story = texts()
    for told in story["staff"]:
        told["programmes"] = [each for each in told.get("programmes", []) if each != SLUG]
    DemoMarker.objects.create(seeded_at=timezone.now())
    region, clinics = make_clinics(story)
    make_staff(story, region, clinics, timezone.now())


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A copy of the library where an invented crisis has just been written down."""
    copied = tmp_path / "library"
    copied.mkdir()
    for path in LIBRARY.iterdir():
        if path.is_file():
            shutil.copy(path, copied)
        elif path.name in ("instruments", "interviews", SLUG):
            shutil.copytree(path, copied / path.name)
    told = CRISIS.replace("TODAY", timezone.localdate().isoformat())
    (copied / SLUG / "crisis.yaml").write_text(told, encoding="utf-8")
    return copied


def test_one_command_takes_the_crisis_programme_from_its_folder_to_a_started_treatment(demo: None, shelf: Path) -> None:
    call_command("try_program", SLUG, library=shelf)
    treatment = Treatment.objects.running().get()
    assert treatment.revision.programme.slug == SLUG
    step = treatment.steps.open().get()
    patient, therapist = Client(), Client()
    patient.force_login(treatment.patient.user)
    pages = [patient.get(reverse("module-page", args=[step.code, page.slug])) for page in step.module.pages.all()]
    assert {page.status_code for page in pages} == {200}
    shown = "".join(page.content.decode() for page in pages)
    assert "Påhittat elavbrott" in shown
    assert "De flesta har el igen." in shown
    therapist.force_login(treatment.assignment.therapist)
    assert treatment.patient.user.last_name in therapist.get(reverse("worklist")).content.decode()


def test_the_drill_can_be_done_again_with_the_next_invented_patient(demo: None) -> None:
    call_command("try_program", SLUG)
    call_command("try_program", SLUG)
    assert Treatment.objects.running().count() == Patient.objects.count() == 2


def test_a_broken_folder_starts_nothing_and_says_where(demo: None, shelf: Path) -> None:
    facts = shelf / SLUG / "programme.yaml"
    facts.write_text(facts.read_text(encoding="utf-8").replace("edition: 1", "edition: ett"), encoding="utf-8")
    with pytest.raises(CommandError, match=r"programme\.yaml"):
        call_command("try_program", SLUG, library=shelf)
    assert not Patient.objects.exists()


def test_outside_a_demo_nothing_is_tried(demo: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="demo"):
        call_command("try_program", SLUG)
    assert not Programme.objects.exists()


def test_a_database_without_the_mark_of_a_demo_is_left_alone(demo: None) -> None:
    """It may be a clinic's own, with the demo switched on by mistake."""
    DemoMarker.objects.all().delete()
    with pytest.raises(CommandError, match="demo"):
        call_command("try_program", SLUG)
    assert not Programme.objects.exists()
    assert not Patient.objects.exists()


def test_a_demo_that_is_full_says_so_and_starts_nothing(demo: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(try_program, "MOST_PATIENTS", 1)
    call_command("try_program", SLUG)
    with pytest.raises(CommandError, match="1 patients already"):
        call_command("try_program", SLUG)
    assert Treatment.objects.count() == Patient.objects.count() == 1
