"""A flag is read, taken on, documented and closed, by those who may, with what each outcome requires."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import end_absence, plan_absence
from clinics.actions.next_of_kin import name_next_of_kin, withdraw_next_of_kin
from clinics.models import AccessGrant, AuditEvent, Membership, Profession, User
from messaging.actions import send_message
from programs.actions import save_crisis_plan, send_measure
from programs.models import Draft
from programs.shipped import instruments
from riskmonitor import actions
from riskmonitor.actions import AlreadyTaken, acknowledge
from riskmonitor.flags.excerpts import excerpt
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_break_off, escalate_one, screen_one
from tests.cast import NOW, Cast, make_cast

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


def test_the_page_says_what_was_marked_whose_it_is_before_when_and_what_comes_next(cast: Cast) -> None:
    shown = words(page(cast.berit, "flag", mark(cast)))
    for text in (
        "2: Mer än hälften av dagarna", "Suicidtankar, Anna Lind", "Berit Almgren", "i dag 11.00",
        "Vikarie, i dag 10.30", 'href="tel:070-0000000"', "Eken",
    ):  # fmt: skip
        assert text in shown
    assert "<title>Flagga – iKBT</title>" in shown


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
    data = None if name == "flag" else {"tried": "Ringde"}
    assert page(cast.cecilia, name, flag, data, end - timedelta(minutes=1)).status_code in (200, 302)
    AccessGrant.objects.all().delete()
    assert page(cast.cecilia, name, flag, data, end).status_code == 403


def test_taking_it_on_makes_one_the_owner_until_it_lapses(cast: Cast) -> None:
    flag = mark(cast)
    assert page(cast.berit, "flag-acknowledge", flag, {}).status_code == 302
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.owner) == (cast.berit, cast.berit)
    assert flag.next_step_at == LATER + timedelta(minutes=60)


def test_a_colleague_who_comes_second_reads_who_took_it(cast: Cast) -> None:
    flag = mark(cast)
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        while escalate_one(NOW + timedelta(minutes=31)):
            pass
    late = NOW + timedelta(minutes=32)
    page(cast.berit, "flag-acknowledge", flag, {}, late)
    client = Client()
    with time_machine.travel(late, tick=False):
        client.force_login(cast.cecilia)
        answer = client.post(reverse("flag-acknowledge", args=[flag.code]), follow=True)
    assert "Berit tog flaggan kl. 10.32" in words(answer)


@pytest.mark.django_db(transaction=True)
def test_two_people_take_it_on_at_once_and_exactly_one_succeeds() -> None:
    cast = make_cast()
    flag, outcomes, start = mark(cast), [], threading.Barrier(2)

    def take(user: User) -> None:
        start.wait()
        try:
            acknowledge(flag=flag, by=user, now=LATER)
            outcomes.append("taken")
        except AlreadyTaken:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[user]) for user in (cast.berit, cast.cecilia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken", "too late"]
    assert flag.events.filter(kind="acknowledged").count() == 1


def test_saving_keeps_the_flag_open_with_the_assessment_in_its_history(cast: Cast) -> None:
    flag = mark(cast)
    data = WRITTEN | {"next_contact_on": "2026-11-23", "contact_with": "Anna"}
    assert page(cast.berit, "flag-document", flag, data).status_code == 302
    flag.refresh_from_db()
    cast.annas.refresh_from_db()
    assert (flag.closed_at, flag.assessment, flag.acknowledged_by) == (None, WRITTEN["assessment"], cast.berit)
    assert str(cast.annas.next_contact_on) == "2026-11-23"
    assert 'value="Anna"' in words(page(cast.berit, "flag", flag))


def test_saving_without_an_assessment_is_refused_and_nothing_is_lost(cast: Cast) -> None:
    flag = mark(cast)
    answer = page(cast.berit, "flag-document", flag, {"assessment": " ", "action": "Ringer i eftermiddag."})
    assert "Skriv din bedömning med egna ord." in words(answer)
    assert "Ringer i eftermiddag." in words(answer)
    assert "Ringer i eftermiddag." in words(page(cast.berit, "flag", flag))


def test_not_reached_is_noted_the_clock_runs_and_the_text_stays(cast: Cast) -> None:
    flag = mark(cast)
    due = flag.next_step_at
    page(cast.berit, "flag-not-reached", flag, {"tried": "Ringde två gånger.", "assessment": "Halvskriven tanke"})
    flag.refresh_from_db()
    assert (flag.next_step_at, flag.closed_at) == (due, None)
    assert flag.events.get(kind="not_reached").note == "Ringde två gånger."
    assert "Halvskriven tanke" in words(page(cast.berit, "flag", flag))


@pytest.mark.parametrize(
    ("data", "complaint"),
    [
        ({}, "Välj vad du har gjort."),
        (CONTACTED, "Skriv din bedömning med egna ord."),
        ({"outcome": "contacted", "contact_with": "Anna"}, "Skriv när ni hade kontakt."),
        ({"outcome": "contacted", "contact_at": "2026-11-20T10:05"}, "Skriv vem du hade kontakt med."),
        (CONTACTED | {"contact_at": "2026-11-20T09:00"}, "inte i framtiden"),
        (CONTACTED | {"contact_at": "2026-11-20T12:00"}, "inte i framtiden"),
        ({"outcome": "handed_over"}, "Skriv vem du hade kontakt med."),
        ({"outcome": "emergency"}, "Skriv när ni hade kontakt."),
    ],
)
def test_a_flag_cannot_be_closed_without_what_the_outcome_requires(cast: Cast, data: dict, complaint: str) -> None:
    flag = mark(cast)
    answer = page(cast.berit, "flag-close", flag, {**data, "checked": "1", "sure": "1"})
    assert complaint in words(answer)
    assert Flag.objects.get().closed_at is None


@pytest.mark.parametrize("outcome", ["not_about_suicide", "asked_again", "no_contact", "covered_again", "read_nothing"])
def test_a_marked_item_cannot_be_closed_without_contact(cast: Cast, outcome: str) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-close", flag, {"outcome": outcome, "checked": "1", "sure": "1", **WRITTEN})
    assert Flag.objects.get().closed_at is None


@pytest.mark.parametrize("outcome", ["contacted", "handed_over", "emergency"])
def test_closing_shows_a_page_to_check_and_then_closes(cast: Cast, outcome: str) -> None:
    flag = mark(cast)
    data = CONTACTED | WRITTEN | {"outcome": outcome}
    check = words(page(cast.berit, "flag-close", flag, data))
    assert "Kontrollera innan du stänger" in check
    assert 'name="assessment" value="Tankar utan plan. Vill fortsätta."' in check
    assert Flag.objects.get().closed_at is None
    assert page(cast.berit, "flag-close", flag, data | {"checked": "1"}).status_code == 302
    flag.refresh_from_db()
    assert (flag.outcome, flag.closed_by, flag.closed_at) == (outcome, cast.berit, LATER)
    assert not Draft.objects.exists()


@pytest.mark.hazard("H13")
def test_closing_without_contact_is_interrupted_first(cast: Cast) -> None:
    flag = write(cast, "Jag vill inte leva längre, skrev hon i sången.")
    data = {"outcome": "not_about_suicide", **WRITTEN}
    assert "Stänga utan kontakt?" in words(page(cast.berit, "flag-close", flag, data))
    assert "Stänga utan kontakt?" in words(page(cast.berit, "flag-close", flag, data | {"checked": "1"}))
    assert "Kontrollera innan" in words(page(cast.berit, "flag-close", flag, data | {"sure": "1"}))
    page(cast.berit, "flag-close", flag, data | {"sure": "1", "checked": "1"})
    assert Flag.objects.get().outcome == "not_about_suicide"


def test_going_back_from_the_check_page_finds_everything_that_was_typed(cast: Cast) -> None:
    flag = mark(cast)
    page(cast.berit, "flag-close", flag, CONTACTED | WRITTEN)
    shown = words(page(cast.berit, "flag", flag))
    assert WRITTEN["assessment"] in shown
    assert 'value="2026-11-20T10:05"' in shown


def test_a_contact_in_the_flags_own_minute_is_not_before_it(cast: Cast) -> None:
    flag = mark(cast, now=NOW + timedelta(seconds=40))
    data = CONTACTED | WRITTEN | {"contact_at": "2026-11-20T10:00", "checked": "1"}
    page(cast.berit, "flag-close", flag, data)
    assert Flag.objects.get().contact_at == NOW + timedelta(seconds=40)


def test_the_substitute_documents_and_closes_and_the_therapist_back_sees_it(cast: Cast) -> None:
    absence = plan_absence(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=1), stand_ins={}, by=cast.berit, now=NOW
    )
    flag = mark(cast, now=NOW + timedelta(minutes=1))
    assert flag.owner == cast.cecilia
    page(cast.cecilia, "flag-document", flag, WRITTEN)
    page(cast.cecilia, "flag-close", flag, CONTACTED | WRITTEN | {"checked": "1"})
    end_absence(absence=absence, by=cast.berit, now=LATER)
    shown = words(page(cast.berit, "flag", flag, at=LATER + timedelta(minutes=1)))
    for text in ("Flaggan är stängd", "Cecilia Ek", "Talat med patienten", WRITTEN["assessment"], "10.05 · Anna"):
        assert text in shown
    assert page(cast.cecilia, "flag", flag, at=LATER + timedelta(minutes=1)).status_code == 302


def test_a_colleagues_words_are_shown_but_never_put_in_ones_own_mouth(cast: Cast) -> None:
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=LATER, stand_ins={}, by=cast.berit, now=NOW)
    flag = mark(cast, now=NOW + timedelta(minutes=1))
    page(cast.cecilia, "flag-document", flag, WRITTEN, NOW + timedelta(minutes=5))
    shown = words(page(cast.berit, "flag", flag, at=LATER))
    assert shown.count(WRITTEN["assessment"]) == 1


def test_who_comes_after_it_was_closed_reads_who_closed_it_and_keeps_the_text(cast: Cast) -> None:
    flag = mark(cast)
    actions.close_flag(flag=flag, by=cast.cecilia, contact_at=NOW, contact_with="Anna", outcome="contacted", now=NOW,
                       **WRITTEN)  # fmt: skip
    Draft.objects.create(owner=cast.berit, form_key=f"flag:{flag.code}", data={"assessment": "Min"}, updated_at=NOW)
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(cast.berit)
        answer = client.post(reverse("flag-document", args=[flag.code]), {"assessment": "Min nya text"}, follow=True)
    assert "Redan hanterad av Cecilia kl. 10.00." in words(answer)
    assert "Det du skrev finns kvar här:" in words(answer)
    assert words(answer).count("Min nya text") == 1


def test_a_colleague_without_care_relation_is_told_that_it_is_handled_and_nothing_else(cast: Cast) -> None:
    flag = mark(cast)
    actions.assign(flag=flag, to=cast.tove, by=cast.lena, now=NOW)
    actions.close_flag(flag=flag, by=cast.berit, contact_at=NOW, contact_with="Anna", outcome="contacted", now=NOW,
                       **WRITTEN)  # fmt: skip
    answer = page(cast.tove, "flag-acknowledge", flag, {})
    assert (answer.status_code, answer.url) == (302, "/")


def test_a_clinical_lead_who_was_handed_the_flag_reads_and_closes_it(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena).update(profession=Profession.PSYCHOLOGIST)
    flag = mark(cast)
    assert page(cast.lena, "flag", flag).status_code == 403
    actions.assign(flag=flag, to=cast.lena, by=cast.lena, now=NOW)
    assert page(cast.lena, "flag", flag).status_code == 200
    page(cast.lena, "flag-close", flag, CONTACTED | WRITTEN | {"checked": "1"})
    assert Flag.objects.get().closed_by == cast.lena
    assert page(cast.lena, "flag", flag, at=LATER + timedelta(minutes=1)).status_code == 403


def test_the_form_saves_itself_as_it_is_written_and_the_page_brings_it_back(cast: Cast) -> None:
    flag, client = mark(cast), Client()
    url = reverse("autosave", args=[f"flag:{flag.code}"])
    with time_machine.travel(LATER, tick=False):
        client.force_login(cast.berit)
        assert f'data-autosave="{url}" data-version="0"' in words(client.get(reverse("flag", args=[flag.code])))
        assert client.post(url, {"assessment": "Halvskriven", "version": "0"}).json()["version"] == 1
        shown = words(client.get(reverse("flag", args=[flag.code])))
    assert "Halvskriven" in shown
    assert 'data-version="1"' in shown


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


def asked_by(cast: Cast, flag: Flag, at: datetime = LATER) -> list[str]:
    """Return what the flag's page asks the database, without the bounds of its transaction; the session is there."""
    client, url = Client(), reverse("flag", args=[flag.code])
    with time_machine.travel(at, tick=False):
        client.force_login(cast.berit)
        client.get(url)
        with CaptureQueriesContext(connection) as asked:
            client.get(url)
    return [each["sql"] for each in asked if "SAVEPOINT" not in each["sql"]]


