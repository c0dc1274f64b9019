"""Questionnaires beside PHQ-9: numbers to tap, counts, free words, higher is better, and a clinic's own wording."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from programs.models import Draft, Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import flag_marked_draft, screen_one
from tests.cast import NOW, Cast
from tests.programs.test_measure_pages import fields
from tests.programs.test_wordings import load

pytestmark = pytest.mark.usefixtures("friday_morning")


def send(client: Client, name: str, **answers: Any) -> Any:
    url = f"/my/measures/{name}/"
    return client.post(url, fields(client.get(url).text) | {key.strip("_"): value for key, value in answers.items()})


def receipt(client: Client, name: str) -> str:
    sent = Submission.objects.filter(form=name).latest("pk")
    return client.get(f"/my/measures/{name}/receipt/{sent.code}/").text


def shown_total(page: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", "", re.search(r'id="figure".*?</section>', page, re.S)[0]).split())


def test_an_own_scale_has_numbers_to_tap_and_says_what_the_ends_mean(anna: Client) -> None:
    page = anna.get("/my/measures/sleep_week/").text
    assert page.count('class="field scale"') == 3
    assert "0 = Inte alls nöjd, 10 = Helt nöjd" in page
    assert page.count('type="radio"') == 33


def test_a_count_and_a_mean_with_two_decimals(anna: Client) -> None:
    page = anna.get("/my/measures/panic_week/").text
    assert 'type="number"' in page
    send(anna, "panic_week", _1="0", _2="3", _3="4")
    row = Submission.objects.get()
    assert (row.answers, row.total, row.band) == ({"1": 0, "2": 3, "3": 4}, 3.5, None)
    assert "3,5 av 10 poäng. Lägre är bättre." in shown_total(receipt(anna, "panic_week"))
    send(anna, "panic_week", _1="0", _2="10", _3="10")
    assert "6,5 poäng högre än förra gången." in shown_total(receipt(anna, "panic_week"))
    assert "tuff vecka" not in receipt(anna, "panic_week")  # an own scale is never called worse


@pytest.mark.parametrize("count", ["-1", "1000", "tre", "2.5"])
def test_a_count_that_is_none_is_told_and_stays_on_the_page(anna: Client, count: str) -> None:
    page = send(anna, "panic_week", _1=count, _2="3", _3="4")
    assert page.status_code == 200
    assert f'value="{count}"' in page.text
    assert Draft.objects.get().data["1"] == count
    assert not Submission.objects.exists()


def test_goals_may_be_fewer_than_three_and_then_have_no_mean(anna: Client) -> None:
    assert send(anna, "goals", _1="6").status_code == 302
    assert Submission.objects.get().total is None
    send(anna, "goals", _1="6", _2="7", _3="8")
    assert "7 av 10 poäng. Högre är bättre." in shown_total(receipt(anna, "goals"))


def test_words_beside_an_item_are_screened_like_every_text(anna: Client) -> None:
    send(anna, "side_effects", _1="2", words_1="Jag vill inte leva längre.", _2="0", words_2=" ")
    row = Submission.objects.get()
    assert row.texts == [["words_1", "Jag vill inte leva längre."]]
    while screen_one(NOW):
        pass
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency) == ("suicide", "now")
    assert flag.findings.get().phrase == "vill inte leva"
    assert "Din behandlare ser vad du svarade." in receipt(anna, "side_effects")


def test_the_therapist_reads_the_words_and_the_numbers(cast: Cast, anna: Client) -> None:
    send(anna, "side_effects", _1="1", words_1="Sover sämre <b>nu</b>", _2="1")
    berit = Client()
    berit.force_login(cast.berit)
    page = berit.get(f"/patients/{cast.anna.patient.code}/submissions/{Submission.objects.get().code}/").text
    assert "Sover sämre &lt;b&gt;nu&lt;/b&gt;" in page
    assert "1 Lite" in page


def test_a_gated_form_without_wording_is_not_found(anna: Client) -> None:
    assert anna.get("/my/measures/madrs_s/").status_code == 404


@pytest.mark.parametrize(
    ("marked", "urgency", "onward"), [("1", None, "receipt"), ("3", "today", "follow-up"), ("5", "now", "follow-up")]
)
def test_madrs_s_in_the_clinics_words_carries_the_whole_risk_chain(
    cast: Cast, anna: Client, marked: str, urgency: str | None, onward: str
) -> None:
    load(cast)
    page = anna.get("/my/measures/madrs_s/").text
    assert "Påhittad fråga om hur du mår, nummer 9" in page
    assert page.count('type="radio"') == 9 * 7
    answers = {f"_{item}": "1" for item in range(1, 9)}
    answer = send(anna, "madrs_s", **answers, _9=marked)
    assert onward in answer.url
    assert [flag.urgency for flag in Flag.objects.all()] == ([urgency] if urgency else [])
    assert Submission.objects.get().form_version.startswith(instruments()["madrs_s"].version)
    while screen_one(NOW):
        pass
    assert Flag.objects.filter(kind="unscreenable").count() == 0


def test_what_was_begun_in_the_old_words_is_taken_in_the_old_words(cast: Cast, anna: Client) -> None:
    load(cast)
    begun = fields(anna.get("/my/measures/madrs_s/").text)
    load(cast, text=open_text(), minutes=1)
    anna.post("/my/measures/madrs_s/", begun | {str(item): "0" for item in range(1, 10)})
    assert Submission.objects.get().total == 0
    assert Submission.objects.get().form_version == begun["form_version"]
    assert not Flag.objects.exists()


def open_text() -> str:
    from tests.programs.test_wordings import MADRS, written

    return written(MADRS, window="Tänk på hur du har haft det sedan i går.")


def test_a_marked_and_unsent_risk_item_of_a_gated_form_is_looked_at(cast: Cast, anna: Client) -> None:
    load(cast)
    kept = anna.post("/my/drafts/measure:madrs_s/", {"9": "4", "1": "x", "version": "0"})
    assert kept.json()["help"] is True
    assert flag_marked_draft(NOW + timedelta(minutes=16))
    assert Flag.objects.get().urgency == "now"
