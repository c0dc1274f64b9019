""" "Be någon ringa mig": one press and one to confirm, an hour's flag, and a receipt that is true at night too."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import Absence
from programs.actions import end_treatment, save_draft
from programs.models import Draft, Submission
from riskmonitor.actions import outcomes_for
from riskmonitor.models import Flag
from riskmonitor.rules import BadAnswer, Kind, UnknownForm, help_asked_findings
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast, make_patient, make_user

URL = "/my/call-me/"
SATURDAY_NIGHT = NOW + timedelta(days=1, hours=13)


def ask(client: Client, **typed: str) -> str:
    key = re.search(r'name="idempotency_key" value="([^"]+)"', client.get(URL).text)
    assert key
    return client.post(URL, {"idempotency_key": key[1], **typed}, follow=True).text


@pytest.mark.parametrize("answers", [{}, {"phone": "", "words": ""}, {"phone": "070", "words": "Ring."}])
def test_whoever_asks_is_a_finding_for_now(answers: dict[str, str]) -> None:
    found = help_asked_findings("call_me", "", answers)
    assert [(each.kind, each.urgency) for each in found] == [(Kind.HELP_ASKED, "now")]


@pytest.mark.parametrize(("form", "version"), [("call_me", "2"), ("other", "")])
def test_another_form_is_not_judged(form: str, version: str) -> None:
    with pytest.raises(UnknownForm):
        help_asked_findings(form, version, {})
    with pytest.raises(BadAnswer):
        help_asked_findings("call_me", "", {"where": "here"})


@pytest.mark.hazard("H6f")
@pytest.mark.usefixtures("friday_morning")
def test_one_press_raises_a_flag_for_now_and_says_who_calls_and_when(anna: Client, cast: Cast) -> None:
    page = anna.get(URL).text
    assert "ska någon på Eken ringa dig på 070-000 00 00 senast i dag 11.00" in " ".join(page.split())
    assert not Flag.objects.exists()  # looking is not asking
    receipt = ask(anna)
    assert Flag.objects.count() == 1
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, flag.owner) == ("help_asked", "now", cast.berit)
    assert "Du har bett om att bli uppringd" in receipt
    assert "Berit Almgren ska ringa dig på 070-000 00 00 senast i dag 11.00" in receipt
    assert 'href="tel:112"' in receipt
    assert "90101" in receipt


def test_out_of_hours_the_receipt_tells_when_the_clinic_opens(anna: Client, cast: Cast) -> None:
    with time_machine.travel(SATURDAY_NIGHT, tick=False):
        anna.force_login(cast.anna)
        page, receipt = anna.get(URL).text, ask(anna)
    for shown in (page, receipt):
        assert "Din vårdcentral är stängd just nu. Den öppnar 23 november 08.00" in shown
        assert 'href="tel:112"' in shown
    assert "Berit Almgren ska ringa dig på 070-000 00 00 senast 23 november 09.00" in receipt


@pytest.mark.usefixtures("friday_morning")
def test_an_absent_therapist_is_not_promised(anna: Client, cast: Cast) -> None:
    Absence.objects.create(
        user=cast.berit, starts_at=NOW - timedelta(hours=1), ends_at=NOW + timedelta(days=2), created_at=NOW,
        created_by=cast.berit,
    )  # fmt: skip
    receipt = ask(anna)
    assert "Cecilia Ek ska ringa dig" in receipt
    assert "Berit" not in receipt


@pytest.mark.usefixtures("friday_morning")
def test_a_double_click_is_one_request(anna: Client, cast: Cast) -> None:
    data = {"idempotency_key": str(uuid4())}
    for _click in range(2):
        assert anna.post(URL, data).status_code == 302
    assert (Submission.objects.count(), Flag.objects.count()) == (1, 1)


@pytest.mark.usefixtures("friday_morning")
def test_number_and_words_are_kept_shown_and_screened(anna: Client, cast: Cast) -> None:
    save_draft(owner=cast.anna, treatment=cast.annas, form_key="call_me", data={"words": "x"}, version=0, now=NOW)
    receipt = ask(anna, phone="08-12 34", words="Jag vill inte leva längre.")
    assert "ringa dig på 08-12 34" in receipt
    assert not Draft.objects.exists()
    while screen_one(NOW):
        pass
    assert set(Flag.objects.values_list("kind", flat=True)) == {"help_asked", "suicide"}
    staff = Client()
    staff.force_login(cast.berit)
    page = staff.get(reverse("flag", args=[Flag.objects.get(kind="help_asked").code])).text
    assert "08-12 34" in page
    assert "Jag vill inte leva längre." in page
    assert "Har bett om att bli uppringd" in staff.get("/worklist/").text


@pytest.mark.usefixtures("friday_morning")
def test_asking_again_attaches_and_the_new_number_counts(anna: Client, cast: Cast) -> None:
    ask(anna)
    assert "ringa dig på 08-12 34" in ask(anna, phone="08-12 34")
    assert Flag.objects.get().findings.count() == 2


@pytest.mark.usefixtures("friday_morning")
def test_only_contact_closes_it(anna: Client, cast: Cast) -> None:
    ask(anna)
    assert outcomes_for(Flag.objects.get()) == ("contacted", "handed_over", "emergency")


@pytest.mark.usefixtures("friday_morning")
def test_it_is_taken_after_the_end_too(anna: Client, cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    ask(anna)
    assert Flag.objects.get().kind == "help_asked"


@pytest.mark.usefixtures("friday_morning")
def test_who_has_no_treatment_is_led_to_the_numbers(client: Client, cast: Cast) -> None:
    user = make_user("Ny", "Person")
    make_patient(cast.eken, user)
    client.force_login(user)
    assert client.post(URL).headers["Location"] == "/help/"
    assert URL not in client.get("/help/").text


@pytest.mark.usefixtures("friday_morning")
def test_the_way_there_stands_on_the_help_page_and_at_home(anna: Client) -> None:
    for page in ("/help/", "/my/"):
        assert f'href="{URL}"' in anna.get(page).text


@pytest.mark.usefixtures("friday_morning")
def test_when_the_rule_breaks_somebody_is_told_all_the_same(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_given: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.screening.help_asked_findings", broken)
    assert "ska ringa dig" in ask(anna)
    assert (Flag.objects.get().kind, Flag.objects.get().urgency) == ("unscreenable", "now")


@pytest.mark.usefixtures("friday_morning")
def test_without_the_rule_nobody_would_be_told(anna: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: the flag is raised by the rule, in the request's own transaction, before any worker."""
    monkeypatch.setattr("riskmonitor.screening.help_asked_findings", lambda *_given: [])
    assert "Du har bett" not in ask(anna)
    assert not Flag.objects.exists()
