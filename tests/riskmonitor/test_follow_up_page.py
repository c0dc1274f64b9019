"""The three questions after a risk item: asked after COMMIT, with help beside them, and never lowering anything."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client

from clinics.models import AuditEvent
from programs.actions import send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.actions import close_flag
from riskmonitor.models import Flag, FlagEvent
from tests.cast import NOW, Cast

URL = "/my/follow-up/"
ZEROS = {str(item): 0 for item in range(1, 10)}


@pytest.fixture(autouse=True)
def on_friday_morning() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def sent(cast: Cast, answers: dict[str, int]) -> Submission:
    phq9 = instruments()["phq9"]
    return send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers,
        key=cast.annas.code, by=cast.anna, now=NOW,
    )  # fmt: skip


@pytest.fixture
def marked(cast: Cast, client: Client) -> Submission:
    client.force_login(cast.anna)
    return sent(cast, ZEROS | {"9": 1})


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(idempotency_key)" value="([^"]*)"', page))


def test_help_and_who_reads_stand_beside_questions_without_preset_answers(client: Client, marked: Submission) -> None:
    page = client.get(f"{URL}?after={marked.code}").text
    assert "Tack för att du berättar" in page
    assert "90101" in page
    assert 'href="tel:112"' in page
    assert "Berit Almgren läser det här senast" in page
    assert page.count('type="radio"') == 6
    assert "checked" not in page


def test_the_questions_may_be_skipped_and_lead_to_the_receipt(client: Client, marked: Submission) -> None:
    receipt = f"/my/measures/phq9/receipt/{marked.code}/"
    page = client.get(f"{URL}?after={marked.code}").text
    assert f'href="{receipt}"' in page
    assert client.post(f"{URL}?after={marked.code}", hidden(page)).url == receipt
    flag = Flag.objects.get()
    assert (flag.urgency, flag.asked_at) == ("today", None)


@pytest.mark.parametrize("answers", [{"plan": "yes"}, {"today": "yes"}, {"safe": "no"}])
def test_an_alarming_answer_alerts_again_as_now(client: Client, marked: Submission, answers: dict[str, str]) -> None:
    page = client.get(f"{URL}?after={marked.code}").text
    client.post(f"{URL}?after={marked.code}", hidden(page) | answers)
    flag = Flag.objects.get()
    assert (flag.urgency, flag.climbs, flag.asked_at) == ("now", 2, NOW)
    assert Submission.objects.filter(kind="follow_up").count() == 1


def test_calm_answers_are_kept_and_lower_nothing(client: Client, marked: Submission) -> None:
    client.post(f"{URL}?after={marked.code}", {"plan": "no", "today": "no", "safe": "yes"})
    flag = Flag.objects.get()
    assert (flag.urgency, flag.asked_plan, flag.asked_today, flag.asked_safe) == ("today", False, False, True)
    assert flag.closed_at is None


def test_a_double_click_alerts_once(client: Client, marked: Submission) -> None:
    answers = hidden(client.get(URL).text) | {"plan": "yes"}
    client.post(URL, answers)
    with time_machine.travel(NOW.replace(second=2), tick=False):
        client.post(URL, answers)
    assert Flag.objects.get().climbs == 2
    assert FlagEvent.objects.filter(kind="asked").count() == 1


def test_nonsense_counts_as_left_out(client: Client, marked: Submission) -> None:
    answer = client.post(f"{URL}?after=nonsense\0", {"plan": "perhaps\0", "idempotency_key": "x", "safe": "no"})
    assert answer.url == "/"
    assert (Flag.objects.get().asked_plan, Flag.objects.get().asked_safe) == (None, False)


def test_an_alarming_answer_raises_a_flag_when_none_is_open(cast: Cast, client: Client, marked: Submission) -> None:
    close_flag(
        flag=Flag.objects.get(), by=cast.berit, outcome="contacted", assessment="Talat.", action="", contact_at=NOW,
        contact_with="Anna", now=NOW,
    )  # fmt: skip
    client.post(URL, {"today": "yes"})
    assert Flag.objects.open().get().urgency == "now"


def test_a_left_out_question_is_asked_about_in_other_words(cast: Cast, client: Client) -> None:
    submission = sent(cast, {str(item): 0 for item in range(1, 9)})
    client.force_login(cast.anna)
    page = client.get(f"{URL}?after={submission.code}").text
    assert "blev inte besvarad" in page
    assert "Tack för att du berättar" not in page


def test_anothers_submission_leads_nowhere(cast: Cast, client: Client, marked: Submission) -> None:
    client.force_login(cast.erik)
    page = client.get(f"{URL}?after={marked.code}").text
    assert str(marked.code) not in re.search(r"<main.*</main>", page, re.S)[0]
    client.post(f"{URL}?after={marked.code}", {"safe": "yes"})
    assert Flag.objects.get(patient=cast.annas.patient).asked_at is None


def test_staff_are_refused_and_reading_leaves_a_row(cast: Cast, client: Client, marked: Submission) -> None:
    client.get(URL)
    assert AuditEvent.objects.filter(actor=cast.anna.code, did="read", what="follow-up").count() == 1
    client.force_login(cast.berit)
    assert client.get(URL).status_code == 403
    assert client.delete(URL).status_code in {403, 405}


def test_few_questions_to_the_database(client: Client, marked: Submission, django_assert_max_num_queries) -> None:
    with django_assert_max_num_queries(12):
        client.get(f"{URL}?after={marked.code}")