def test_the_page_asks_twelve_questions_however_much_has_happened(cast: Cast) -> None:
    flag, patient = mark(cast), cast.annas.patient
    assert len(asked_by(cast, flag)) == 12
    said = {"name": "Maria Lind", "relation": "syster", "phone": "070-111 11 11"}
    name_next_of_kin(patient=patient, **said, by=cast.anna, now=NOW)
    plan = {"signs": "Sover inte."}
    save_crisis_plan(treatment=cast.annas, plan=plan, based_on="", key=uuid4(), by=cast.anna, now=NOW)
    for minute in range(1, 6):
        at = NOW + timedelta(minutes=minute)
        mark(cast, 3, at)
        write(cast, f"Jag vill inte leva. {minute}")
        actions.not_reached(flag=flag, by=cast.berit, note="Ringt", now=at)
    assert flag.events.count() > 12
    assert len(asked_by(cast, flag)) == 12


def test_the_page_of_a_patient_who_breaks_off_asks_no_more(cast: Cast) -> None:
    later = NOW + timedelta(days=20)
    check_break_off(later)
    flag = Flag.objects.get(patient=cast.annas.patient, kind="break_off")
    assert len(asked_by(cast, flag, later)) == 12
    send_message(treatment=cast.annas, text="Hej igen.", key=uuid4(), by=cast.anna, now=later + timedelta(minutes=1))
    assert "Patienten var aktiv igen" in words(page(cast.berit, "flag", flag, at=later + timedelta(minutes=2)))


def test_marks_that_overlap_or_lie_outside_are_shown_once() -> None:
    found = excerpt("0123456789", [(2, 4), (3, 6), (40, 50)], around=1)
    assert [(piece.text, piece.marked) for piece in found.pieces] == [("1", False), ("2345", True), ("6", False)]
    assert found.is_cut
