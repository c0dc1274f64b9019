"""A flag whose row is gone, by whatever way, is missed within seconds: somebody reads, and everybody is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from riskmonitor.actions import acknowledge
from riskmonitor.models import Flag, RaisedFlag
from riskmonitor.sweeps import audit_chain, miss_one_flag, missing
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
    while miss_one_flag(now):
        pass


def test_every_flag_has_its_counterfoil_which_knows_whether_it_is_open(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    assert RaisedFlag.objects.get(flag_number=flag.pk).is_open
    closed = {"closed_at": NOW, "closed_by": cast.berit, "outcome": "not_about_suicide", "assessment": "Read."}
    Flag.objects.filter(pk=flag.pk).update(**closed)
    assert not RaisedFlag.objects.get(flag_number=flag.pk).is_open
    sweep(NOW)
    assert "missing_flags" not in audit_chain(NOW)


@pytest.mark.hazard("H1")
def test_a_flag_that_is_deleted_by_sql_is_read_by_a_human_and_told_to_everybody(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    delete(flag)
    assert audit_chain(NOW)["missing_flags"] == 1  # the auditor needs no sweep to see it
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


def test_both_the_sweep_and_the_auditor_come_within_ninety_seconds() -> None:
    every = {each.sweep.__name__: each.every for each in safety_rounds(Switch())}
    assert every["miss_one_flag"] + every["audit"] <= timedelta(seconds=15)


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
