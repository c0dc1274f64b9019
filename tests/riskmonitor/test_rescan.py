"""Each night 14 days are screened again: nothing new may be found, and what is lost is raised and told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db import connection

from messaging.actions import send_message
from messaging.models import Message
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor import lexicon
from riskmonitor.actions import close_flag, order_dry_run
from riskmonitor.actions.rescanning import Looked
from riskmonitor.lexicon.phrases import TextKind
from riskmonitor.models import DryRun, Flag, FlagFinding, Rescan, RuleActivation
from riskmonitor.rules import known_forms, rule_set_hash, suicide
from riskmonitor.sweeps import audit_chain, rescan_some, rescanning, screen_one, try_some
from riskmonitor.watch import looking_back
from tests.cast import NOW, Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NIGHT = NOW + timedelta(hours=17)  # three o'clock in Stockholm
HANGING_ON = ("flagfinding", "flagstep", "flagevent")
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


def past_every_key(*statements: str) -> None:
    with connection.cursor() as cursor:
        for each in ("SET LOCAL session_replication_role = replica", *statements):
            cursor.execute(each)
        cursor.execute("SET LOCAL session_replication_role = origin")


def close_what_is_open(cast: Cast) -> None:
    for flag in Flag.objects.open():
        close_flag(
            flag=flag, by=cast.berit, outcome="not_about_suicide", assessment="Läst.", action="", contact_at=None,
            contact_with="", now=NOW,
        )  # fmt: skip


def put_in_force(now: datetime) -> None:
    """As when two people change the rules; what they are is patched by the test."""
    RuleActivation.objects.create(hash=rule_set_hash(), version="newer", reason="x", activated_at=now)


def dry_run(cast: Cast) -> DryRun:
    run = order_dry_run(days=14, key=uuid4(), by=cast.lena, now=NOW + timedelta(hours=1))
    while try_some(NOW + timedelta(hours=1)):
        pass
    return run


def reword(monkeypatch: pytest.MonkeyPatch) -> None:
    """A word list that finds the same words as part of a longer phrase, and as another kind of phrase."""
    known = lexicon.screen
    wider = {"kind": TextKind.GOODBYE}
    monkeypatch.setattr(
        lexicon, "screen", lambda text: [replace(each, start=each.start - 4, **wider) for each in known(text)]
    )


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


@pytest.mark.hazard("H1e")
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


@pytest.mark.hazard("H7c")
def test_the_same_words_by_another_phrase_raise_no_closed_flag_anew(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(cast, f"Hej Berit. {RISKY}")
    screen_all()
    close_what_is_open(cast)
    reword(monkeypatch)
    assert not dry_run(cast).differences.exists()
    put_in_force(NOW + 2 * HOUR)
    assert (look_back().lost, look_back().newly_found) == (0, 0)
    assert not Flag.objects.open().exists()


def test_without_the_one_comparison_each_closed_flag_would_be_open_again(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: rule and place to the letter."""
    write(cast, f"Hej Berit. {RISKY}")
    screen_all()
    close_what_is_open(cast)
    reword(monkeypatch)
    for module in ("rescanning", "raising"):
        monkeypatch.setattr(f"riskmonitor.actions.{module}.is_known", lambda found, held: found in list(held))
    look_back()
    assert Flag.objects.open().exists()


def test_what_newer_rules_find_is_raised_as_the_dry_run_said_and_is_no_loss(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new phrase of a message with a closed flag, and a mark that is for now instead of for today."""
    with monkeypatch.context() as before:
        before.setattr(lexicon, "screen", lambda text: [])
        write(cast, RISKY)
        screen_all()
    answer(cast, item9=1)
    screen_all()
    phq9 = known_forms.FORMS["phq9"]
    rule = known_forms.ItemRule("phq9.item9", "9", now_from=1, today_from=1)
    stricter = type(phq9)(phq9.versions, 9, 0, 3, (rule,), change=phq9.change)
    monkeypatch.setitem(suicide.FORMS, "phq9", stricter)
    told = set(dry_run(cast).differences.values_list("change", "held", "found"))
    assert told == {("came", "", "now"), ("more_urgent", "today", "now")}
    put_in_force(NOW + 2 * HOUR)
    assert (look_back().newly_found, look_back().lost) == (2, 0)
    assert set(Flag.objects.open().values_list("urgency", flat=True)) == {"now"}
    assert "lost_findings" not in audit_chain(NIGHT)
    tomorrow = look_back(NIGHT + DAY)
    assert (tomorrow.newly_found, tomorrow.lost) == (0, 0)


def test_after_one_whole_look_back_by_the_newer_rules_what_no_flag_holds_is_lost(cast: Cast) -> None:
    write(cast, RISKY)
    screen_all()
    put_in_force(NOW + 2 * HOUR)
    look_back()
    lose_findings()
    tomorrow = look_back(NIGHT + DAY)
    assert (tomorrow.newly_found, tomorrow.lost) == (0, 1)


@pytest.fixture
def orphaned(cast: Cast) -> Iterator[None]:
    """The row of Anna's flag is gone, and nothing else of it; that goes at the end, before the keys are looked at."""
    write(cast, RISKY)
    screen_all()
    gone = Flag.objects.get().pk
    past_every_key("DELETE FROM riskmonitor_flag")
    yield
    past_every_key(*(f"DELETE FROM riskmonitor_{part} WHERE flag_id = {gone}" for part in HANGING_ON))


def test_a_finding_whose_flag_alone_is_gone_is_raised_again_as_what_it_is(
    cast: Cast, orphaned: None, caplog: pytest.LogCaptureFixture
) -> None:
    orphans = set(FlagFinding.objects.values_list("pk", "found_at"))
    assert look_back().lost == 1
    again = Flag.objects.open().get()
    assert (again.patient, again.kind, again.urgency) == (cast.annas.patient, "suicide", "now")
    assert set(FlagFinding.objects.values_list("flag", flat=True)) == {again.pk}
    assert set(FlagFinding.objects.values_list("pk", "found_at")) == orphans, "what happened is kept, with its time"
    assert "finding.orphaned" in caplog.text
    assert "rescan.not_screened" not in caplog.text
    assert look_back(NIGHT + DAY).lost == 0


def test_what_stands_in_nobodys_way_is_left_where_it_is(cast: Cast, orphaned: None) -> None:
    """It is the only trace of the flag that is gone: of a rule that finds nothing there today."""
    FlagFinding.objects.update(rule="of.older.rules")
    trace = FlagFinding.objects.get()
    assert look_back().lost == 1
    assert FlagFinding.objects.exclude(flag__in=Flag.objects.all()).get() == trace
    assert Flag.objects.get().findings.count() == 1


def test_an_orphan_in_the_way_would_make_danger_look_like_a_fault(
    cast: Cast, orphaned: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: what was read is told as if it could not be read, and stays so night after night."""
    monkeypatch.setattr("riskmonitor.actions.orphans.in_the_way", lambda new, orphans: None)
    look_back()
    look_back(NIGHT + DAY)
    assert Flag.objects.open().get().kind == "unscreenable"


def test_without_the_look_back_what_is_lost_stays_lost(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr(rescanning, "look_back_at", lambda **_asked: Looked.AS_HELD)
    write(cast, RISKY)
    screen_all()
    lose_findings()
    assert look_back().lost == 0
    assert not Flag.objects.exists()
