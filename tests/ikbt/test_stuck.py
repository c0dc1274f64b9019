""" "It is slow going": one tap, a tip at once, a fact that is kept, and somebody who sees it."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import Absence
from followup.figures import stuck_reasons
from programs.actions import end_treatment, mark_seen, send_stuck
from programs.actions.answers import stuck_key
from programs.fields import Words
from programs.library_format.lix import measure
from programs.models import Submission, Treatment
from programs.treatment.stuck import Reason, reasons
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("friday_morning")
STUCK = "/my/stuck/"


def say(client: Client, **data: object) -> str:
    return client.post(STUCK, {"idempotency_key": uuid4(), **data}, follow=True).content.decode()


@pytest.mark.parametrize("reason", reasons().values(), ids=list(reasons()))
def test_each_reason_is_one_tap_and_gives_its_own_tip(anna: Client, cast: Cast, reason: Reason) -> None:
    page = anna.get(STUCK).content.decode()
    assert f'name="reason" value="{reason.id}"' in page
    shown = say(anna, reason=reason.id)
    assert reason.title["sv"] in shown
    assert all(line in shown for line in reason.tip["sv"])
    assert "Berit Almgren svarar inom två arbetsdagar" in shown
    assert "112" in shown
    sent = Submission.objects.stuck().get()
    assert (sent.answers, sent.texts) == ({"reason": reason.id, "words": ""}, [])


def test_the_words_are_kept_and_screened_as_all_text(anna: Client, cast: Cast) -> None:
    say(anna, reason="too_unwell", words="Jag vill inte leva längre.")
    assert Submission.objects.stuck().get().texts == [["words", "Jag vill inte leva längre."]]
    assert not Flag.objects.exists()
    while screen_one(NOW):
        pass
    assert Flag.objects.get().patient == cast.annas.patient


def test_a_double_click_is_one_and_a_new_day_is_another(cast: Cast) -> None:
    key = stuck_key(cast.annas)
    for _click in range(2):
        send_stuck(treatment=cast.annas, reason="time", words="", key=key, by=cast.anna, now=NOW)
    assert Submission.objects.stuck().count() == 1
    assert stuck_key(cast.annas) != key


def test_without_a_reason_the_words_stay_on_the_page(anna: Client) -> None:
    shown = say(anna, words="Långa ord")
    assert "Tryck på den orsak som passar bäst." in shown
    assert "Långa ord" in shown
    assert not Submission.objects.stuck().exists()


def test_the_words_are_saved_while_they_are_written(anna: Client) -> None:
    anna.post(reverse("autosave", args=["stuck"]), {"words": "Långa ord", "version": "0"})
    assert "Långa ord" in anna.get(STUCK).content.decode()
    say(anna, reason="time", words="Långa ord")
    assert "Långa ord" not in anna.get(STUCK).content.decode()


def test_the_smaller_step_is_the_five_minutes_of_the_part_that_waits(anna: Client, cast: Cast) -> None:
    step = cast.annas.steps.get(module__number=1)
    assert reverse("module-short", args=[step.code]) in say(anna, reason="no_strength")
    assert reverse("messages") in say(anna, reason="form")


def test_while_the_therapist_is_away_the_pages_name_who_reads(anna: Client, cast: Cast) -> None:
    Absence.objects.create(
        user=cast.berit, starts_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=13, hours=14),
        created_at=NOW, created_by=cast.berit,
    )  # fmt: skip
    step = cast.annas.steps.get(module__number=1)
    page = anna.get(reverse("module-page", args=[step.code, "skicka"])).content.decode()
    assert "Skicka till Cecilia Ek" in page
    assert "Berit är borta till och med 3 december." in page
    assert "<p>Cecilia Ek läser.</p>" in page
    receipt = anna.post(reverse("module-send", args=[step.code]), {}, follow=True).content.decode()
    assert "Cecilia Ek läser det och svarar" in receipt
    assert "Cecilia Ek" in anna.get(STUCK).content.decode()


def test_it_stands_in_the_work_list_and_on_the_patients_page_until_somebody_looked(client: Client, cast: Cast) -> None:
    later = NOW + timedelta(minutes=10)
    send_stuck(treatment=cast.annas, reason="writing", words="Orden fastnar", key=uuid4(), by=cast.anna, now=later)
    client.force_login(cast.berit)
    with time_machine.travel(later, tick=False):
        assert "Det går trögt" in rows(client)
        shown = client.get(reverse("patient", args=[cast.annas.patient.code])).content.decode()
        assert "Det går trögt: Det är svårt att skriva" in shown
        assert "Orden fastnar" in shown
    seen = later + timedelta(minutes=1)
    mark_seen(treatment=Treatment.objects.get(pk=cast.annas.pk), now=seen)
    with time_machine.travel(seen, tick=False):
        assert "Det går trögt" not in rows(client)


def rows(client: Client) -> str:
    """Return the list without the words about its order below it."""
    return client.get(reverse("worklist")).content.decode().partition("<summary>Så ordnas")[0].partition("<ol>")[0]


def test_after_the_end_nothing_is_sent_and_the_words_come_back(anna: Client, cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    assert "Din behandling är avslutad" in anna.get(STUCK).content.decode()
    answer = anna.post(STUCK, {"reason": "time", "words": "Långa ord"})
    assert answer.status_code == 409
    assert "Långa ord" in answer.content.decode()
    assert not Submission.objects.stuck().exists()


def test_the_reasons_are_counted_for_the_clinic_that_met_them(cast: Cast) -> None:
    for reason in ("time", "time", "writing"):
        send_stuck(treatment=cast.annas, reason=reason, words="", key=uuid4(), by=cast.anna, now=NOW)
    send_stuck(treatment=cast.nilss, reason="form", words="", key=uuid4(), by=cast.nils, now=NOW)
    counted = stuck_reasons(cast.eken, NOW)
    assert list(counted) == list(reasons())
    assert {reason: times for reason, times in counted.items() if times} == {"time": 2, "writing": 1}
    assert not any(stuck_reasons(cast.eken, NOW + timedelta(days=366)).values())


def test_the_receipt_of_another_patient_is_not_found(anna: Client, cast: Cast) -> None:
    other = send_stuck(treatment=cast.eriks, reason="time", words="", key=uuid4(), by=cast.erik, now=NOW)
    assert anna.get(reverse("stuck-receipt", args=[other.code])).status_code == 404


def test_the_tips_are_plain_and_stand_in_both_languages() -> None:
    for reason in reasons().values():
        words: list[Words] = [reason.label, reason.title]
        assert all({"sv", "en"} <= set(each) for each in words)
        assert {"sv", "en"} <= set(reason.tip)
        assert measure(reason.tip["sv"]).lix <= 30
