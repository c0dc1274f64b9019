"""What somebody of the hub is writing about a flag is never lost when a colleague takes it on or closes it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from clinics.models import User
from programs.models import Draft
from riskmonitor.actions import acknowledge, close_flag
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag
from tests.cast import Cast, make_clinic, make_therapist
from tests.riskmonitor.test_absence_pages import mark, words
from tests.riskmonitor.test_flag_interview import HELD, SAID, load
from tests.riskmonitor.test_hub import ASKED, HOUR, as_hub, helps, opened

MINUTE = timedelta(minutes=1)
SENT = ASKED + 10 * MINUTE
HEARD = "Han har tabletter hemma. Hans bror kommer i kväll."
WRITTEN = {"assessment": HEARD, "action": "Ringer 112."}
CONTACTED = {"outcome": "contacted", "contact_at": "2026-11-20T13:08", "contact_with": "Patienten själv"}
Meanwhile = Callable[[Cast, Flag], None]


def siv_takes_it_on(cast: Cast, flag: Flag) -> None:
    acknowledge(flag=flag, by=cast.siv, now=ASKED + 2 * MINUTE)


def berit_takes_it_on(cast: Cast, flag: Flag) -> None:
    acknowledge(flag=flag, by=cast.berit, now=ASKED + 2 * MINUTE)


def berit_closes_it(cast: Cast, flag: Flag) -> None:
    done = {"outcome": "contacted", "contact_at": ASKED + MINUTE, "contact_with": "Erik"}
    close_flag(flag=flag, by=cast.berit, assessment="Lugn.", action="Ny tid.", now=ASKED + 2 * MINUTE, **done)


SAYS = {siv_takes_it_on: "Siv tog flaggan", berit_takes_it_on: "Berit tog flaggan",
        berit_closes_it: "Redan hanterad av Berit"}  # fmt: skip


@pytest.fixture
def flag(cast: Cast) -> Flag:
    """Erik's flag has reached David and Siv of the hub, and David has its page open."""
    helps(cast)
    return as_hub(mark(cast))


def ask(user: User, url: str, data: dict[str, str] | None = None, at: datetime = SENT) -> HttpResponse:
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        return client.get(url) if data is None else client.post(url, data)


def url(name: str, flag: Flag, *more: str) -> str:
    return reverse(name, args=[flag.code, *more])


def about_the_patient(shown: str) -> list[str]:
    return [word for word in ("Erik", "Suicidtankar", "Mer än hälften", "070-") if word in shown]


@pytest.mark.parametrize("meanwhile", SAYS)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("flag-document", WRITTEN),
        ("flag-close", CONTACTED | WRITTEN | {"checked": "1"}),
        ("flag-not-reached", WRITTEN | {"tried": "Ringde två gånger."}),
    ],
)
def test_what_was_typed_is_kept_and_shown_with_who_has_the_flag(
    cast: Cast, flag: Flag, meanwhile: Meanwhile, name: str, data: dict[str, str]
) -> None:
    seen = str(newest(flag))
    meanwhile(cast, flag)
    answer = ask(cast.david, url(name, flag), data | {"seen": seen})
    shown = words(answer)
    for text in (
        SAYS[meanwhile],
        "Inget av det du skickade sparades",
        HEARD,
        "Ringer 112.",
        cast.eken.phone,
        "tel:112",
    ):
        assert text in shown
    assert about_the_patient(shown) == []
    assert answer.status_code == 403
    assert Draft.objects.get(owner=cast.david).data["assessment"] == HEARD
    assert [event.kind for event in flag.events.filter(by=cast.david)] == ["unsaved"]
    assert opened(cast.david, cast.eriks.patient, SENT) == 404


@pytest.mark.parametrize("meanwhile", SAYS)
def test_without_remembering_who_was_told_it_would_be_lost(
    cast: Cast, flag: Flag, meanwhile: Meanwhile, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.access.once_told", lambda user, flag: None)
    meanwhile(cast, flag)
    assert ask(cast.david, url("flag-document", flag), WRITTEN).status_code == 404
    assert not Draft.objects.exists()


@pytest.mark.parametrize("meanwhile", SAYS)
def test_the_autosave_goes_on_and_the_page_brings_it_back(cast: Cast, flag: Flag, meanwhile: Meanwhile) -> None:
    meanwhile(cast, flag)
    save = reverse("autosave", args=[f"flag:{flag.code}"])
    assert ask(cast.david, save, {"assessment": HEARD, "version": "0"}).json()["version"] == 1
    assert HEARD in words(ask(cast.david, url("flag", flag)))


def test_an_interview_that_was_being_asked_is_kept_and_shown_in_words(cast: Cast, flag: Flag) -> None:
    version = load(cast).content_hash
    page = url("flag-interview", flag, "c_ssrs")
    shown = words(ask(cast.david, page, at=ASKED))
    form_version = shown.partition('name="form_version" value="')[2].partition('"')[0]
    assert version in form_version
    siv_takes_it_on(cast, flag)
    answer = words(ask(cast.david, page, HELD | SAID | {"form_version": form_version}))
    assert "Det finns ingen annanstans." not in answer
    for text in ("Siv tog flaggan", "Påhittad fråga som du får av mig, 1?", "Ja, nyss", "Inte ställd"):
        assert text in answer
    assert Draft.objects.get(owner=cast.david).data["6"] == "2"


@pytest.mark.parametrize(("name", "field"), [("flag-pass-on", "note"), ("flag-reopen", "reason")])
def test_words_that_have_no_draft_are_shown_once_more(cast: Cast, flag: Flag, name: str, field: str) -> None:
    berit_closes_it(cast, flag)
    shown = words(ask(cast.david, url(name, flag), {field: HEARD, "to": str(cast.siv.code)}))
    assert HEARD in shown
    assert "Det finns ingen annanstans." in shown
    assert "Bara du kan läsa det" not in shown


def test_who_presses_i_take_it_second_reads_who_was_first(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    shown = words(ask(cast.david, url("flag-acknowledge", flag), {}))
    assert "Siv tog flaggan" in shown
    assert "Det du skrev" not in shown


def test_the_page_says_who_has_it_to_those_who_were_told_and_to_nobody_else(cast: Cast, flag: Flag) -> None:
    elsewhere = make_clinic(cast.region, "Rönn")
    make_therapist(elsewhere, cast.frida)
    siv_takes_it_on(cast, flag)
    assert "Siv tog flaggan" in words(ask(cast.david, url("flag", flag)))
    for address in (url("flag", flag), url("flag-document", flag), reverse("autosave", args=[f"flag:{flag.code}"])):
        data = None if address == url("flag", flag) else WRITTEN | {"version": "0"}
        assert ask(cast.frida, address, data).status_code == 404
    assert not Draft.objects.exists()


def test_when_the_flag_comes_to_the_hub_again_the_words_stand_in_the_form(cast: Cast, flag: Flag) -> None:
    siv_takes_it_on(cast, flag)
    ask(cast.david, url("flag-document", flag), WRITTEN)
    as_hub(flag, ASKED + HOUR + 3 * MINUTE)
    as_hub(flag, ASKED + 4 * HOUR)
    answer = ask(cast.david, url("flag", flag), at=ASKED + 4 * HOUR)
    assert answer.status_code == 200
    assert HEARD in words(answer)
