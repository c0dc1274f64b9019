"""An answer about safety in a module stands in the therapist's work list when it is sent, until somebody has looked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from programs.actions import answers, mark_seen, send_module
from programs.library_format.safety import is_about_safety
from programs.models import Module, Page, Step
from programs.shipped import LIBRARY
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_revision, make_treatment, make_user

LATER = NOW + timedelta(hours=1)
LISTED = [{"from": "start.nickat", "options": ["hemma", "farligt"]}]
CHIP = "Svar om säkerhet"


@pytest.fixture
def step(cast: Cast) -> Step:
    """Maj's open module with the question, in a programme that lists two of its three answers."""
    revision = make_revision(safety_answers=LISTED)
    module = Module.objects.get(revision=revision, number=1)
    options = [{"id": name, "text": name} for name in ("nej", "hemma", "farligt")]
    question = {
        "type": "question", "id": "nickat", "kind": "choice", "prompt": "Har du nickat?", "prompt_html": "",
        "options": options, "min": None, "max": None, "low": "", "high": "", "required": True, "prefill": [],
        "keep": "",
    }  # fmt: skip
    Page.objects.create(module=module, number=3, slug="vaken", title="Vaken", blocks=[question])
    treatment = make_treatment(make_user("Maj", "Ek"), cast.eken, cast.berit, cast.cecilia, revision)
    return treatment.steps.select_related("module__revision", "treatment__revision").get(module=module)


def send(step: Step, answer: str) -> None:
    user = step.treatment.patient.user
    send_module(step=step, answers={"nickat": answer}, key=uuid4(), by=user, now=LATER)


def worklist(client: Client, cast: Cast, hours: int = 2) -> str:
    with time_machine.travel(NOW + timedelta(hours=hours), tick=False):
        client.force_login(cast.berit)
        return client.get(reverse("worklist")).text


def test_it_stands_in_the_work_list_until_somebody_has_looked(cast: Cast, step: Step, client: Client) -> None:
    send(step, "farligt")
    assert CHIP in worklist(client, cast)
    mark_seen(treatment=step.treatment, now=NOW + timedelta(hours=3))
    assert CHIP not in worklist(client, cast, hours=4)


def test_it_comes_before_everything_but_an_open_flag(cast: Cast, step: Step, client: Client) -> None:
    send(step, "hemma")
    shown = worklist(client, cast)
    assert shown.index(CHIP) < shown.index("Avsnitt inlämnat")
    assert not Flag.objects.filter(patient=step.treatment.patient).exists()  # the list, no kind of its own


def test_another_answer_to_the_same_question_is_only_handed_in(cast: Cast, step: Step, client: Client) -> None:
    send(step, "nej")
    assert CHIP not in worklist(client, cast)


def test_without_the_mark_it_would_stand_as_any_module(
    cast: Cast, step: Step, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Red twin."""
    monkeypatch.setattr(answers, "is_about_safety", lambda facts, module, answers: False)
    send(step, "farligt")
    assert CHIP not in worklist(client, cast)


@pytest.mark.parametrize(
    ("given", "expected"),
    [("farligt", True), (["nej", "hemma"], True), ("nej", False), (None, False), ([], False), (3, False)],
)
def test_only_what_is_listed_counts(given: Any, expected: bool) -> None:
    facts = {"safety_answers": LISTED}
    assert is_about_safety(facts, "start", {"nickat": given}) is expected
    assert not is_about_safety(facts, "annat", {"nickat": given})
    assert not is_about_safety({}, "start", {"nickat": given})


def test_nodding_off_is_listed_in_the_programme_about_sleep() -> None:
    listed = (LIBRARY / "somn" / "programme.yaml").read_text(encoding="utf-8")
    for module in ("sangen", "justera", "tankar", "kvallar", "framat"):
        assert f"{{from: {module}.nickat, options: [hemma, farligt]}}" in listed
