"""What two people decide about, and what the canaries need: answers that are screened, other rules, an open door."""

from __future__ import annotations

from uuid import uuid4

import pytest

from clinics.models import Clinic
from messaging.actions import send_message
from riskmonitor import lexicon
from riskmonitor.actions import prepare_canaries
from riskmonitor.activation import in_force
from riskmonitor.rules import known_forms, rule_set, suicide
from riskmonitor.sweeps import screen_one
from riskmonitor.watch import canary_visit, wakeup
from tests.cast import NOW, Cast
from tests.riskmonitor.canary_runs import EVERY, through_the_door
from tests.riskmonitor.dry_runs import RISKY, answer


@pytest.fixture
def sent(cast: Cast) -> Cast:
    """Anna wrote something risky and marked a two, Nils marked a one; all is screened with the rules in force."""
    send_message(treatment=cast.annas, text=RISKY, key=uuid4(), by=cast.anna, now=NOW)
    answer(cast.annas, cast.anna, 2)
    answer(cast.nilss, cast.nils, 1)
    while screen_one(NOW):
        pass
    return cast


@pytest.fixture
def stricter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A release in which only a three is for now, and which does not know Anna's words."""
    monkeypatch.setattr(in_force, "boot", in_force.Boot())
    monkeypatch.setattr("riskmonitor.watch.chain.boot", in_force.boot)
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")
    phq9 = known_forms.FORMS["phq9"]
    rule = known_forms.ItemRule("phq9.item9", "9", now_from=3, today_from=2)
    changed = type(phq9)(phq9.versions, 9, 0, 3, (rule,), change=phq9.change)
    monkeypatch.setitem(suicide.FORMS, "phq9", changed)
    known = lexicon.screen
    monkeypatch.setattr(lexicon, "screen", lambda text: [] if text == RISKY else known(text))


@pytest.fixture
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """What the worker was asked, in order: its tasks with their rows."""
    asked: list[tuple[str, int]] = []
    monkeypatch.setattr(wakeup, "wake", lambda task, pk: asked.append((task, pk)))
    return asked


@pytest.fixture
def door(monkeypatch: pytest.MonkeyPatch) -> None:
    """The web, as near as a test comes to it without a line."""
    monkeypatch.setattr(canary_visit, "call", through_the_door)


@pytest.fixture
def canaries(cast: Cast, settings, woken: list[tuple[str, int]], door: None) -> Clinic:
    settings.CANARY_SECONDS = int(EVERY.total_seconds())
    assert prepare_canaries(now=NOW)
    return Clinic.objects.canaries().get()
