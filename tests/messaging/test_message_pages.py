"""The patient's messages: the thread, who answers, sending once, and help beside every receipt."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Absence, AuditEvent
from messaging.actions import send_message
from messaging.models import Message
from programs.actions import end_treatment
from programs.models import Draft
from tests.cast import NOW, Cast

URL = "/my/messages/"

pytestmark = pytest.mark.usefixtures("friday_morning")


def write(cast: Cast, text: str, *, days_ago: int = 0, by_therapist: bool = True) -> Message:
    return send_message(
        treatment=cast.annas, text=text, key=uuid4(), by=cast.berit if by_therapist else cast.anna,
        now=NOW - timedelta(days=days_ago),
    )  # fmt: skip


def key_on(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(idempotency_key)" value="([^"]*)"', page))


def queries(client: Client) -> int:
    client.get(URL)  # the first visit also notes when the session began
    with CaptureQueriesContext(connection) as asked:
        client.get(URL)
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in asked.captured_queries)


def test_the_thread_has_the_newest_last_with_days_and_read_times(cast: Cast, anna: Client) -> None:
    write(cast, "Hur gick det?", days_ago=2)
    mine = write(cast, "Bra, tack.", days_ago=1, by_therapist=False)
    Message.objects.filter(pk=mine.pk).update(read_at=NOW - timedelta(hours=20), read_by=cast.berit)
    page = anna.get(URL).text
    assert page.index("Onsdag 18 november") < page.index("Hur gick det?") < page.index("Torsdag 19 november")
    assert page.index("Torsdag 19 november") < page.index("Bra, tack.")
    assert "Läst i går 14.00" in page
    assert re.search(r"<title>(.*?)</title>", page, re.S)[1].strip() == "Meddelanden – Min behandling"


def test_opening_the_page_marks_the_therapists_words_as_read(cast: Cast, anna: Client) -> None:
    theirs, mine = write(cast, "Hej"), write(cast, "Hej själv", by_therapist=False)
    anna.get(URL)
    theirs.refresh_from_db()
    mine.refresh_from_db()
    assert (theirs.read_by, theirs.read_at, mine.read_at) == (cast.anna, NOW, None)


def test_a_message_is_sent_and_its_receipt_carries_help_and_the_promise(cast: Cast, anna: Client) -> None:
    Draft.objects.create(owner=cast.anna, treatment=cast.annas, form_key="message", data={"text": "H"}, updated_at=NOW)
    page = anna.get(URL).text
    answer = anna.post(URL, key_on(page) | {"text": "Hej Berit"})
    assert Message.objects.get().text == "Hej Berit"
    assert not Draft.objects.exists()
    receipt = anna.get(answer.url).text
    assert "Ditt meddelande är skickat." in receipt
    assert "90101" in receipt
    assert "Berit Almgren svarar inom två arbetsdagar, senast tisdag 24 november." in receipt


def test_while_the_therapist_is_away_the_page_says_who_answers(cast: Cast, anna: Client) -> None:
    Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=5), created_at=NOW, created_by=cast.berit
    )
    page = anna.get(URL).text
    assert "Berit Almgren är borta till klockan 10.00 den 25 november." in page
    assert "Cecilia Ek läser och svarar så länge." in page


def test_a_double_click_and_a_replay_send_once(anna: Client) -> None:
    given = key_on(anna.get(URL).text) | {"text": "En gång"}
    for _again in range(3):
        assert anna.post(URL, given).status_code == 302
    assert Message.objects.count() == 1
    anna.post(URL, given | {"text": "Något annat"})
    assert Message.objects.count() == 2


def test_an_empty_message_is_asked_for_again(anna: Client) -> None:
    for empty in ("", "  \n", "\0"):
        page = anna.post(URL, {"text": empty})
        assert page.status_code == 200
        assert "Skriv något först." in page.text
    assert not Message.objects.exists()


def test_a_megabyte_nul_emoji_and_lone_surrogates_are_kept(anna: Client) -> None:
    anna.post(URL, {"text": "\U0001f642\0" + "å" * 1_000_000, "idempotency_key": "no key"})
    assert Message.objects.get().text == "\U0001f642" + "å" * 1_000_000
    anna.post(URL, b"text=sorg+%ED%A0%BD", content_type="application/x-www-form-urlencoded")
    assert Message.objects.filter(text__startswith="sorg").exists()


def test_markup_in_a_message_is_shown_as_text(anna: Client, cast: Cast) -> None:
    write(cast, "<script>alert(1)</script>")
    assert "<script>alert" not in anna.get(URL).text


def test_what_was_begun_is_there_again(anna: Client) -> None:
    anna.post("/my/drafts/message/", {"text": "Halva meningen", "version": "0"})
    page = anna.get(URL).text
    assert "Halva meningen" in page
    assert 'data-version="1"' in page


def test_after_the_end_one_can_read_but_not_write(cast: Cast, anna: Client) -> None:
    write(cast, "Lycka till")
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    page = anna.post(URL, {"text": "En sak till"}).text
    assert "Lycka till" in page
    assert "En sak till" in page
    assert "<textarea" not in page
    assert Message.objects.count() == 1
    assert Draft.objects.get(owner=cast.anna).data == {"text": "En sak till"}
    assert "En sak till" in anna.get(URL).text


def test_others_are_kept_out_and_reading_leaves_a_row(cast: Cast, anna: Client) -> None:
    write(cast, "Bara till Anna")
    anna.get(URL)
    assert AuditEvent.objects.filter(actor=cast.anna.code, did="read", what="messages").count() == 1
    anna.force_login(cast.erik)
    assert "Bara till Anna" not in anna.get(URL).text
    anna.force_login(cast.berit)
    assert anna.get(URL).status_code == 403
    assert anna.post(URL, {"text": "Hej"}).status_code == 403
    anna.logout()
    assert anna.get(URL).status_code == 302


def test_twelve_queries_for_one_message_and_for_twenty(cast: Cast, anna: Client) -> None:
    write(cast, "En", by_therapist=False)
    few = queries(anna)
    for number in range(20):
        write(cast, f"{number}", by_therapist=False)
    assert queries(anna) == few <= 12
