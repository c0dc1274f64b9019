"""Sessions end, also in the middle of writing; what was written stays."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from programs.models import Draft, Submission
from tests.cast import NOW, Cast

JSON = {"Accept": "application/json"}
DRAFT = "/my/drafts/measure:phq9/"
PAGE = "/my/measures/phq9/"


def at(**later: int) -> time_machine.travel:
    return time_machine.travel(NOW + timedelta(**later), tick=False)


@pytest.mark.hazard("H11a")
def test_a_patient_is_signed_out_after_half_an_hour_without_a_sign(cast: Cast, client: Client) -> None:
    with at():
        client.force_login(cast.anna)
        assert client.get(PAGE).status_code == 200
    with at(minutes=29):
        assert client.get(PAGE).status_code == 200
    with at(minutes=60):
        assert client.get(PAGE).url == f"/accounts/login/?next={PAGE}"


def test_staff_are_signed_out_after_a_quarter_of_an_hour(cast: Cast, client: Client) -> None:
    with at():
        client.force_login(cast.berit)
        assert client.get("/account/").status_code == 200
    with at(minutes=16):
        assert client.get("/account/").status_code == 302


@pytest.mark.hazard("H17d")
@pytest.mark.parametrize(("who", "hours"), [("anna", 4), ("berit", 10)])
def test_no_session_outlives_its_longest_time_however_active(cast: Cast, client: Client, who: str, hours: int) -> None:
    with at():
        client.force_login(getattr(cast, who))
    for minute in range(0, hours * 60, 10):
        with at(minutes=minute):
            assert client.get("/account/").status_code == 200
    with at(minutes=hours * 60 + 1):
        assert client.get("/account/").status_code == 302


def test_in_the_middle_of_writing_the_autosave_says_where_to_sign_in_and_nothing_is_lost(
    cast: Cast, client: Client
) -> None:
    with at():
        client.force_login(cast.anna)
        client.get(PAGE)
        assert client.post(DRAFT, {"1": "2", "version": "0"}, headers=JSON).json()["version"] == 1
    with at(minutes=45):
        ended = client.post(DRAFT, {"1": "2", "2": "3", "version": "1"}, headers=JSON)
        assert (ended.status_code, ended.json()) == (401, {"login": "/accounts/login/"})
        assert client.post(PAGE, {"1": "2"}).url.startswith("/accounts/login/")
        assert Draft.objects.get().data == {"1": "2"}
        client.force_login(cast.anna)  # in another tab; the open page saves again
        assert client.post(DRAFT, {"1": "2", "2": "3", "version": "1"}, headers=JSON).json()["version"] == 2
        page = client.get(PAGE).text
        assert re.search(r'id="id_2_3" value="3" checked', page)
        assert not Submission.objects.exists()


def test_who_never_signed_in_gets_the_same_answer_with_and_without_a_token(db: None) -> None:
    for client in (Client(), Client(enforce_csrf_checks=True)):
        answer = client.post(DRAFT, {"1": "2", "version": "0"}, headers=JSON)
        assert (answer.status_code, answer.json()) == (401, {"login": "/accounts/login/"})


def test_who_is_signed_in_with_an_old_token_is_refused_not_sent_to_sign_in(cast: Cast) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.anna)
    assert client.post(DRAFT, {"1": "2", "version": "0"}, headers=JSON).status_code == 403


def test_a_session_of_someone_whose_account_is_closed_is_over(cast: Cast, client: Client) -> None:
    client.force_login(cast.anna)
    cast.anna.is_active = False
    cast.anna.save(update_fields=["is_active"])
    assert client.get(PAGE).status_code == 302


def test_a_list_that_looks_for_news_by_itself_keeps_nobody_signed_in(cast: Cast, client: Client) -> None:
    with at():
        client.force_login(cast.berit)
        client.get("/worklist/")
    for minutes in range(1, 15):
        with at(minutes=minutes):
            client.get("/worklist/poll/", headers={"HX-Request": "true"})
    with at(minutes=16):
        assert client.get("/worklist/").status_code == 302
