"""The patient's questionnaire over HTTP: from the first tap to the receipt, and what can go wrong on the way."""

from __future__ import annotations

import re
import socket
import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import Absence, AuditEvent
from programs.actions import end_treatment
from programs.models import Draft, Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.watch import wakeup
from tests.cast import NOW, Cast, make_cast

URL = "/my/measures/phq9/"
ZEROS = {str(item): "0" for item in range(1, 10)}

pytestmark = pytest.mark.usefixtures("friday_morning")


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of the questionnaire on the page."""
    found = re.findall(r'<input type="hidden" name="(idempotency_key|form_version)" value="([^"]*)"', page)
    return dict(found)


def queries(client: Client, url: str) -> int:
    """Count what a page asks, savepoints of the test apart."""
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(url).status_code == 200
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in asked.captured_queries)


def send(client: Client, **answers: str):
    return client.post(URL, fields(client.get(URL).text) | ZEROS | answers)


def test_all_items_stand_on_one_page_in_the_shipped_words(anna: Client) -> None:
    page = anna.get(URL).text
    phq9 = instruments()["phq9"]
    assert phq9.window["sv"] in page
    for item in phq9.items:
        assert item.words["sv"].replace("'", "&#x27;") in page
    assert page.count("<fieldset") == len(phq9.items) + 1
    assert "PHQ" not in re.search(r"<title>(.*?)</title>", page, re.S)[1]


def test_nine_answers_and_one_press_are_enough(anna: Client) -> None:
    answer = send(anna)
    submission = Submission.objects.get()
    assert (submission.total, submission.answers) == (0, {str(item): 0 for item in range(1, 10)})
    assert answer.url == f"{URL}receipt/{submission.code}/"
    receipt = anna.get(answer.url).text
    assert "av 27 poäng" in receipt
    assert "Berit Almgren svarar inom två arbetsdagar, senast tisdag 24 november." in receipt
    assert not Draft.objects.exists()


def test_the_receipt_compares_with_last_time_and_never_says_worse(anna: Client) -> None:
    send(anna, **{"1": "3", "2": "3"})
    second = anna.get(send(anna, **{"1": "3"}).url).text
    assert "3 poäng lägre än förra gången" in second
    much_more = anna.get(send(anna, **{str(item): "3" for item in range(1, 5)}).url).text
    assert "Det här ser ut som en tuff vecka" in much_more
    assert "sämre" not in re.search(r'id="figure".*?</section>', much_more, re.S)[0]


@pytest.mark.parametrize("marked", ["1", "3"])
def test_a_marked_risk_item_leads_to_help_before_the_receipt(anna: Client, marked: str) -> None:
    answer = send(anna, **{"9": marked})
    assert answer.url == f"/my/follow-up/?after={Submission.objects.get().code}"
    assert Flag.objects.get().kind == "suicide"
    assert "90101" in anna.get(answer.url).text
    receipt = anna.get(f"{URL}receipt/{Submission.objects.get().code}/").text
    assert receipt.index("112") < receipt.index("av 27 poäng")
    assert "Berit Almgren läser det här senast" in receipt


@pytest.mark.hazard("H9a")
def test_out_of_hours_the_receipt_says_so(cast: Cast, anna: Client) -> None:
    with time_machine.travel(NOW + timedelta(hours=12), tick=False):
        anna.force_login(cast.anna)
        send(anna, **{"9": "2"})
        receipt = anna.get(f"{URL}receipt/{Submission.objects.get().code}/").text
    assert "Din vårdcentral är stängd just nu." in receipt
    assert "senast 23 november 09.00" in receipt


def test_while_the_therapist_is_away_the_receipt_names_who_reads(cast: Cast, anna: Client) -> None:
    Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=5), created_at=NOW, created_by=cast.berit
    )
    receipt = anna.get(send(anna).url).text
    assert "Berit Almgren är borta till klockan 10.00 den 25 november." in receipt
    assert "Cecilia Ek läser och svarar så länge." in receipt


def test_missing_answers_are_shown_once_and_may_be_sent_anyway(anna: Client) -> None:
    half = fields(anna.get(URL).text) | ZEROS
    del half["3"], half["9"]
    first = anna.post(URL, half)
    assert first.status_code == 200
    assert "2 frågor är inte besvarade än" in first.text
    assert 'href="#id_3_0"' in first.text
    assert "inom en arbetsdag från att din vårdcentral öppnar" in first.text
    assert Draft.objects.get().data["1"] == "0"
    assert not Submission.objects.exists()
    second = anna.post(URL, half | {"anyway": "Skicka ändå"})
    assert "/my/follow-up/" in second.url
    assert Flag.objects.get().urgency == "today"
    assert Submission.objects.get().total == 0


def test_more_missing_answers_than_the_instrument_allows_are_kept_and_asked_for(anna: Client) -> None:
    few = fields(anna.get(URL).text) | {"1": "2", "9": "2", "anyway": "1"}
    page = anna.post(URL, few)
    assert page.status_code == 200
    assert "Högst 2 frågor får hoppas över." in page.text
    assert "Skicka ändå" not in page.text
    assert Draft.objects.get().data["9"] == "2"
    assert "hidden" not in re.search(r"<section[^>]*data-help-box[^>]*>", page.text)[0]


def test_an_answer_outside_the_scale_is_not_taken(anna: Client) -> None:
    page = anna.post(URL, fields(anna.get(URL).text) | ZEROS | {"4": "7", "anyway": "1"})
    assert page.status_code == 200
    assert not Submission.objects.exists()


def test_two_tabs_and_a_double_click_store_one_answer_set(anna: Client) -> None:
    first, second = fields(anna.get(URL).text), fields(anna.get(URL).text)
    one, two = anna.post(URL, first | ZEROS), anna.post(URL, second | ZEROS)
    assert one.url == two.url
    assert Submission.objects.count() == 1
    anna.post(URL, second | ZEROS | {"1": "3"})
    assert Submission.objects.count() == 2


def test_a_broken_key_does_not_stop_the_answers(anna: Client) -> None:
    anna.post(URL, fields(anna.get(URL).text) | ZEROS | {"idempotency_key": "\0 nonsense"})
    assert Submission.objects.count() == 1


def test_a_form_of_an_unknown_version_is_kept_and_read_by_a_human(anna: Client) -> None:
    body = b"form_version=of+another+time%00&1=2&old=half+a+sign+%ED%A0%BD"
    answer = anna.post(URL, body, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 302
    submission = Submission.objects.get()
    assert submission.answers["1"] == 2
    assert submission.total is None
    assert Flag.objects.get().kind == "unscreenable"
    receipt = anna.get(f"{URL}receipt/{submission.code}/").text
    assert receipt.index("Prata med någon nu") < receipt.index("Några svar saknas")


def test_a_rule_that_breaks_makes_the_receipt_the_help_page(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.receivers.item_findings_of", broken)
    receipt = anna.get(send(anna).url).text
    assert "Du behöver inte vara ensam med det här" in receipt


def test_a_megabyte_and_strange_signs_do_no_harm(anna: Client) -> None:
    answer = anna.post(URL, fields(anna.get(URL).text) | ZEROS | {"anything": "å" * 1_000_000 + "\0\U0001f642"})
    assert answer.status_code == 302
    assert "anything" not in Submission.objects.get().answers


def test_an_unknown_instrument_and_anothers_receipt_are_not_found(cast: Cast, anna: Client, client: Client) -> None:
    assert anna.get("/my/measures/madrs_s/").status_code == 404
    assert anna.get(f"{URL}receipt/{uuid4()}/").status_code == 404
    send(anna)
    client.force_login(cast.erik)
    assert client.get(f"{URL}receipt/{Submission.objects.get().code}/").status_code == 404


def test_staff_may_not_answer_and_strangers_are_led_to_sign_in(cast: Cast, client: Client) -> None:
    assert client.get(URL).status_code == 302
    client.force_login(cast.berit)
    assert client.get(URL).status_code == 403
    assert client.post(URL, ZEROS).status_code == 403


def test_a_receipt_cannot_be_posted_to(anna: Client) -> None:
    assert anna.post(send(anna).url).status_code == 405


def test_after_the_end_nothing_can_be_sent_and_the_page_says_where_to_turn(cast: Cast, anna: Client) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    for page in (anna.get(URL), anna.post(URL, ZEROS)):
        assert page.status_code == 410
        assert "1177" in page.text
    assert not Submission.objects.exists()


def test_reading_and_sending_leave_audit_rows(cast: Cast, anna: Client) -> None:
    receipt = send(anna).url
    anna.get(receipt)
    code = Submission.objects.get().code
    told = set(AuditEvent.objects.filter(actor=cast.anna.code).values_list("did", "what"))
    assert {("read", "measure:phq9"), ("sent", f"submission:{code}"), ("read", f"submission:{code}")} <= told


def test_what_was_begun_is_there_again(anna: Client) -> None:
    anna.post("/my/drafts/measure:phq9/", {"1": "2", "version": "0"})
    page = anna.get(URL).text
    assert re.search(r'name="1" id="id_1_2" value="2" checked', page)
    assert 'data-version="1"' in page
    assert "Sparat 10.00" in page or "Sparat klockan 10.00" in page


def test_pages_ask_at_most_twelve_questions_and_as_many_after_twenty_weeks(cast: Cast, anna: Client) -> None:
    receipt = send(anna).url
    few = [queries(anna, URL), queries(anna, receipt)]
    for week in range(20):
        with time_machine.travel(NOW + timedelta(seconds=week), tick=False):
            send(anna)
    assert [queries(anna, URL), queries(anna, receipt)] == few
    assert max(few) <= 12


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_the_same_moment_store_one_answer_set(client: Client) -> None:
    cast = make_cast()
    client.force_login(cast.anna)
    given, together, told = fields(client.get(URL).text) | ZEROS | {"9": "2"}, threading.Barrier(2), []

    def press() -> None:
        tab = Client()
        tab.cookies = client.cookies
        together.wait(timeout=10)
        told.append(tab.post(URL, given).url)
        connection.close()

    presses = [threading.Thread(target=press) for _tab in range(2)]
    for each in presses:
        each.start()
    for each in presses:
        each.join(timeout=30)
    assert (Submission.objects.count(), Flag.objects.count(), len(set(told)), len(told)) == (1, 1, 1, 2)


@pytest.mark.parametrize("answers_the_door", [True, False])
@pytest.mark.django_db(transaction=True)
def test_a_broker_that_hangs_or_is_gone_does_not_hold_the_page(
    client: Client, settings, monkeypatch: pytest.MonkeyPatch, answers_the_door: bool
) -> None:
    cast = make_cast()
    client.force_login(cast.anna)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        if answers_the_door:
            silent.listen(1)
        settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        monkeypatch.setattr(wakeup, "breaker", wakeup.Breaker())
        monkeypatch.setattr(wakeup, "_connection", threading.local())
        given = fields(client.get(URL).text)
        began = time.perf_counter()
        answer = client.post(URL, given | ZEROS | {"9": "2"})
        took = time.perf_counter() - began
    print(f"sent in {took:.2f} s")
    assert answer.status_code == 302
    assert Flag.objects.get().kind == "suicide"
    assert took < 5, "the broker held the page"
    assert wakeup.breaker.failures == 1
