"""A structured interview is asked from a flag in the clinic's own words, kept, told, and moves nothing by itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
import yaml
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from clinics.models import User
from followup.own_data import own_data
from programs.actions import load_wording
from programs.models import Draft, Wording
from programs.shipped import instruments, interviews
from riskmonitor import actions
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag, FlagEvent, Interview
from riskmonitor.rules import FORMS, Urgency
from riskmonitor.sweeps import escalate_one, flag_marked_draft
from tests.cast import NOW, Cast
from tests.riskmonitor.test_flag_life import MINUTE, closed
from tests.riskmonitor.test_flag_review import CONTACTED, LATER, WRITTEN, asked_by, mark, page, words

INVENTED: dict[str, Any] = {  # no word of the real interview
    "window": "Jag vill fråga om hur du har haft det den senaste månaden.",
    "options": {0: "Nej", 1: "Ja"},
    "items": [*(f"Påhittad fråga som du får av mig, {n}?" for n in range(1, 6)),
              {"text": "Påhittad fråga om det som har varit?", "options": {0: "Nej", 1: "Ja, förr", 2: "Ja, nyss"}}],
}  # fmt: skip
SAID = {"1": "1", "2": "0", "3": "not_asked", "4": "not_asked", "5": "not_asked", "6": "2"}
HELD = {"held_at": "2026-11-20T10:05"}


def load(cast: Cast, **instead: Any) -> Wording:
    return load_wording(
        clinic=cast.eken, instrument=interviews()["c_ssrs"], language="sv",
        written=yaml.safe_dump(INVENTED | instead, allow_unicode=True), licence="Tillstånd 7.", by=cast.lena, now=NOW,
    )  # fmt: skip


def ask(user: User, flag: Flag, data: dict[str, str] | None = None, name: str = "c_ssrs"):
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        url = reverse("flag-interview", args=[flag.code, name])
        return client.get(url) if data is None else client.post(url, data)


def filled(shown: str, **instead: str) -> dict[str, str]:
    """Return what the page would post: its own hidden fields, and answers."""
    hidden = {name: shown.partition(f'name="{name}" value="')[2].partition('"')[0] for name in
              ("idempotency_key", "form_version")}  # fmt: skip
    return hidden | HELD | SAID | instead


def hold(cast: Cast, flag: Flag, **instead: str):
    return ask(cast.berit, flag, filled(words(ask(cast.berit, flag)), **instead))


# -- the words are the clinic's ----------------------------------------------------------------------------------------


def test_no_word_of_an_interview_is_here_and_no_programme_can_name_one() -> None:
    for each in interviews().values():
        assert not each.window
        assert not any(item.words for item in each.items)
        assert not any(option.words for item in each.items for option in each.options_of(item))
        assert (each.scoring.method, each.bands, each.risk_items) == ("none", (), ())
        assert each.id not in instruments()
        assert each.id not in FORMS  # no rule reads it


def test_without_the_words_the_page_says_why_and_what_to_do(cast: Cast) -> None:
    flag = mark(cast)
    assert f"/flags/{flag.code}/interview/c_ssrs/" in words(page(cast.berit, "flag", flag))
    shown = words(ask(cast.berit, flag))
    assert "Eken har inte läst in dem" in shown
    assert "Be chefen eller administratören" in shown
    assert "Vänta inte på det" in shown
    assert 'type="radio"' not in shown


def test_the_lead_loads_the_words_where_all_wording_is_loaded(cast: Cast) -> None:
    load(cast)
    client = Client()
    client.force_login(cast.lena)
    listed = words(client.get(reverse("wordings")))
    assert "Frågas av personal" in listed
    assert "Eken: inläst" in listed
    shown = words(client.get(reverse("wording", args=["c_ssrs"])))
    assert "Påhittad fråga som du får av mig, 1?" in shown
    assert "NICE NG225" in shown


def test_the_words_are_shown_at_that_clinic_only_and_never_to_a_patient(cast: Cast) -> None:
    load(cast)
    assert "Påhittad fråga som du får av mig, 1?" in words(ask(cast.berit, mark(cast)))
    client = Client()
    client.force_login(cast.anna)
    with time_machine.travel(LATER, tick=False):
        assert client.get(reverse("measure", args=["c_ssrs"])).status_code == 404
    client.force_login(cast.berit)
    with time_machine.travel(LATER, tick=False):
        code = cast.annas.patient.code
        assert client.get(reverse("telephone", args=[code, "c_ssrs"])).status_code == 404
    assert not Wording.objects.newest(cast.linden).exists()


# -- what is kept ------------------------------------------------------------------------------------------------------


@pytest.mark.hazard("H23a")
def test_the_answers_are_kept_with_who_and_when_and_what_was_not_asked_has_none(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    assert hold(cast, flag).status_code == 302
    kept = Interview.objects.get()
    assert kept.answers == {"1": 1, "2": 0, "6": 2}
    assert (kept.event.flag, kept.event.by, kept.event.at) == (flag, cast.berit, LATER)
    assert timezone.localtime(kept.held_at).strftime("%H.%M") == "10.05"
    shown = words(page(cast.berit, "flag", flag))
    for text in ("strukturerad intervju", "C-SSRS, frågad i dag 10.05 av Berit Almgren", "Ja, nyss", "Inte ställd"):
        assert text in shown


@pytest.mark.hazard("H23b")
def test_it_moves_nothing_in_the_flag_and_raises_none(cast: Cast) -> None:
    """Not the clock, not the owner, not the urgency: it is information under the assessment, whatever it says."""
    load(cast)
    flag = mark(cast, value=1)
    before = Flag.objects.values().get()
    hold(cast, flag, **dict.fromkeys("12345", "1"))
    assert Flag.objects.values().get() == before
    assert flag.urgency == Urgency.TODAY
    while escalate_one(LATER):
        pass
    assert Flag.objects.count() == 1


@pytest.mark.hazard("H23c")
def test_the_promise_lapses_all_the_same(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    page(cast.berit, "flag-acknowledge", flag, {})
    hold(cast, flag)
    while escalate_one(LATER + timedelta(minutes=61)):
        pass
    assert flag.events.filter(kind="lapsed").exists()


def test_pressing_twice_keeps_one_and_other_answers_are_another(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    data = filled(words(ask(cast.berit, flag)))
    assert [ask(cast.berit, flag, data).status_code for _ in range(2)] == [302, 302]
    assert Interview.objects.count() == 1
    ask(cast.berit, flag, data | {"2": "1"})
    assert [each.answers["2"] for each in Interview.objects.order_by("pk")] == [0, 1]


def test_what_was_answered_is_never_changed_and_never_empty(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    hold(cast, flag)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        Interview.objects.update(answers={"1": 0})
    event = FlagEvent.objects.create(flag=flag, kind="interviewed", at=LATER, by=cast.berit)
    with pytest.raises(DatabaseError, match="interview_has_an_answer"), transaction.atomic():
        Interview.objects.create(event=event, key=uuid4(), instrument="c_ssrs", version="x", answers={}, held_at=NOW)


def test_the_words_it_was_asked_in_stay_with_it(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    hold(cast, flag)
    load(cast, window="En annan inledning om hur du har haft det.", options={0: "Inte", 1: "Jo"})
    shown = words(page(cast.berit, "flag", flag))
    assert "<dd>Ja, nyss</dd>" in shown
    assert "Jo</dd>" not in shown


def test_the_notes_and_the_patients_own_data_have_it(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    hold(cast, flag)
    notes = words(page(cast.berit, "flag-notes", flag))
    assert "Frågad 2026-11-20 10.05." in notes
    assert "6. Påhittad fråga om det som har varit? – Ja, nyss" in notes
    with translation.override("sv"):
        (own,) = own_data(cast.annas.patient, "sv", LATER)["interviews"]
    assert (own["title"], own["by"]) == ("C-SSRS", "Berit Almgren")
    assert own["answers"][2] == {"question": "3. Påhittad fråga som du får av mig, 3?", "answer": "Inte ställd"}


# -- what is typed stays -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("instead", "told"),
    [
        (dict.fromkeys("126", "not_asked"), "Ingen fråga har fått svar ännu"),
        ({"held_at": "2026-11-20T23:00"}, "Den tiden har inte varit än"),
        ({"held_at": ""}, "Skriv när du frågade."),
        ({"held_at": "i dag"}, "Skriv tiden som år, månad, dag"),
        ({"6": "7"}, "Välj ett av svaren"),
    ],
)
def test_what_cannot_be_taken_is_said_and_what_was_marked_stays(cast: Cast, instead: dict[str, str], told: str) -> None:
    load(cast)
    flag = mark(cast)
    assert told in words(hold(cast, flag, **instead))
    assert not Interview.objects.exists()
    again = words(ask(cast.berit, flag))
    assert ('value="1" id="id_1_1" checked' in again or 'id="id_1_1" value="1" checked' in again) == (
        instead.get("1", "1") == "1"
    )


def test_a_draft_of_it_is_kept_for_the_one_who_asks_and_no_sweep_reads_it(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    client = Client()
    client.force_login(cast.berit)
    with time_machine.travel(LATER, tick=False):
        url = reverse("autosave", args=[f"flag:{flag.code}:c_ssrs"])
        assert client.post(url, SAID | HELD).status_code == 200
        assert client.post(reverse("autosave", args=[f"flag:{flag.code}:finns-inte"]), SAID).status_code == 404
    assert not flag_marked_draft(LATER + timedelta(hours=1))
    again = words(ask(cast.berit, flag))
    assert "Sparat klockan 10.10" in again
    hold(cast, flag)
    assert not Draft.objects.filter(form_key__startswith="flag:").exists()


def test_a_save_that_comes_after_it_was_stored_does_not_stand_anew(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    data = filled(words(ask(cast.berit, flag)))
    ask(cast.berit, flag, data)
    client = Client()
    client.force_login(cast.berit)
    with time_machine.travel(LATER, tick=False):
        answer = client.post(reverse("autosave", args=[f"flag:{flag.code}:c_ssrs"]), data)
    assert (answer.status_code, answer.json()) == (409, {"sent": True})


def test_a_colleague_who_closed_it_meanwhile_loses_nothing(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    data = filled(words(ask(cast.berit, flag)))
    actions.close_flag(flag=flag, by=cast.cecilia, now=NOW + MINUTE, **WRITTEN, outcome="contacted", contact_at=NOW,
                       contact_with="Anna")  # fmt: skip
    assert ask(cast.berit, flag, data).status_code == 302
    assert not Interview.objects.exists()
    assert Draft.objects.get(owner=cast.berit).data["6"] == "2"
    actions.reopen(flag=flag, by=cast.berit, reason="Svaren saknas.", now=LATER)
    assert hold(cast, flag).status_code == 302


@pytest.mark.hazard("H13e")
def test_nobody_closes_over_an_interview_that_was_not_read(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    drawn = {"seen": str(newest(flag))}
    hold(cast, flag)
    answer = page(cast.berit, "flag-close", flag, CONTACTED | WRITTEN | {"checked": "1"} | drawn)
    assert answer.status_code == 302
    assert Flag.objects.get().closed_at is None


# -- who may -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("who", "status"), [("david", 404), ("tove", 403), ("lena", 403), ("anna", 403)])
def test_who_may_not_handle_the_flag_asks_nothing_from_it(cast: Cast, who: str, status: int) -> None:
    load(cast)
    flag = mark(cast)
    assert ask(getattr(cast, who), flag).status_code == status
    assert ask(getattr(cast, who), flag, SAID | HELD).status_code == status
    assert not Interview.objects.exists()


def test_from_a_closed_flag_and_under_a_made_up_name_nothing_is_asked(cast: Cast) -> None:
    load(cast)
    flag = closed(cast)
    assert ask(cast.berit, flag).status_code == 302
    assert ask(cast.berit, flag, name="phq9").status_code == 404


def test_the_verb_takes_nothing_that_the_interview_does_not_have(cast: Cast) -> None:
    flag, asked = mark(cast), interviews()["c_ssrs"]
    for answers in ({}, {"7": 1}, {"1": 2}):
        with pytest.raises(ValueError, match="c_ssrs"):
            actions.note_interview(
                flag=flag, asked=asked, answers=answers, held_at=NOW, key=uuid4(), by=cast.berit, now=LATER
            )


def test_the_flags_page_asks_the_database_as_often_for_three_interviews_as_for_one(cast: Cast) -> None:
    load(cast)
    flag = mark(cast)
    counts = []
    for answers in ({"1": "1"}, {"1": "0"}, {"2": "1"}):
        hold(cast, flag, **answers)
        counts.append(len(asked_by(cast, flag)))
    assert counts == [11, 11, 11]
