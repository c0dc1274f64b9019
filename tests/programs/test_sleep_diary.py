"""The morning card: one entry for each night, nothing lost of what cannot be, and the week in a sentence."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from programs.actions import send_tool_entry
from programs.models import Submission, Treatment
from programs.toolkit.records import recorded
from programs.tools import tools
from tests.cast import NOW, Cast
from tests.programs.sleepers import NIGHT, keeps_a_diary, tell_nights

pytestmark = pytest.mark.usefixtures("friday_morning")
URL = "/my/tools/sleep_diary/"


@pytest.fixture
def annas(cast: Cast) -> Treatment:
    return keeps_a_diary(cast)


@pytest.fixture
def diary(annas: Treatment, anna: Client) -> Client:
    return anna


def posted(**instead: Any) -> dict[str, str]:
    return {name: str(value) for name, value in (NIGHT | {"idempotency_key": uuid4()} | instead).items()}


def test_the_card_is_about_the_night_that_just_ended(diary: Client) -> None:
    page = diary.get(URL).text
    assert 'value="2026-11-20"' in page
    more = page.index("<details")
    assert page.index('name="rise"') < more < page.index('name="medicine"')


def test_before_four_in_the_morning_it_is_about_the_night_before(diary: Client) -> None:
    with time_machine.travel(NOW - timedelta(hours=8), tick=False):  # two at night on Friday
        assert 'value="2026-11-19"' in diary.get(URL).text


def test_a_told_night_is_not_asked_for_again_and_its_times_stand_there(diary: Client, annas: Treatment) -> None:
    tell_nights(annas, 1, bed="22:45", rise="06:40")
    page = diary.get(URL).text
    assert 'value="2026-11-19"' in page
    tell_nights(annas, 1, last=date(2026, 11, 18), bed="22:50", rise="06:20")
    page = diary.get(URL).text
    assert 'value="22:50"' in page
    assert 'value="06:20"' in page


def test_a_night_is_sent_and_shown_with_what_follows_from_it(diary: Client) -> None:
    answer = diary.post(URL, posted())
    page = diary.get(answer.url).text
    assert "Sparat och skickat" in page
    assert "8 tim" in page
    assert "7 tim" in page
    assert "88 procent" in page


def test_a_later_entry_for_the_same_night_takes_its_place(diary: Client, annas: Treatment) -> None:
    diary.post(URL, posted())
    answer = diary.post(URL, posted(awake=90))
    assert Submission.objects.count() == 2
    [night] = recorded(annas, "sleep_diary")
    assert night.data["awake"] == 90
    assert len(night.former) == 1
    assert "Sparat och skickat" in diary.get(answer.url).text


def test_an_entry_that_was_moved_to_another_night_leaves_its_old_night_free(diary: Client, annas: Treatment) -> None:
    first = send_tool_entry(
        treatment=annas, tool="sleep_diary", entry=NIGHT, key=uuid4(), by=annas.patient.user, now=NOW
    )
    moved = NIGHT | {"date": "2026-11-19"}
    send_tool_entry(
        treatment=annas, tool="sleep_diary", entry=moved, key=uuid4(), by=annas.patient.user, now=NOW, replaces=first
    )
    diary.post(URL, posted())
    assert {each.data["date"] for each in recorded(annas, "sleep_diary")} == {"2026-11-19", "2026-11-20"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"date": "2026-11-21"}, "Den morgonen har inte kommit än."),
        ({"date": "2026-11-17"}, "Den natten är svår att minnas nu."),
        ({"awake": "600"}, "är tillsammans fler än natten hade"),
        ({"awake": "-5"}, "Välj ett tal från 0 till 960."),
        ({"awake": "99999999999"}, "med siffror, till exempel 5"),
        ({"bed": "07:30"}, "mer än 18 timmar"),
        ({"bed": "elva"}, "Skriv tiden"),
        ({"lights_out": "22:00"}, "Du har släckt innan du gick och lade dig."),
        ({"last_waking": "07:30"}, "Du vaknade sista gången efter att du steg upp."),
        ({"rise": "23:00"}, "samma tid"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_lost(diary: Client, change: dict[str, str], sentence: str) -> None:
    page = diary.post(URL, posted(**change, medicine="<b>min medicin</b>"))
    assert page.status_code == 200
    assert sentence in page.text
    assert "&lt;b&gt;min medicin&lt;/b&gt;" in page.text
    assert f'value="{next(iter(change.values()))}"' in page.text
    assert not Submission.objects.exists()


def test_a_night_that_is_told_already_may_be_put_right_later(diary: Client, annas: Treatment) -> None:
    tell_nights(annas, 1, last=date(2026, 11, 15))
    assert diary.post(URL, posted(date="2026-11-15", awake=60)).status_code == 302


def test_the_week_is_told_from_five_nights_on(diary: Client, annas: Treatment) -> None:
    tell_nights(annas, 4)
    assert "4 av de senaste sju nätterna är ifyllda." in diary.get(URL).text
    tell_nights(annas, 1, last=date(2026, 11, 15))
    page = diary.get(URL).text
    assert "5 nätter: i snitt sov du 7 tim av 8 tim i sängen. Det är 88 procent." in page
    assert "Dina nätter, i timmar" in page
    assert "<table" in page


def test_a_module_that_asks_for_the_whole_diary_shows_all_its_fields() -> None:
    kind = tools()["sleep_diary"].kinds[0]
    assert len(kind.quick_for({"form": "basic"})) == 7
    assert set(kind.quick_for({"form": "full"})) == {field.id for field in kind.fields}


def test_another_patient_has_another_diary(diary: Client, annas: Treatment, cast: Cast, client: Client) -> None:
    tell_nights(annas, 5)
    other = Client()
    other.force_login(cast.erik)
    assert other.get(URL).status_code == 404  # not open for Erik
    assert other.get(reverse("tool-print", args=["sleep_diary"])).status_code == 404


@pytest.mark.parametrize(
    ("morning", "bed", "rise", "shown"),
    [("2026-03-29", "23:00", "07:00", "7 tim"), ("2026-10-25", "23:00", "07:00", "9 tim")],
)
def test_the_nights_of_the_clock_are_shown_in_real_time(
    annas: Treatment, anna: Client, morning: str, bed: str, rise: str, shown: str
) -> None:
    entry = NIGHT | {"date": morning, "bed": bed, "rise": rise, "to_sleep": 0, "awake": 0}
    send_tool_entry(treatment=annas, tool="sleep_diary", entry=entry, key=uuid4(), by=annas.patient.user, now=NOW)
    assert f'<dd class="written">{shown}</dd>' in anna.get(URL).text
