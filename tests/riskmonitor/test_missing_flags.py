"""A flag whose row is gone, by whatever way, is missed within seconds: somebody reads, and everybody is told."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from riskmonitor import tasks
from riskmonitor.actions import acknowledge
from riskmonitor.actions import missing as telling
from riskmonitor.models import Flag, RaisedFlag
from riskmonitor.sweeps import audit_chain, miss_flags, missing
from riskmonitor.watch.dead_mans_switch import Switch
from riskmonitor.watch.guard import safety_rounds
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now

SECOND = timedelta(seconds=1)
# As somebody with all rights would: no trigger and no key stands in the way, and nothing of the flag is left.
DELETE = """
SET LOCAL session_replication_role = replica;
DELETE FROM riskmonitor_flagfinding WHERE flag_id = {0};
DELETE FROM riskmonitor_flagstep WHERE flag_id = {0};
DELETE FROM riskmonitor_flagevent WHERE flag_id = {0};
DELETE FROM riskmonitor_flag WHERE id = {0};
SET LOCAL session_replication_role = origin;
"""


def delete(flag: Flag) -> None:
    with connection.cursor() as cursor:
        cursor.execute(DELETE.format(flag.pk))


def sweep(now) -> None:
    miss_flags(now)


def test_every_flag_has_its_counterfoil_which_knows_whether_it_is_open(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    assert RaisedFlag.objects.get(flag_number=flag.pk).is_open
    closed = {"closed_at": NOW, "closed_by": cast.berit, "outcome": "not_about_suicide", "assessment": "Read."}
    Flag.objects.filter(pk=flag.pk).update(**closed)
    assert not RaisedFlag.objects.get(flag_number=flag.pk).is_open
    sweep(NOW)
    assert "missing_flags" not in audit_chain(NOW)


@pytest.mark.hazard("H1d")
def test_a_flag_that_is_deleted_by_sql_is_read_by_a_human_and_told_to_everybody(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    delete(flag)
    assert audit_chain(NOW).get("missing_flags") == 1  # the auditor needs no sweep to see it
    sweep(NOW + 3 * SECOND)
    instead = Flag.objects.open().get()
    assert (instead.patient, instead.kind, instead.urgency) == (cast.annas.patient, "unscreenable", "now")
    assert instead.owner == cast.berit
    assert audit_chain(NOW + 10 * SECOND)["missing_flags"] == 1
    sweep(NOW + 10 * SECOND)
    assert Flag.objects.count() == 1  # told once


def test_two_flags_that_are_gone_are_told_twice_whatever_is_open(cast: Cast) -> None:
    """Also when somebody has taken on what stands in the place of the first: the second is news."""
    delete(raise_now(cast.annas))
    sweep(NOW)
    instead = Flag.objects.open().get()
    acknowledge(flag=instead, by=cast.berit, now=NOW + SECOND)
    delete(raise_now(cast.annas, NOW + 2 * SECOND))
    sweep(NOW + 3 * SECOND)
    instead.refresh_from_db()
    assert (instead.acknowledged_by, instead.alerted_at) == (None, NOW + 3 * SECOND)
    assert instead.findings.count() == 2


def test_the_alarm_stands_for_a_day(cast: Cast) -> None:
    delete(raise_now(cast.annas))
    sweep(NOW)
    assert audit_chain(NOW + missing.TOLD_FOR)["missing_flags"] == 1
    assert "missing_flags" not in audit_chain(NOW + missing.TOLD_FOR + SECOND)


@pytest.fixture
def annas_breaks(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both Anna's and Erik's flag are gone, and nothing can be raised for Anna."""
    flags = [raise_now(cast.annas), raise_now(cast.eriks)]
    for flag in flags:
        delete(flag)
    raise_flag = telling.raise_flag

    def broken_for_anna(**given: Any) -> Flag | None:
        if given["patient"] == cast.annas.patient:
            raise ZeroDivisionError
        return raise_flag(**given)

    monkeypatch.setattr(telling, "raise_flag", broken_for_anna)


@pytest.mark.hazard("H1d")
def test_one_that_cannot_be_told_does_not_stop_those_behind_it(
    cast: Cast, annas_breaks: None, caplog: pytest.LogCaptureFixture
) -> None:
    sweep(NOW)
    assert set(Flag.objects.open().values_list("patient", flat=True)) == {cast.eriks.patient_id}
    assert "flag.missing_not_told" in caplog.text
    assert audit_chain(NOW)["missing_flags"] == 2  # hers is still counted, and tried again
    assert RaisedFlag.objects.missing().get().patient == cast.annas.patient


