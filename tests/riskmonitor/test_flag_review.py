"""A flag's page: what it shows, to whom, and at what cost."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import plan_absence
from clinics.actions.next_of_kin import name_next_of_kin, withdraw_next_of_kin
from clinics.models import AccessGrant, AuditEvent, User
from messaging.actions import send_message
from programs.actions import save_crisis_plan, send_measure
from programs.shipped import instruments
from riskmonitor import actions
from riskmonitor.flags.excerpts import Mark, excerpt
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_break_off, screen_one
from tests.cast import NOW, Cast

ZEROS = {str(item): 0 for item in range(1, 10)}
LATER = NOW + timedelta(minutes=10)
CONTACTED = {"outcome": "contacted", "contact_at": "2026-11-20T10:05", "contact_with": "Anna"}
WRITTEN = {"assessment": "Tankar utan plan. Vill fortsätta.", "action": "Krisplan uppdaterad."}
CHANGES = ("flag-acknowledge", "flag-document", "flag-not-reached", "flag-close")


def mark(cast: Cast, value: int = 2, now: datetime = NOW) -> Flag:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=ZEROS | {"9": value},
        key=uuid4(), by=cast.anna, now=now,
    )  # fmt: skip
    return Flag.objects.get(patient=cast.annas.patient)


def write(cast: Cast, text: str) -> Flag:
    send_message(treatment=cast.annas, text=text, key=uuid4(), by=cast.anna, now=NOW)
    screen_one(NOW)
    return Flag.objects.get(patient=cast.annas.patient)


def page(user: User, name: str, flag: Flag, data: dict | None = None, at: datetime = LATER):
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        url = reverse(name, args=[flag.code])
        return client.get(url) if data is None else client.post(url, {"seen": str(newest(flag))} | data)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def asked_by(cast: Cast, flag: Flag, at: datetime = LATER) -> list[str]:
    """Return what the flag's page asks the database, without the bounds of its transaction; the session is there."""
    client, url = Client(), reverse("flag", args=[flag.code])
    with time_machine.travel(at, tick=False):
        client.force_login(cast.berit)
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
    return [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]


def test_the_page_says_what_was_marked_whose_it_is_before_when_and_what_comes_next(cast: Cast) -> None:
    shown = words(page(cast.berit, "flag", mark(cast)))
    for text in (
        "2: Mer än hälften av dagarna", "Suicidtankar, Anna Lind", "Berit Almgren", "i dag 11.00",
        "Vikarie, i dag 10.30", 'href="tel:070-0000000"', "Eken",
    ):  # fmt: skip
        assert text in shown
    assert "<title>Flagga – iKBT</title>" in shown


@pytest.mark.hazard("H8c")
def test_a_flag_of_the_night_is_shown_with_an_hour_when_the_clinic_is_open(cast: Cast) -> None:
    """Marked on Friday at ten in the evening: nobody is expected to look before Monday."""
    night = NOW + timedelta(hours=12)
    shown = words(page(cast.berit, "flag", mark(cast, now=night), at=night))
    assert "Svara före</dt><dd><strong>23 november 09.00" in shown


def test_words_in_a_message_are_highlighted_in_their_context(cast: Cast) -> None:
    flag = write(cast, "Jag vet inte varför jag skriver. Jag vill inte leva längre. Förlåt.")
    shown = words(page(cast.berit, "flag", flag))
    assert "<mark>" in shown
    assert "Jag vet inte varför jag skriver." in shown
    assert "Förlåt." in shown


def test_next_of_kin_is_shown_with_consent_only(cast: Cast) -> None:
    flag, patient = mark(cast), cast.annas.patient
    said = {"name": "Maria Lind", "relation": "syster", "phone": "070-111 11 11"}
    name_next_of_kin(patient=patient, **said, by=cast.anna, now=NOW)
    shown = words(page(cast.berit, "flag", flag))
    assert 'Maria Lind, syster <a href="tel:070-1111111">' in shown
    withdraw_next_of_kin(patient=patient, by=cast.anna, now=NOW)
    assert "Maria" not in words(page(cast.berit, "flag", flag))


def test_the_follow_up_answers_and_earlier_flags_are_shown(cast: Cast) -> None:
    flag = mark(cast)
    actions.close_flag(flag=flag, by=cast.berit, contact_at=NOW, contact_with="Anna", outcome="contacted", now=NOW,
                       **WRITTEN)  # fmt: skip
    send = NOW + timedelta(minutes=5)
    phq9 = instruments()["phq9"]
    send_measure(treatment=cast.annas, instrument=phq9, version=phq9.version, answers=ZEROS | {"9": 1}, key=uuid4(),
                 by=cast.anna, now=send)  # fmt: skip
    second = Flag.objects.open().get()
    actions.answer_follow_up(flag=second, plan=False, today=False, safe=True, by=cast.anna, now=send)
    shown = words(page(cast.berit, "flag", second))
    assert "Talat med patienten" in shown
    assert "<dd>nej</dd>" in shown
    assert "<dd>ja</dd>" in shown


