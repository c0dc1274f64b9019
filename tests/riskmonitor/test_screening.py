"""Net 2: everything sent is screened, or read by a human. Nothing is lost when a screener dies."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import OperationalError

from messaging.actions import send_message
from messaging.models import Message
from programs.actions import save_draft, send_tool_entry
from programs.models import Draft
from riskmonitor.models import Flag
from riskmonitor.sweeps import flag_marked_draft, screen_one, screen_row, screening
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.four_at_once import four_at_once

RISKY = "Jag orkar inte leva längre."
SECOND = timedelta(seconds=1)


def write(cast: Cast, text: str, now=NOW) -> Message:
    return send_message(treatment=cast.annas, text=text, key=uuid4(), by=cast.anna, now=now)


def screen_all(now=NOW + SECOND) -> None:
    while screen_one(now):
        pass


def test_risky_words_in_a_message_raise_a_flag_that_shows_them(cast: Cast) -> None:
    message = write(cast, f"Hej Berit. {RISKY} Ses på torsdag.")
    assert not Flag.objects.exists()
    screen_all()
    finding = Flag.objects.get().findings.first()
    assert finding.message == message
    assert message.text[finding.start : finding.end].lower() in message.text.lower()
    assert finding.phrase


def test_risky_words_in_a_tool_are_found_with_their_place(cast: Cast) -> None:
    entry = {"situation": "Hemma", "thoughts": RISKY, "feelings": []}
    send_tool_entry(treatment=cast.annas, tool="map", entry=entry, key=uuid4(), by=cast.anna, now=NOW)
    screen_all()
    assert Flag.objects.get().findings.first().address == "thoughts"


def test_everyday_words_are_screened_and_raise_nothing(cast: Cast) -> None:
    message = write(cast, "Jag var dödstrött i dag men gick ut en stund.")
    screen_all()
    message.refresh_from_db()
    assert message.screened_at == NOW + SECOND
    assert not Flag.objects.exists()


def test_what_the_therapist_writes_is_not_screened(cast: Cast) -> None:
    send_message(treatment=cast.annas, text=RISKY, key=uuid4(), by=cast.berit, now=NOW)
    assert not screen_one(NOW + SECOND)


@pytest.mark.hazard("H6g")
def test_a_scanner_that_breaks_fails_open_to_a_human(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(row: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(screening, "all_findings_of", broken)
    message = write(cast, "Allt är bra.")
    screen_all()
    message.refresh_from_db()
    assert Flag.objects.count() == 1
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, flag.findings.get().message) == ("unscreenable", "now", message)
    assert message.screened_at is not None


def test_a_database_that_is_away_leaves_the_row_due(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    message = write(cast, RISKY)

    def away(row: object) -> None:
        raise OperationalError

    monkeypatch.setattr(screening, "all_findings_of", away)
    with pytest.raises(OperationalError):
        screen_one(NOW + SECOND)
    monkeypatch.undo()
    message.refresh_from_db()
    assert message.screened_at is None
    screen_all(NOW + timedelta(seconds=10))
    assert Flag.objects.get().kind == "suicide"


@pytest.mark.hazard("H1b")
def test_a_killed_screener_leaves_a_trace_and_its_row_is_due_again(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write(cast, RISKY)
    monkeypatch.setattr(screening, "_screen", lambda row, now: None)  # killed between claim and screening
    assert screen_one(NOW + SECOND)
    monkeypatch.undo()
    assert not screen_one(NOW + 2 * SECOND)
    assert screen_one(NOW + SECOND + screening.LEASE)
    assert Flag.objects.get().kind == "suicide"


def test_a_text_that_kills_five_times_is_read_by_a_human(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    write(cast, RISKY)
    monkeypatch.setattr(screening, "_screen", lambda row, now: None)
    at = NOW
    for _ in range(screening.MOST_ATTEMPTS):
        assert screen_one(at)
        at += screening.LEASE
    monkeypatch.undo()
    assert screen_one(at)
    assert Flag.objects.get().kind == "unscreenable"


def test_a_wake_up_screens_its_own_row_alone(cast: Cast) -> None:
    first, second = write(cast, RISKY), write(cast, RISKY)
    assert screen_row(Message, second.pk, NOW + SECOND)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.screened_at, second.screened_at) == (None, NOW + SECOND)


@pytest.mark.parametrize("text", ["\0" + RISKY, RISKY + "🙂" * 1000, "e\u0301" * 500 + RISKY, "ord " * 250_000 + RISKY])
def test_odd_and_very_long_texts_are_screened_all_the_same(cast: Cast, text: str) -> None:
    message = write(cast, text)
    screen_all()
    message.refresh_from_db()
    assert message.screened_at is not None
    assert Flag.objects.get().findings.first().message == message


@pytest.mark.django_db(transaction=True)
def test_four_screeners_at_once_raise_each_flag_once() -> None:
    cast = make_cast()
    for _ in range(10):
        write(cast, RISKY)
        send_message(treatment=cast.eriks, text=RISKY, key=uuid4(), by=cast.erik, now=NOW)
    four_at_once(screen_all)
    assert Flag.objects.count() == 2
    found = [flag.findings.values("message").distinct().count() for flag in Flag.objects.all()]
    assert found == [10, 10]


def keep(cast: Cast, data: dict[str, str], version: int = 0, now=NOW) -> Draft:
    return save_draft(
        owner=cast.anna, treatment=cast.annas, form_key="measure:phq9", data=data, version=version, now=now,
        is_measure=True,
    )[0]  # fmt: skip


def test_a_risk_item_marked_and_not_sent_raises_a_flag_after_fifteen_minutes(cast: Cast) -> None:
    keep(cast, {"1": "0", "9": "2"})
    assert not flag_marked_draft(NOW + timedelta(minutes=14))
    assert flag_marked_draft(NOW + timedelta(minutes=15))
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency) == ("suicide", "now")


def test_a_form_half_filled_without_marks_raises_nothing(cast: Cast) -> None:
    keep(cast, {"1": "3", "2": "3"})
    assert flag_marked_draft(NOW + timedelta(hours=1))
    assert not Flag.objects.exists()


def test_someone_still_writing_is_left_alone_until_quiet(cast: Cast) -> None:
    keep(cast, {"9": "1"})
    keep(cast, {"9": "1", "1": "2"}, version=1, now=NOW + timedelta(minutes=10))
    assert not flag_marked_draft(NOW + timedelta(minutes=20))
    assert flag_marked_draft(NOW + timedelta(minutes=25))
    assert Flag.objects.count() == 1