def test_without_catching_it_the_first_would_stop_the_others(
    cast: Cast, annas_breaks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(
        missing, "_miss", lambda pk, now: missing.miss_flag(counterfoil=RaisedFlag.objects.get(pk=pk), now=now)
    )
    with pytest.raises(ZeroDivisionError):
        sweep(NOW)
    assert not Flag.objects.exists()


def not_told(caplog: pytest.LogCaptureFixture) -> int:
    return sum("flag.missing_not_told" in each.getMessage() for each in caplog.records)


def test_one_that_could_not_be_told_rests_for_a_minute(
    cast: Cast, annas_breaks: None, caplog: pytest.LogCaptureFixture
) -> None:
    for seconds in (0, 3, 5, 59):
        sweep(NOW + seconds * SECOND)
    assert not_told(caplog) == 1
    sweep(NOW + missing.REST)
    assert not_told(caplog) == 2


def test_without_the_rest_it_would_fail_at_each_sweep(
    cast: Cast, annas_breaks: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The red twin."""
    monkeypatch.setattr(missing, "REST", timedelta(0))
    for seconds in (0, 3, 5, 59):
        sweep(NOW + seconds * SECOND)
    assert not_told(caplog) == 4


def test_those_that_have_failed_stand_behind_those_that_were_never_tried(
    cast: Cast, annas_breaks: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when they have rested, and a whole batch of them could fill each call."""
    monkeypatch.setattr(missing, "BATCH", 1)
    sweep(NOW)
    assert not Flag.objects.exists(), "Anna's came first, and failed"
    sweep(NOW + missing.REST)
    assert Flag.objects.open().get().patient == cast.eriks.patient


def test_when_many_are_gone_the_guard_screens_and_climbs_between_the_batches(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(missing, "BATCH", 2)
    for treatment in (cast.annas, cast.eriks, cast.nilss):
        delete(raise_now(treatment))
    rounds = {each.sweep.__name__: each for each in safety_rounds(Switch())}
    rounds["miss_flags"].run(timezone.now() + SECOND, threading.Event())
    assert Flag.objects.count() == 2, "one batch, then the others have their turn"
    assert list(rounds)[:2] == ["screen_one", "escalate_one"]
    sweep(NOW)
    assert Flag.objects.count() == 3


def test_without_batches_all_would_be_told_before_anything_is_screened(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(missing, "BATCH", None)
    for treatment in (cast.annas, cast.eriks, cast.nilss):
        delete(raise_now(treatment))
    assert miss_flags(NOW) == 3


def test_the_worker_misses_flags_too(cast: Cast, settings) -> None:
    """With a dead guard nobody audits; what is gone is told all the same."""
    assert settings.CELERY_BEAT_SCHEDULE["missing"]["task"] == tasks.miss_flags.name
    delete(raise_now(cast.annas))
    tasks.miss_flags()
    assert Flag.objects.open().get().kind == "unscreenable"


def test_both_the_sweep_and_the_auditor_come_within_ninety_seconds() -> None:
    every = {each.sweep.__name__: each.every for each in safety_rounds(Switch())}
    assert every["miss_flags"] + every["audit"] <= timedelta(seconds=15)


def test_a_flag_that_is_blocked_is_an_alarm_within_ninety_seconds_of_its_step(cast: Cast) -> None:
    """Nobody climbs it: worker and guard stand still, or the row is locked for ever."""
    flag = raise_now(cast.annas)
    assert "overdue" not in audit_chain(flag.next_step_at)
    assert audit_chain(flag.next_step_at + timedelta(seconds=31))["overdue"] == 1


@pytest.mark.parametrize(
    "change", ["DELETE FROM riskmonitor_raisedflag", "UPDATE riskmonitor_raisedflag SET kind = 'break_off'"]
)
def test_a_counterfoil_is_never_deleted_and_keeps_its_facts(cast: Cast, change: str) -> None:
    raise_now(cast.annas)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)


def test_an_ordinary_deletion_is_refused(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET CONSTRAINTS ALL IMMEDIATE; DELETE FROM riskmonitor_flag WHERE id = {flag.pk}")


def test_without_the_counterfoil_nobody_would_know(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE riskmonitor_flag DISABLE TRIGGER flag_is_noted")
    delete(raise_now(cast.annas))
    sweep(NOW)
    assert "missing_flags" not in audit_chain(NOW + 10 * SECOND)
    assert not Flag.objects.exists()
