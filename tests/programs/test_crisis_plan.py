"""Min krisplan: always in reach, every save a version, screened as everything else, and nothing lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinics.crisis import contacts
from clinics.models import AuditEvent
from programs.actions import NotOpen, PlanChanged, end_treatment, save_crisis_plan
from programs.fields import FieldFault
from programs.models import Draft, Submission, Treatment
from programs.plans import crisis_plan
from programs.plans.plans_for_crisis import latest_plan
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast

pytestmark = pytest.mark.usefixtures("friday_morning")
PLAN = {"signs": "Jag slutar svara i telefon\nJag sover inte", "ask": [{"name": "Maja", "phone": "070-000 11 22"}]}
POSTED = {"signs": "Jag slutar svara i telefon", "ask.0.name": "Maja", "ask.0.phone": "070-000 11 22"}
OWN, EDIT = "/my/crisis-plan/", "/my/crisis-plan/edit/"


def save(
    treatment: Treatment, plan: dict[str, Any], *, by: Any = None, minutes: int = 0, based_on: str = ""
) -> Submission:
    standing = latest_plan(treatment.patient)
    return save_crisis_plan(
        treatment=treatment, plan=plan, based_on=based_on or str(standing.code if standing else ""), key=uuid4(),
        by=by or treatment.patient.user, now=NOW + timedelta(minutes=minutes),
    )  # fmt: skip


def screen_all() -> None:
    while screen_one(NOW + timedelta(hours=1)):
        pass


def test_the_steps_are_seven_and_only_one_holds_the_platforms_numbers() -> None:
    assert [step.id for step in crisis_plan.steps()] == [
        "signs", "self", "distract", "ask", "care", "safer", "reasons",
    ]  # fmt: skip
    assert [step.id for step in crisis_plan.steps() if step.field is None] == ["care"]


@pytest.mark.parametrize(
    ("plan", "faults"),
    [
        ({}, [FieldFault("", "empty")]),
        ({"signs": "  \n "}, [FieldFault("", "empty")]),
        ({"ask": [{"name": "", "phone": "112"}]}, [FieldFault("ask.0.name", "required")]),
        ({"ask": [{"name": "M", "phone": ""}] * 5}, [FieldFault("ask", "too_many_rows")]),
        ({"care": "0771-12 34 56"}, [FieldFault("care", "unknown")]),
        ({"signs": "x" * 10_001}, [FieldFault("signs", "too_long")]),
    ],
)
def test_what_is_no_plan_is_refused(plan: dict[str, Any], faults: list[FieldFault]) -> None:
    assert crisis_plan.validate(plan) == faults


@pytest.mark.parametrize(
    ("phone", "number"),
    [
        ("070-123 45 67", "0701234567"),
        ("+46 70 123 45 67 (jobb)", "+46701234567"),
        ("112", "112"),
        ("fråga Maja", ""),
        ("", ""),
        ("7", ""),
        ("<script>", ""),
    ],
)
def test_a_number_is_dialled_as_a_telephone_does(phone: str, number: str) -> None:
    assert crisis_plan.dialled(phone) == number


def test_the_help_page_leads_there_first_and_only_for_patients(cast: Cast, client: Client) -> None:
    save(cast.annas, PLAN)
    assert OWN not in client.get("/help/").text
    client.force_login(cast.berit)
    assert OWN not in client.get("/help/").text
    client.force_login(cast.anna)
    main = client.get("/help/").text.partition("<main")[2]
    assert main.index(f'href="{OWN}"') < main.index('href="tel:112"')


def test_without_a_plan_the_numbers_come_first_on_the_help_page(anna: Client) -> None:
    main = anna.get("/help/").text.partition("<main")[2].partition("</main")[0]
    assert "Öppna min krisplan" not in main
    assert main.index(f'href="{OWN}"') > main.rindex('href="tel:')


def test_steps_that_are_empty_take_no_room_in_the_hard_hour(anna: Client, cast: Cast) -> None:
    save(cast.annas, PLAN)
    page = anna.get(OWN).text
    assert "Steg 3" in page  # the signs, who to ask, and the numbers
    assert "Steg 4" not in page
    assert "Här står inget än" not in page


def test_without_a_plan_the_page_says_how_and_shows_the_numbers(anna: Client) -> None:
    page = anna.get(OWN).text
    assert "Skriv min plan" in page
    assert all(f'href="tel:{contact.number}"' in page for contact in contacts("sv"))


def test_the_patient_writes_the_plan_and_can_ring_from_it(anna: Client, cast: Cast) -> None:
    key = str(uuid4())
    for _twice in range(2):
        answer = anna.post(EDIT, {**POSTED, "idempotency_key": key, "based_on": ""})
    assert answer.url == f"{OWN}?saved=1"
    sent = Submission.objects.get()
    assert (sent.kind, sent.form, sent.entered_by) == ("crisisplan", "crisis_plan", cast.anna)
    assert sent.answers == {"signs": POSTED["signs"], "ask": [{"name": "Maja", "phone": "070-000 11 22"}]}
    page = anna.get(answer.url).text
    assert 'href="tel:0700001122"' in page
    assert "Ring Maja" in page
    assert "Ingen läser direkt" in page
    assert all(f'href="tel:{contact.number}"' in page for contact in contacts("sv"))
    assert "Jag slutar svara i telefon" in anna.get("/my/crisis-plan/sheet/").text
    assert "Jag slutar svara i telefon" in anna.get("/my/crisis-plan/card/").text
    assert not Draft.objects.exists()


def test_every_save_is_a_version_and_the_latest_one_stands(cast: Cast) -> None:
    save(cast.annas, PLAN)
    save(cast.annas, {"signs": "Något annat"}, minutes=5)
    assert Submission.objects.count() == 2
    assert save(cast.annas, {"signs": "Något annat"}, minutes=6) == latest_plan(cast.annas.patient)
    assert Submission.objects.count() == 2  # the same words again are no version


@pytest.mark.hazard("H22a")
def test_risky_words_raise_a_flag_as_everywhere(cast: Cast) -> None:
    save(cast.annas, {"signs": "Jag vill ta livet av mig"})
    screen_all()
    assert Flag.objects.open().get().findings.get().address == "signs"


@pytest.mark.hazard("H22b")
def test_words_that_stood_there_before_do_not_raise_it_again(cast: Cast) -> None:
    save(cast.annas, {"signs": "Jag vill ta livet av mig"})
    second = save(cast.annas, {"signs": "Jag vill ta livet av mig", "self": "Gå ut"}, minutes=5)
    assert second.texts == [["self", "Gå ut"]]
    screen_all()
    assert Flag.objects.get().findings.count() == 1
    third = save(cast.annas, {"signs": "Jag vill ta livet av mig i dag", "self": "Gå ut"}, minutes=6)
    assert third.texts == [["signs", "Jag vill ta livet av mig i dag"]]  # a changed line is read whole


def test_without_leaving_out_what_stood_there_it_would_flood(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crisis_plan, "new_texts", lambda plan, before: [(k, v) for k, v in plan.items()])
    save(cast.annas, {"signs": "Jag vill ta livet av mig"})
    save(cast.annas, {"signs": "Jag vill ta livet av mig", "self": "Gå ut"}, minutes=5)
    screen_all()
    assert Flag.objects.get().findings.count() == 2


def test_two_who_write_at_once_lose_nothing(anna: Client, cast: Cast) -> None:
    first = save(cast.annas, PLAN)
    save(cast.annas, {"signs": "Berits ord"}, by=cast.berit, minutes=1)
    with pytest.raises(PlanChanged):
        save(cast.annas, {"signs": "Annas ord"}, based_on=str(first.code), minutes=2)
    answer = anna.post(EDIT, {"signs": "Annas ord", "based_on": str(first.code)})
    assert answer.status_code == 409
    assert "Berits ord" in answer.text
    assert "Annas ord" in answer.text
    standing = latest_plan(cast.annas.patient)
    assert standing is not None
    assert f'name="based_on" value="{standing.code}"' in answer.text


def test_a_therapist_writes_it_together_with_the_patient(client: Client, cast: Cast, anna: Client) -> None:
    save(cast.annas, PLAN)
    url = reverse("patient-crisis-plan-edit", args=[cast.annas.patient.code])
    berit = Client()
    berit.force_login(cast.berit)
    assert "Jag slutar svara i telefon" in berit.get(url).text
    standing = latest_plan(cast.annas.patient)
    assert standing is not None
    answer = berit.post(url, {"signs": "Ny rad", "based_on": str(standing.code), "idempotency_key": str(uuid4())})
    page = berit.get(answer.url).text
    assert "Jag slutar svara i telefon" in page  # the version before
    assert "tillsammans med patienten" in page
    latest = latest_plan(cast.annas.patient)
    assert latest is not None
    assert latest.entered_by == cast.berit
    assert "Ny rad" in anna.get(OWN).text
    seen = berit.get(reverse("patient", args=[cast.annas.patient.code])).text
    assert "Krisplan" in seen
    assert berit.get(reverse("submission", args=[cast.annas.patient.code, latest.code])).status_code == 200


def test_other_patients_have_their_own_and_other_clinics_none(cast: Cast, client: Client) -> None:
    save(cast.annas, PLAN)
    client.force_login(cast.erik)
    assert "Maja" not in client.get(OWN).text
    client.force_login(cast.david)
    for name in ("patient-crisis-plan", "patient-crisis-plan-edit"):
        assert client.get(reverse(name, args=[cast.annas.patient.code])).status_code == 404


def test_it_can_be_read_for_a_year_after_the_end_and_not_changed(anna: Client, cast: Cast) -> None:
    save(cast.annas, PLAN)
    end_treatment(treatment=cast.annas, reason="", by=cast.berit, now=NOW)
    assert "Maja" in anna.get(OWN).text
    assert EDIT not in anna.get(OWN).text
    answer = anna.post(EDIT, {"signs": "Nya ord"})
    assert answer.status_code == 409
    assert "Nya ord" in answer.text
    with pytest.raises(NotOpen):
        save(Treatment.objects.get(pk=cast.annas.pk), {"signs": "Nya ord"})
    Treatment.objects.filter(pk=cast.annas.pk).update(ended_at=NOW - timedelta(days=366))
    assert "Maja" not in anna.get(OWN).text


def test_what_cannot_be_taken_stands_in_the_form_with_its_reason(anna: Client) -> None:
    answer = anna.post(EDIT, {"signs": "Mina ord", "ask.0.phone": "070-000 11 22"})
    assert answer.status_code == 200
    assert "Mina ord" in answer.text
    assert "070-000 11 22" in answer.text
    assert 'class="problem"' in answer.text or "error" in answer.text
    assert not Submission.objects.exists()


def test_script_in_a_plan_is_words(anna: Client) -> None:
    anna.post(EDIT, {"signs": "<script>alert(1)</script>", "based_on": ""})
    for url in (OWN, EDIT, "/my/crisis-plan/sheet/", "/my/crisis-plan/card/"):
        assert "<script>alert(1)" not in anna.get(url).text


def test_reading_the_plan_leaves_a_row_in_the_log(anna: Client, cast: Cast) -> None:
    anna.get(OWN)
    assert AuditEvent.objects.filter(what="crisis-plan", actor=cast.anna.code).exists()


def test_what_is_being_written_is_kept(anna: Client, cast: Cast) -> None:
    assert anna.post("/my/drafts/crisisplan/", {"signs": "Halva", "version": "0"}).status_code == 200
    assert "Halva" in anna.get(EDIT).text
    berit = Client()
    berit.force_login(cast.berit)
    code = cast.annas.patient.code
    assert berit.post(f"/my/drafts/crisisplan:{code}/", {"signs": "Tillsammans", "version": "0"}).status_code == 200
    david = Client()
    david.force_login(cast.david)
    assert david.post(f"/my/drafts/crisisplan:{code}/", {"signs": "x", "version": "0"}).status_code == 404
