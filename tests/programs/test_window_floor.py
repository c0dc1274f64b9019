"""No sleep window is shorter than its floor: the verb refuses it, and so does the database; both are what holds."""

from __future__ import annotations

from datetime import date, time

import pytest
from django.db import IntegrityError, transaction

from programs.actions import Kept, WindowRefused
from programs.actions import sleep_windows as verb
from programs.models import SleepWindow, Treatment
from programs.sleep import window as rules
from tests.cast import Cast
from tests.programs.sleepers import seven_nights
from tests.programs.test_sleep_windows import decide

pytestmark = pytest.mark.usefixtures("friday_morning")
SHORT = Kept(299, time(6, 30), date(2026, 11, 20))  # a minute less than five hours


@pytest.fixture
def annas(cast: Cast) -> Treatment:
    return seven_nights(cast)


@pytest.mark.hazard("H21a")
def test_the_verb_refuses_a_shorter_one(cast: Cast, annas: Treatment) -> None:
    with pytest.raises(WindowRefused, match="floor"):
        decide(annas, cast, kept=SHORT, words="Ändå")


@pytest.mark.hazard("H21a")
def test_past_the_verb_the_database_refuses_it(cast: Cast, annas: Treatment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verb, "_decision", lambda proposal, kept, words, today: "changed")
    with pytest.raises(IntegrityError, match="window_never_under_floor"), transaction.atomic():
        decide(annas, cast, kept=SHORT, words="Ändå")


def test_without_a_floor_it_would_be_taken(cast: Cast, annas: Treatment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin of both."""
    monkeypatch.setattr(rules, "floor_for", lambda careful: 0)
    decide(annas, cast, kept=SHORT, words="Ändå")
    assert SleepWindow.objects.get().minutes == 299
