"""Two guards at once: everything is found once, each step taken once, and neither waits for the other for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from itertools import product
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from messaging.actions import send_message
from messaging.models import Message
from riskmonitor.models import ChainCheck, Flag, FlagEvent, FlagFinding, FlagStep
from riskmonitor.sweeps import audit_chain, auditing, escalating
from riskmonitor.watch.chain import GUARDS, read_chain
from riskmonitor.watch.guard import Guard
from tests.cast import NOW, make_cast
from tests.chaos.ledger import steps_taken_twice


class Meeting:
    """Two audits that have both forgotten what the other has found, before either stores its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
        self.faults: list[Exception] = []
        self.both = threading.Barrier(2, timeout=patience)
        store = ChainCheck.objects.update_or_create

        def met(**given: Any) -> object:
            with suppress(threading.BrokenBarrierError):  # the other one is still waiting for its turn
                self.both.wait()
            return store(**given)

        monkeypatch.setattr(ChainCheck.objects, "update_or_create", met)
        monkeypatch.setattr(auditing, "problems", lambda _now: {threading.current_thread().name: 1})

    def hold(self) -> None:
        for problem in ("overdue", "unsent"):
            ChainCheck.objects.create(problem=problem, count=1, since=NOW, checked_at=NOW)
        audits = [threading.Thread(target=self._audit, name=name) for name in ("overdue", "unsent")]
        for audit in audits:
            audit.start()
        for audit in audits:
            audit.join()

    def _audit(self) -> None:
        try:
            audit_chain(NOW)
        except OperationalError as error:
            self.faults.append(error)
        finally:
            connection.close()


@pytest.mark.django_db(transaction=True)
def test_the_audits_of_two_guards_take_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = Meeting(monkeypatch, patience=2)
    meeting.hold()
    assert meeting.faults == []
    assert ChainCheck.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_turns_each_audit_would_wait_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr(auditing, "hold_checks", lambda: None)
    meeting = Meeting(monkeypatch, patience=15)  # they do meet, however busy the machine
    meeting.hold()
    assert "deadlock detected" in str(meeting.faults[0])


@pytest.mark.django_db(transaction=True)
def test_a_pair_of_guards_finds_everything_once_and_takes_each_step_once() -> None:
    with friday_goes_on(), running([Guard(name) for name in GUARDS]):
        everything_is_screened()
        assert (Flag.objects.count(), FlagFinding.objects.count()) == (2, 24)
        nobody_answers_for(31, then=1)
        nobody_answers_for(30, then=2)
    assert steps_taken_twice(calls()) == 0
    assert Flag.objects.filter(failures__gt=0).count() == 0
    assert {audience for _flag, _kind, _person, audience in calls()} >= {"therapist", "substitute", "team"}


@pytest.mark.django_db(transaction=True)
def test_a_pair_that_locks_no_flag_would_take_a_step_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: both have read the same flag before either climbs it."""
    both, climb = threading.Barrier(2, timeout=15), escalating.climb

    def climb_together(flag: Flag, now: datetime) -> None:
        with suppress(threading.BrokenBarrierError):
            both.wait()
        climb(flag, now)

    with friday_goes_on(), running([Guard(name) for name in GUARDS]):
        everything_is_screened()
        monkeypatch.setattr(type(Flag.objects.all()), "select_for_update", lambda flags, **_given: flags)
        monkeypatch.setattr(escalating, "climb", climb_together)
        nobody_answers_for(31, then=1)
        both.abort()
    assert steps_taken_twice(calls()) > 0


@contextmanager
def friday_goes_on() -> Iterator[None]:
    """Anna and Erik have written, on a Friday morning in working time that goes on."""
    with time_machine.travel(NOW, tick=True):
        cast = make_cast()
        for number, treatment in product(range(12), (cast.annas, cast.eriks)):
            text, by = f"Jag vill inte leva. {number}", treatment.patient.user
            send_message(treatment=treatment, text=text, key=uuid4(), by=by, now=timezone.now())
        yield


def everything_is_screened() -> None:
    wait_for(lambda: not Message.objects.filter(screened_at=None).exists())
    wait_for(lambda: read_chain().silent == ["worker"])


def nobody_answers_for(minutes: int, *, then: int) -> None:
    """Set the clocks of the flags back, so that the step `then` is due, and wait until the guards have taken it."""
    untaken = FlagStep.objects.filter(position=then, taken_at=None)
    assert untaken.count() == 2
    Flag.objects.update(clock_from=F("clock_from") - timedelta(minutes=minutes), next_step_at=timezone.now())
    wait_for(lambda: not untaken.exists())
    wait_for(lambda: not Flag.objects.due(timezone.now()).exists())


def calls() -> list[tuple[int, str, int | None, str]]:
    return list(FlagEvent.objects.order_by("flag", "pk").values_list("flag", "kind", "to", "audience"))


@contextmanager
def running(guards: list[Guard]) -> Iterator[None]:
    def run(guard: Guard) -> None:
        guard.run()
        connection.close()

    processes = [threading.Thread(target=run, args=(guard,)) for guard in guards]
    for process in processes:
        process.start()
    try:
        yield
    finally:
        for guard in guards:
            guard.stop()
        for process in processes:
            process.join(timeout=20)


def wait_for(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.1)
