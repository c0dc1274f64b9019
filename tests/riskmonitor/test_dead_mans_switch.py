"""The watcher outside hears of us only while all is well, and hears nothing as soon as anything is not."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from riskmonitor.activation import in_force
from riskmonitor.models import Flag, Heartbeat
from riskmonitor.rules import rule_set
from riskmonitor.watch import dead_mans_switch
from riskmonitor.watch.chain import PROCESSES, beat
from riskmonitor.watch.dead_mans_switch import AUDIT_IS_OLD, EVERY, Switch
from riskmonitor.watch.guard import Guard, Round, safety_rounds
from tests.cast import NOW, Cast
from tests.messaging.sinks import HttpSink, http_sink
from tests.riskmonitor.test_climbing import raise_now


@pytest.fixture
def outside(settings) -> Iterator[HttpSink]:
    """The watcher: a receiver that counts."""
    with http_sink() as sink:
        settings.PING_URL = f"{sink.origin}/secret"
        yield sink


@pytest.fixture
def switch(cast: Cast) -> Switch:
    """A guard's switch after a clean audit, with worker and both guards alive."""
    for process in PROCESSES:
        beat(process)
    switch = Switch()
    switch.audit(NOW)
    return switch


def test_while_all_is_well_the_watcher_hears_of_us(switch: Switch, outside: HttpSink) -> None:
    assert switch.tell_outside(NOW)
    (heard,) = outside.kept
    assert (heard.method, heard.path, heard.body) == ("GET", "/secret", b"")


def test_a_problem_that_the_auditor_counts_silences_us_until_it_is_gone(
    cast: Cast, switch: Switch, outside: HttpSink
) -> None:
    flag = raise_now(cast.annas)
    Flag.objects.filter(pk=flag.pk).update(failures=1)
    switch.audit(NOW)
    assert not switch.tell_outside(NOW)
    Flag.objects.filter(pk=flag.pk).update(failures=0)
    switch.audit(NOW)
    assert switch.tell_outside(NOW)
    assert outside.asked == 1


@pytest.mark.hazard("H2g")
@pytest.mark.parametrize("process", PROCESSES)
def test_a_process_that_is_missed_silences_us(switch: Switch, outside: HttpSink, process: str) -> None:
    Heartbeat.objects.filter(process=process).update(beat_at=timezone.now() - timedelta(minutes=1))
    assert not switch.tell_outside(NOW)


def test_a_worker_that_refuses_to_screen_silences_us(
    switch: Switch, outside: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as old_release:
        old_release.setattr(rule_set, "RULES_VERSION", "another")
        old_release.setattr("riskmonitor.watch.chain.boot", in_force.Boot())
        beat("worker")
    assert not switch.tell_outside(NOW)


def test_an_audit_that_has_not_run_for_a_minute_vouches_for_nothing(switch: Switch, outside: HttpSink) -> None:
    assert switch.tell_outside(NOW + AUDIT_IS_OLD - timedelta(seconds=1))
    assert not switch.tell_outside(NOW + AUDIT_IS_OLD)
    assert not Switch().tell_outside(NOW)


def test_an_audit_that_throws_leaves_the_last_answer_to_age(
    switch: Switch, outside: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_mans_switch, "audit_chain", lambda now: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        switch.audit(NOW + AUDIT_IS_OLD)
    assert not switch.tell_outside(NOW + AUDIT_IS_OLD)


def test_without_its_demand_a_problem_would_be_told_as_all_well(
    switch: Switch, outside: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(Switch, "_all_is_well", lambda self, now: True)
    Heartbeat.objects.all().delete()
    assert switch.tell_outside(NOW)


@pytest.mark.parametrize("mode", ["refuse", "drop"])
def test_a_watcher_that_does_not_take_it_is_no_fault_of_ours(switch: Switch, outside: HttpSink, mode: str) -> None:
    outside.mode = mode
    assert not switch.tell_outside(NOW)


def test_without_an_address_nobody_is_told(switch: Switch, settings) -> None:
    settings.PING_URL = ""
    assert not switch.tell_outside(NOW)


def test_the_watcher_is_told_from_a_thread_of_its_own(switch: Switch) -> None:
    assert "tell_outside" not in {each.sweep.__name__ for each in safety_rounds(switch)}


@pytest.mark.django_db(transaction=True)
def test_when_the_guard_stops_the_watcher_hears_nothing_more(
    outside: HttpSink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Within two intervals of thirty seconds (here one second), far below the five minutes of the promise."""
    often = timedelta(seconds=1)
    monkeypatch.setattr(
        "riskmonitor.watch.guard.outward_rounds", lambda switch: [Round(switch.tell_outside, often, again=False)]
    )
    assert timedelta(minutes=2) >= 2 * EVERY
    for process in PROCESSES:
        beat(process)
    guard = Guard("guard")

    def run() -> None:
        guard.run()
        connection.close()

    process = threading.Thread(target=run)
    process.start()
    try:
        _wait_until(lambda: outside.asked >= 2)
    finally:
        guard.stop()
        process.join(timeout=20)
    heard = outside.asked
    time.sleep(2.2)
    assert heard >= 2
    assert outside.asked == heard


def _wait_until(happened) -> None:
    for _ in range(150):
        if happened():
            return
        time.sleep(0.1)
