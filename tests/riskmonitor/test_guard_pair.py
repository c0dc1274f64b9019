"""Two guards at once: everything is found once, each step taken once, and neither waits for the other for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from messaging.actions import send_message
from messaging.models import Message
from riskmonitor.models import ChainCheck, Flag, FlagEvent, FlagFinding
from riskmonitor.sweeps import audit_chain, auditing
from riskmonitor.watch.chain import GUARDS, read_chain
from riskmonitor.watch.guard import Guard
from tests.cast import NOW, make_cast
from tests.chaos.ledger import steps_taken_twice


class Meeting:
    """Two audits that have both forgotten what the other has found, before either stores its own."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.faults: list[Exception] = []
        self.both = threading.Barrier(2, timeout=2)
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
    meeting = Meeting(monkeypatch)
    meeting.hold()
    assert meeting.faults == []
    assert ChainCheck.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_without_turns_each_audit_would_wait_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr(auditing, "hold_checks", lambda: None)
    meeting = Meeting(monkeypatch)
    meeting.hold()
    assert "deadlock detected" in str(meeting.faults[0])


@pytest.mark.django_db(transaction=True)
def test_a_pair_of_guards_finds_everything_once_and_takes_each_step_once() -> None:
    cast = make_cast()
    now = timezone.now()
    for number in range(12):
        send_message(treatment=cast.annas, text=f"Jag vill inte leva. {number}", key=uuid4(), by=cast.anna, now=now)
        send_message(treatment=cast.eriks, text=f"Jag vill inte leva. {number}", key=uuid4(), by=cast.erik, now=now)
    pair = [Guard(name) for name in GUARDS]
    with running(pair):
        wait_for(lambda: not Message.objects.filter(screened_at=None).exists())
        wait_for(lambda: read_chain().silent == ["worker"])
    assert Flag.objects.count() == 2
    assert FlagFinding.objects.count() == 24
    events = FlagEvent.objects.order_by("flag", "pk").values_list("flag", "kind", "to", "audience")
    assert steps_taken_twice(events) == 0


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
