"""Demo data is only ever put into an empty database, or one that is marked as demo."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinics.models import Patient, User
from ikbt.models import DemoMarker
from tests.cast import Cast


def test_a_database_that_holds_people_is_refused_and_left_alone(cast: Cast, settings) -> None:
    settings.DEMO = True
    before = User.objects.count()
    with pytest.raises(CommandError, match="not marked as demo"):
        call_command("seed_demo")
    assert (User.objects.count(), DemoMarker.objects.count()) == (before, 0)


def test_outside_a_demo_it_does_nothing(db: None, settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="IKBT_DEMO=1"):
        call_command("seed_demo")
    assert not User.objects.exists()


def test_a_marked_database_is_not_filled_twice(db: None, settings, capsys) -> None:
    settings.DEMO = True
    DemoMarker.objects.create(seeded_at=timezone.now())
    call_command("seed_demo")
    assert "is there" in capsys.readouterr().out
    assert not User.objects.exists()


def test_an_empty_database_becomes_the_demo_region(db: None, settings) -> None:
    settings.DEMO = True
    call_command("load_programs")
    call_command("seed_demo")
    assert DemoMarker.objects.count() == 1
    assert Patient.objects.count() == 26
    assert {clinic.name for clinic in {p.clinic for p in Patient.objects.select_related("clinic")}} == {
        "Vårdcentralen Eken", "Vårdcentralen Linden",
    }  # fmt: skip
