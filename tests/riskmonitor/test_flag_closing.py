"""A flag is closed by those who may, with what each outcome requires."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.actions import end_absence, plan_absence
from clinics.models import Membership, Profession
from programs.models import Draft
from riskmonitor import actions
from riskmonitor.models import Flag
from tests.cast import NOW, Cast
from tests.riskmonitor.test_flag_review import CONTACTED, LATER, WRITTEN, mark, page, words, write


@pytest.mark.hazard("H13a")
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


@pytest.mark.hazard("H13b")
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
    answer = page(cast.cecilia, "flag", flag, at=LATER + timedelta(minutes=1))
    assert "Redan hanterad av Cecilia" in words(answer)
    assert WRITTEN["assessment"] not in words(answer)


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
    assert answer.status_code == 403
    assert "Redan hanterad av Berit kl. 10.00." in words(answer)
    assert not [text for text in ("Anna", "Suicidtankar", WRITTEN["assessment"]) if text in words(answer)]


def test_a_clinical_lead_who_was_handed_the_flag_reads_and_closes_it(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena).update(profession=Profession.PSYCHOLOGIST)
    flag = mark(cast)
    assert page(cast.lena, "flag", flag).status_code == 403
    actions.assign(flag=flag, to=cast.lena, by=cast.lena, now=NOW)
    assert page(cast.lena, "flag", flag).status_code == 200
    page(cast.lena, "flag-close", flag, CONTACTED | WRITTEN | {"checked": "1"})
    assert Flag.objects.get().closed_by == cast.lena
    assert page(cast.lena, "flag", flag, at=LATER + timedelta(minutes=1)).status_code == 403