def test_opening_the_page_leaves_one_audit_row(cast: Cast) -> None:
    flag = mark(cast)
    before = AuditEvent.objects.count()
    page(cast.berit, "flag", flag)
    rows = AuditEvent.objects.order_by("pk")[before:]
    assert [(row.actor, row.did, row.patient) for row in rows] == [(cast.berit.code, "read", cast.annas.patient.code)]


@pytest.mark.parametrize("name", ["flag", *CHANGES])
@pytest.mark.parametrize(
    ("who", "status"),
    [("david", 404), ("tove", 403), ("lena", 403), ("omar", 403), ("frida", 403), ("greta", 403), ("anna", 403)],
)
def test_who_may_not_gets_404_from_outside_and_403_inside(cast: Cast, name: str, who: str, status: int) -> None:
    data = None if name == "flag" else {**CONTACTED, **WRITTEN}
    assert page(getattr(cast, who), name, mark(cast), data).status_code == status
    assert Flag.objects.get().closed_at is None


@pytest.mark.parametrize("name", CHANGES)
def test_a_get_changes_nothing(cast: Cast, name: str) -> None:
    assert page(cast.berit, name, mark(cast)).status_code == 405


@pytest.mark.parametrize("name", ["flag", *CHANGES])
def test_a_substitute_whose_cover_has_ended_is_refused_to_the_minute(cast: Cast, name: str) -> None:
    flag, end = mark(cast), NOW + timedelta(hours=1)
    AccessGrant.objects.all().delete()
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=end, stand_ins={}, by=cast.berit, now=NOW)
    data = None if name == "flag" else {"tried": "Ringde", "try_again_at": "2026-11-20T11:30"}
    assert page(cast.cecilia, name, flag, data, end - timedelta(minutes=1)).status_code in (200, 302)
    AccessGrant.objects.all().delete()
    assert page(cast.cecilia, name, flag, data, end).status_code == 403


def test_a_text_that_could_not_be_screened_is_shown_whole(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.screening.text_findings", broken)
    flag = write(cast, "En mening som ingen regel tålde.")
    assert flag.kind == "unscreenable"
    assert "En mening som ingen regel tålde." in words(page(cast.berit, "flag", flag))


def test_the_page_asks_as_many_questions_for_ten_findings_as_for_one(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag", flag)
    with CaptureQueriesContext(connection) as few:
        page(cast.berit, "flag", flag)
    for minute in range(1, 10):
        mark(cast, 3, NOW + timedelta(minutes=minute))
    with CaptureQueriesContext(connection) as many:
        page(cast.berit, "flag", flag, at=NOW + timedelta(minutes=20))
    assert len(many) == len(few)


def test_the_page_asks_eleven_questions_however_much_has_happened(cast: Cast) -> None:
    flag, patient = mark(cast), cast.annas.patient
    assert len(asked_by(cast, flag)) == 11
    said = {"name": "Maria Lind", "relation": "syster", "phone": "070-111 11 11"}
    name_next_of_kin(patient=patient, **said, by=cast.anna, now=NOW)
    plan = {"signs": "Sover inte."}
    save_crisis_plan(treatment=cast.annas, plan=plan, based_on="", key=uuid4(), by=cast.anna, now=NOW)
    for minute in range(1, 6):
        at = NOW + timedelta(minutes=minute)
        mark(cast, 3, at)
        write(cast, f"Jag vill inte leva. {minute}")
        actions.not_reached(flag=flag, by=cast.berit, note="Ringt", try_again_at=at + timedelta(hours=1), now=at)
    assert flag.events.count() > 12
    assert len(asked_by(cast, flag)) == 11


def test_the_page_of_a_patient_who_breaks_off_asks_no_more(cast: Cast) -> None:
    later = NOW + timedelta(days=20)
    check_break_off(later)
    flag = Flag.objects.get(patient=cast.annas.patient, kind="break_off")
    assert len(asked_by(cast, flag, later)) == 11
    send_message(treatment=cast.annas, text="Hej igen.", key=uuid4(), by=cast.anna, now=later + timedelta(minutes=1))
    assert "Patienten var aktiv igen" in words(page(cast.berit, "flag", flag, at=later + timedelta(minutes=2)))


def test_marks_that_overlap_or_lie_outside_are_shown_once() -> None:
    found = excerpt("0123456789", [Mark(2, 4), Mark(3, 6), Mark(40, 50)], around=1)
    assert [(piece.text, piece.marked) for piece in found.pieces] == [("1", False), ("2345", True), ("6", False)]
    assert found.is_cut
