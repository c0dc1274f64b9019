"""The patient on one screen: what it shows, to whom, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from messaging.actions import send_message
from messaging.models import Message
from programs.actions import send_tool_entry
from riskmonitor.actions import close_flag
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast
from tests.ikbt.therapist_day import DAY, HOUR, busy_patients, hand_in, measure, questions_asked, write


@pytest.fixture(autouse=True)
def _the_day_after() -> Iterator[None]:
    with time_machine.travel(NOW + DAY, tick=False):
        yield


def url(treatment, rest: str = "") -> str:
    return f"/patients/{treatment.patient.code}/{rest}"


def page(client: Client, cast: Cast, rest: str = "") -> str:
    client.force_login(cast.berit)
    response = client.get(url(cast.annas, rest))
    assert response.status_code == 200
    return response.content.decode()


def test_it_tells_what_is_new_with_the_change_and_the_risk_item(client: Client, cast: Cast) -> None:
    measure(cast.annas, NOW + HOUR, i1=3, i2=2)
    measure(cast.annas, NOW + 2 * HOUR, i1=1)
    hand_in(cast.annas, now=NOW + 2 * HOUR)
    write(cast.annas, "Jag gick ut.", NOW + 3 * HOUR)
    html = page(client, cast)
    assert "PHQ-9: 5 → 1 · fråga 9: 0" in html
    assert "Avsnitt 1: Ett första steg" in html
    assert "1 meddelande, visas här i sin helhet" in html
    assert "Jag gick ut." in html


def test_answers_stand_beside_the_ones_before_in_the_forms_own_words(client: Client, cast: Cast) -> None:
    measure(cast.annas, NOW + HOUR, i1=3)
    measure(cast.annas, NOW + 2 * HOUR, i1=1)
    hand_in(cast.annas, "Att det gick bra.")
    sheets = {sheet.title: sheet for sheet in _context(client, cast)["sheets"]}
    first = sheets["PHQ-9"].lines[0]
    assert [part.text for said in (*first.now, *first.before) for part in said] == [
        "1 Flera dagar",
        "3 Nästan varje dag",
    ]
    assert first.is_changed
    assert not sheets["PHQ-9"].lines[1].is_changed
    assert sheets["Avsnitt 1: Ett första steg"].lines[0].question == "Vad tänker du?"


def test_a_tool_entry_is_told_in_plain_words(client: Client, cast: Cast) -> None:
    entry = {"goals": [{"goal": "Äta frukost med barnen", "sign": "En dag i veckan", "close": 3}]}
    send_tool_entry(treatment=cast.annas, tool="goals", entry=entry, key=uuid4(), by=cast.anna, now=NOW + HOUR)
    html = page(client, cast)
    assert "Mål 1: Vad vill du kunna göra?" in html
    assert "Äta frukost med barnen" in html
    assert "3 av 10" in html


def test_a_tool_that_was_written_in_several_times_takes_one_line(client: Client, cast: Cast) -> None:
    for minutes in range(3):
        entry, at = {"activity": "Gick ut", "mood": 5}, NOW + timedelta(minutes=30 + minutes)
        send_tool_entry(treatment=cast.annas, tool="mood_log", entry=entry, key=uuid4(), by=cast.anna, now=at)
    shown = page(client, cast)
    assert shown.count("Min dag, 3 gånger, senast") == 2  # the words, and the same for screen readers
    assert reverse("patient-tool", args=[cast.annas.patient.code, "mood_log"]) in shown


def test_minutes_are_no_share_of_their_most_and_times_are_written_with_a_point(client: Client, cast: Cast) -> None:
    entry = {"what": "Gå ut", "day": "tue", "time": "10:30", "minutes": 45}
    send_tool_entry(treatment=cast.annas, tool="week_planner", entry=entry, key=uuid4(), by=cast.anna, now=NOW + HOUR)
    lines = {line.question: line.now[0][0].text for line in _context(client, cast)["sheets"][0].lines if line.now}
    assert (lines["Hur många minuter?"], lines["Vilken tid?"], lines["Vilken dag?"]) == ("45", "10.30", "tisdag")


def test_an_unknown_form_version_is_shown_by_its_numbers(client: Client, cast: Cast) -> None:
    measure(cast.annas, version="of another time", i1=2)
    lines = _context(client, cast)["sheets"][0].lines
    assert (lines[0].question, lines[0].now[0][0].text) == ("1", "2")


def test_the_course_is_drawn_with_a_table(client: Client, cast: Cast) -> None:
    assert "Den första mätningen har inte kommit än." in page(client, cast)
    measure(cast.annas, i1=3)
    html = page(client, cast)
    assert "PHQ-9 vecka för vecka" in html
    assert "Visa som tabell" in html


def test_risky_words_are_marked_where_they_stand(client: Client, cast: Cast) -> None:
    sent = hand_in(cast.annas, "Ibland vill jag inte leva längre. Sedan gick jag ut.", NOW + HOUR)
    write(cast.annas, "Jag vill dö.", NOW + HOUR)
    while screen_one(NOW + 2 * HOUR):
        pass
    html = page(client, cast, f"submissions/{sent.code}/")
    assert "<mark>" in html
    assert "<mark>Ibland vill jag inte leva längre. Sedan gick jag ut.</mark>" not in html
    assert html.count("<mark>") == 1
    view = page(client, cast)
    assert "Öppen flagga" in view
    assert view.count("<mark>") == 2


def test_open_flags_stand_on_top_and_closed_ones_with_what_was_done(client: Client, cast: Cast) -> None:
    measure(cast.annas, NOW + HOUR, i9=2)
    flag = Flag.objects.get()
    html = page(client, cast)
    assert "PHQ-9 fråga 9 = 2" in html
    assert html.index(f"/flags/{flag.code}/") < html.index("Sedan du var här")
    close_flag(
        flag=flag, outcome="contacted", assessment="Inga planer.", action="", contact_at=NOW + 2 * HOUR,
        contact_with="Anna", by=cast.berit, now=NOW + 2 * HOUR,
    )  # fmt: skip
    html = page(client, cast)
    assert "Öppen flagga" not in html
    assert "Tidigare flaggor (1)" in html
    assert "Talat med patienten" in html


def test_what_a_patient_writes_never_becomes_markup(client: Client, cast: Cast) -> None:
    hand_in(cast.annas, "<script>alert(1)</script>")
    write(cast.annas, "<b>hej</b>")
    html = page(client, cast)
    assert "<script>alert(1)" not in html
    assert "&lt;b&gt;hej&lt;/b&gt;" in html


@pytest.mark.hazard("H6h")
def test_looking_marks_nothing_as_read_and_the_button_does(client: Client, cast: Cast) -> None:
    write(cast.annas)
    shown = page(client, cast)
    assert Message.objects.unread_by_staff().count() == 1
    drawn_at = shown.split('name="seen_at" value="')[1].split('"')[0]
    assert client.post(url(cast.annas, "read/"), {"seen_at": drawn_at}).status_code == 302
    assert Message.objects.unread_by_staff().count() == 0
    cast.annas.refresh_from_db()
    assert cast.annas.seen_by_therapist_at == NOW + DAY
    assert AuditEvent.objects.filter(actor=cast.berit.code, did="changed", what=f"treatment:{cast.annas.code}").exists()
    assert "Inget nytt." in page(client, cast)


def test_the_button_marks_only_what_the_page_showed(client: Client, cast: Cast) -> None:
    drawn_at = (NOW + HOUR).isoformat()
    write(cast.annas, "Hej", NOW + HOUR)
    late = write(cast.annas, "Ring mig.", NOW + 2 * HOUR)
    client.force_login(cast.berit)
    for seen_at in (drawn_at, "", "skräp"):
        assert client.post(url(cast.annas, "read/"), {"seen_at": seen_at}).status_code == 302
        assert list(Message.objects.unread_by_staff()) == [late]
    assert "Ring mig." in page(client, cast)


def test_a_module_is_opened_once(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    second = cast.annas.steps.get(module__number=2)
    for _twice in range(2):
        assert client.post(url(cast.annas, f"modules/{second.code}/open/")).status_code == 302
    second.refresh_from_db()
    assert second.opened_by == cast.berit
    assert AuditEvent.objects.filter(did="opened", what=f"step:{second.code}").count() == 1
    others = cast.eriks.steps.get(module__number=2)
    assert client.post(url(cast.annas, f"modules/{others.code}/open/")).status_code == 404


def test_the_next_contact_is_planned_and_a_passed_day_refused(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    assert client.post(url(cast.annas, "contact/"), {"next_contact_on": "2026-12-01"}).status_code == 302
    cast.annas.refresh_from_db()
    assert f"{cast.annas.next_contact_on}" == "2026-12-01"
    answer = client.post(url(cast.annas, "contact/"), {"next_contact_on": "2026-11-01"})
    assert "Den dagen har varit." in answer.content.decode()
    answer = client.post(url(cast.annas, "contact/"), {"next_contact_on": "snart"})
    assert "Skriv dagen som år, månad och dag" in answer.content.decode()


@pytest.mark.hazard("H5f")
def test_reading_leaves_one_audit_row_and_the_title_is_neutral(client: Client, cast: Cast) -> None:
    html = page(client, cast)
    assert AuditEvent.objects.filter(did="read", patient=cast.annas.patient.code).count() == 1
    title = html[html.index("<title>") : html.index("</title>")]
    assert "Anna" not in title
    assert "Depression" not in title


GETS = ["", "submissions/{submission}/"]
POSTS = ["reply/", "read/", "contact/", "modules/{step}/open/"]


@pytest.mark.hazard("H5a")
@pytest.mark.parametrize("rest", GETS + POSTS)
def test_another_clinic_is_404_and_no_care_relation_403(client: Client, cast: Cast, rest: str) -> None:
    filled = rest.format(submission=measure(cast.annas).code, step=cast.annas.steps.first().code)
    for who, status in [("david", 404), ("tove", 403), ("cecilia", 403), ("lena", 403), ("anna", 403), ("omar", 403)]:
        client.force_login(getattr(cast, who))
        ask = client.get if rest in GETS else client.post
        assert ask(url(cast.annas, filled)).status_code == status, who


@pytest.mark.parametrize("rest", POSTS)
def test_a_change_is_never_a_get(client: Client, cast: Cast, rest: str) -> None:
    client.force_login(cast.berit)
    assert client.get(url(cast.annas, rest.format(step=cast.annas.steps.first().code))).status_code == 405


def test_another_patients_answers_are_not_reached_through_this_one(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    assert client.get(url(cast.annas, f"submissions/{measure(cast.eriks).code}/")).status_code == 404


def test_the_page_costs_the_same_for_one_and_for_twenty_rows(client: Client, cast: Cast) -> None:
    busy_patients(cast, 1)
    busy = cast.berit.assignments.latest("pk").treatment
    client.force_login(cast.berit)
    client.get(url(busy))
    few = questions_asked(client, url(busy))
    for number in range(20):
        measure(busy, NOW + number * HOUR, i9=1)
        write(busy, now=NOW + number * HOUR)
        hand_in(busy, now=NOW + number * HOUR)
        send_message(treatment=busy, text=f"Svar {number}", key=uuid4(), by=cast.berit, now=NOW + number * HOUR)
    assert few == questions_asked(client, url(busy))
    assert few <= 12


def _context(client: Client, cast: Cast):
    client.force_login(cast.berit)
    return client.get(url(cast.annas)).context
