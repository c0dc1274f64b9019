"""A canary comes in by the door that patients use: a web that lets nothing in is seen, and a deploy is no fault."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from django.contrib.sessions.models import Session

from clinics.models import Clinic
from messaging.models import Message
from messaging.outbound import NoAnswer
from riskmonitor.actions.canaries import RISKY
from riskmonitor.models import CanaryRun
from riskmonitor.sweeps import audit_chain, carry_canary, watch_canaries
from riskmonitor.sweeps.canaries import LIMIT, PATIENCE
from riskmonitor.watch import canary_visit
from riskmonitor.watch.chain import warnings
from tests.cast import NOW, Cast
from tests.riskmonitor.canary_runs import SECOND, begin, sweep, through_the_door, worker_reads


def silent(url: str, **_given: object) -> int:
    raise NoAnswer("ConnectionRefusedError")


def kind_but_deaf(url: str, **_given: object) -> int:
    """What a page answers that sends the patient to the sign-in."""
    return 302


@pytest.mark.parametrize("answer", [silent, kind_but_deaf])
def test_a_web_that_lets_nothing_in_is_red_and_the_rest_of_the_chain_is_tested_all_the_same(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks, answer
) -> None:
    monkeypatch.setattr(canary_visit, "call", answer)
    run = begin(NOW, django_capture_on_commit_callbacks)
    assert run.message is None
    watch_canaries(NOW + PATIENCE)
    sweep(NOW + PATIENCE)
    worker_reads(woken)
    watch_canaries(NOW + LIMIT + SECOND)
    run.refresh_from_db()
    assert run.missing == "web"
    assert run.message.findings.exists()
    assert audit_chain(NOW + LIMIT + SECOND) == {"canary_web": 1}
    assert "canary" not in warnings(NOW)  # whoever sees a page has reached the web


def test_the_bar_is_red_when_more_than_the_web_is_missing(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    """The red twin."""
    monkeypatch.setattr(canary_visit, "call", silent)
    begin(NOW, django_capture_on_commit_callbacks)
    watch_canaries(NOW + PATIENCE)
    watch_canaries(NOW + LIMIT + SECOND)
    assert audit_chain(NOW + LIMIT + SECOND)["canary"] == 1
    assert "canary" in warnings(NOW)


def test_a_deploy_that_the_web_is_away_for_is_no_fault(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    monkeypatch.setattr(canary_visit, "call", silent)
    begin(NOW, django_capture_on_commit_callbacks)
    monkeypatch.setattr(canary_visit, "call", through_the_door)
    with time_machine.travel(NOW + 12 * SECOND, tick=False):
        carry_canary(NOW + 12 * SECOND)
    sweep(NOW + 13 * SECOND)
    worker_reads(woken)
    watch_canaries(NOW + 14 * SECOND)
    assert CanaryRun.objects.get().passed_at


def test_what_the_web_lets_in_late_is_the_message_that_the_guard_wrote(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    monkeypatch.setattr(canary_visit, "call", silent)
    run = begin(NOW, django_capture_on_commit_callbacks)
    watch_canaries(NOW + PATIENCE)
    assert sent_late(run, run.key, monkeypatch) == [302]
    assert Message.objects.filter(treatment=run.treatment).count() == 1


def test_by_another_key_it_would_be_a_second_message(
    canaries: Clinic, woken, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks
) -> None:
    """The red twin: the door does let it in."""
    monkeypatch.setattr(canary_visit, "call", silent)
    run = begin(NOW, django_capture_on_commit_callbacks)
    watch_canaries(NOW + PATIENCE)
    assert sent_late(run, uuid4(), monkeypatch) == [302]
    assert Message.objects.filter(treatment=run.treatment).count() == 2


def sent_late(run: CanaryRun, key: UUID, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Bring the run's message to the pages after the guard has written it. Return what they answered."""
    answers: list[int] = []

    def let_in(url: str, **given: Any) -> int:
        answers.append(through_the_door(url, **given))
        return answers[-1]

    monkeypatch.setattr(canary_visit, "call", let_in)
    with time_machine.travel(NOW + PATIENCE + SECOND, tick=False):
        canary_visit.send_through_web(treatment=run.treatment, text=RISKY, key=key)
    return answers


def test_nobody_who_is_somebody_is_signed_in_that_way(cast: Cast, canaries: Clinic) -> None:
    with pytest.raises(ValueError, match="only a canary"):
        canary_visit.send_through_web(treatment=cast.annas, text=RISKY, key=uuid4())
    assert not Session.objects.exists()


def test_no_session_is_left(canaries: Clinic, woken, django_capture_on_commit_callbacks) -> None:
    run = begin(NOW, django_capture_on_commit_callbacks)
    assert run.web_at
    assert not Session.objects.exists()
