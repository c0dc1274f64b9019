"""Each night 14 days are screened again: nothing new may be found, and what is lost is raised and told."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection

from messaging.actions import send_message
from messaging.models import Message
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor import lexicon
from riskmonitor.models import Flag, FlagFinding, Rescan
from riskmonitor.sweeps import audit_chain, rescan_some, rescanning, screen_one
from riskmonitor.watch import looking_back
from tests.cast import NOW, Cast

DAY = timedelta(days=1)
NIGHT = NOW + timedelta(hours=17)  # three o'clock in Stockholm
RISKY = "Jag vill inte leva mer."


def write(cast: Cast, text: str, now=NOW) -> Message:
    return send_message(treatment=cast.annas, text=text, key=uuid4(), by=cast.anna, now=now)


def answer(cast: Cast, item9: int) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": item9}
    send_measure(
        treatment=cast.eriks, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.erik, now=NOW
    )


def screen_all(now=NOW) -> None:
    while screen_one(now):
        pass


def look_back(now=NIGHT) -> Rescan:
    while rescan_some(now):
        pass
    return Rescan.objects.latest("night")


def lose_findings() -> None:
    """As somebody with SQL could: the findings and all that hangs on the flags are gone."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; TRUNCATE riskmonitor_flag CASCADE")


def test_what_was_found_is_found_again_and_nothing_more(cast: Cast) -> None:
    write(cast, RISKY)
    answer(cast, item9=2)
    screen_all()
    before = set(FlagFinding.objects.values_list("pk", flat=True))
    rescan = look_back()
    assert (rescan.rows, rescan.lost) == (2, 0)
    assert set(FlagFinding.objects.values_list("pk", flat=True)) == before
    assert "lost_findings" not in audit_chain(NIGHT)


def test_a_flag_that_was_deleted_by_sql_is_raised_again_and_told(cast: Cast) -> None:
    write(cast, RISKY)
    answer(cast, item9=2)
    screen_all()
    lose_findings()
    assert look_back().lost == 2
    assert {flag.patient for flag in Flag.objects.open()} == {cast.annas.patient, cast.eriks.patient}
    assert audit_chain(NIGHT)["lost_findings"] == 2
    assert look_back(NIGHT + DAY).lost == 0
    assert "lost_findings" not in audit_chain(NIGHT + DAY)


def test_a_screening_that_found_too_little_is_seen_by_the_rules_of_tonight(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as blind:
        blind.setattr(lexicon, "screen", lambda text: [])
        write(cast, RISKY)
        screen_all()
    assert not Flag.objects.exists()
    assert look_back().lost == 1
    assert Flag.objects.open().get().kind == "suicide"


def test_what_cannot_be_read_tonight_is_read_by_a_human(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write(cast, "Hej.")
    screen_all()
    monkeypatch.setattr(lexicon, "screen", lambda text: 1 / 0)
    assert look_back().lost == 1
    assert Flag.objects.open().get().kind == "unscreenable"
    assert look_back(NIGHT + DAY).lost == 0  # its flag is there


def test_it_goes_back_fourteen_days_in_batches_and_once_a_night(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looking_back, "BATCH", 2)
    for days in (20, 13, 12, 1, 0):
        write(cast, "Hej.", NOW - days * DAY)
    screen_all()
    batches = 0
    while rescan_some(NIGHT):
        batches += 1
    assert (batches, Rescan.objects.get().rows) == (2, 4)
    assert not rescan_some(NIGHT + timedelta(hours=1))
    assert Rescan.objects.count() == 1


def test_it_waits_for_the_night_and_is_missed_after_two_days(cast: Cast) -> None:
    assert not rescan_some(NOW + timedelta(hours=14, minutes=30))  # half past midnight
    assert not Rescan.objects.exists()
    look_back()
    assert "rescan_late" not in audit_chain(NIGHT + 2 * DAY)
    assert audit_chain(NIGHT + 2 * DAY + timedelta(seconds=1))["rescan_late"] == 1


def test_without_the_look_back_what_is_lost_stays_lost(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr(rescanning, "look_back_at", lambda row, now: False)
    write(cast, RISKY)
    screen_all()
    lose_findings()
    assert look_back().lost == 0
    assert not Flag.objects.exists()
