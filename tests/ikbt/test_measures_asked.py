"""The schedule on the pages: told beforehand, resumed, filled in on the telephone, and asked after the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
import yaml
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.models import AuditEvent
from programs.actions import NotOpen, StartRefused, end_treatment, send_measure, start_treatment
from programs.measures.asking import asking_of
from programs.models import Draft, Revision, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import flag_marked_draft
from tests.cast import NOW, Cast, make_cast, make_patient, make_user
from tests.programs.test_measure_pages import ZEROS, fields
from tests.programs.test_schedule import FACTS
from tests.programs.test_starting import assess
from tests.programs.test_wordings import load

DAY, WEEK = timedelta(days=1), timedelta(days=7)


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast in a programme with a whole schedule. A revision never changes: it is born with it."""
    create = Revision.objects.create

    def with_schedule(**facts: Any) -> Revision:
        facts["facts"] = facts["facts"] | {"instruments": FACTS | {"may_replace_primary": ["madrs_s"]}}
        return create(**facts)

    monkeypatch.setattr(Revision.objects, "create", with_schedule)
    return make_cast()


@pytest.fixture
def client_at() -> Iterator[Any]:
    """Return a function that signs somebody in at a moment."""
    travels = []

    def sign_in(user: Any, at: Any = NOW) -> Client:
        travel = time_machine.travel(at, tick=False)
        travel.start()
        travels.append(travel)
        client = Client()
        client.force_login(user)
        return client

    yield sign_in
    for travel in reversed(travels):
        travel.stop()


def sent(treatment: Treatment, name: str = "phq9", *, at: Any = NOW, **answers: int) -> Submission:
    form = instruments()[name]
    given = {item.id: 0 for item in form.items} | {key.strip("_"): value for key, value in answers.items()}
    by = treatment.patient.user
    return send_measure(
        treatment=treatment, instrument=form, version=form.version, answers=given, key=uuid4(), by=by, now=at
    )


def queries(client: Client, url: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(url).status_code == 200
    return sum(not query["sql"].startswith(("SAVEPOINT", "RELEASE")) for query in asked.captured_queries)


def test_questions_and_minutes_are_told_before_anything_is_opened(cast: Cast, client_at: Any) -> None:
    anna = client_at(cast.anna)
    home, listed = anna.get("/my/").text, anna.get("/my/measures/").text
    assert "Hur mår du? 19 frågor, ungefär 5 min" in home
    assert "19 frågor väntar. De tar ungefär 5 min tillsammans." in listed
    assert "GAD-7: 7 frågor, ungefär 2 min" in listed
    assert "BBQ" not in listed  # its wording is not loaded
    assert "9 frågor, ungefär 2 min." in anna.get("/my/measures/phq9/").text


def test_after_one_form_the_receipt_leads_to_the_next_until_none_waits(cast: Cast, client_at: Any) -> None:
    anna = client_at(cast.anna)
    answer = anna.post("/my/measures/phq9/", fields(anna.get("/my/measures/phq9/").text) | ZEROS)
    receipt = anna.get(answer.url).text
    assert "2 formulär till väntar." in receipt
    assert 'href="/my/measures/gad7/"' in receipt
    for name in ("gad7", "goals"):
        sent(cast.annas, name)
    assert "Inga frågor väntar" in anna.get("/my/measures/").text
    assert "väntar." not in anna.get(answer.url).text
    assert "Hur mår du?" in anna.get("/my/").text


def test_a_form_goes_on_with_the_first_question_without_a_mark(cast: Cast, client_at: Any) -> None:
    anna = client_at(cast.anna)
    assert "Fortsätt med fråga" not in anna.get("/my/measures/phq9/").text
    anna.post("/my/drafts/measure:phq9/", {"1": "2", "2": "0", "version": "0"})
    page = anna.get("/my/measures/phq9/").text
    assert '<a href="#div_id_3">Fortsätt med fråga 3</a>' in page
    assert 'id="div_id_3"' in page


def test_staff_are_told_what_is_left_out_and_why_until_the_wording_is_there(cast: Cast, client_at: Any) -> None:
    berit, page = client_at(cast.berit), f"/patients/{cast.anna.patient.code}/"
    assert "Hoppas över nu, eftersom enheten inte har läst in texten: BBQ." in berit.get(page).text
    bbq = {"window": "Tänk på hur du har det.", "options": {n: f"Det är steg {n}" for n in range(5)}}
    load(cast, "bbq", yaml.safe_dump(bbq | {"items": [f"Påhittad fråga om hur du har det, {n}" for n in range(12)]}))
    assert "Hoppas över" not in berit.get(page).text
    assert "BBQ sedan 20 november" in berit.get(page).text


def phone(cast: Cast, name: str = "phq9") -> str:
    return f"/patients/{cast.anna.patient.code}/measures/{name}/"


def test_a_form_filled_in_on_the_telephone_says_by_whom_and_counts_as_the_patients(cast: Cast, client_at: Any) -> None:
    berit, url = client_at(cast.berit), phone(cast)
    page = berit.get(url).text
    assert "Läs varje fråga högt" in page
    answer = berit.post(url, fields(page) | ZEROS | {"1": "3"})
    row = Submission.objects.get()
    assert (row.entered_by, row.total) == (cast.berit, 3)
    assert "Ifylld av Berit Almgren, per telefon." in berit.get(answer.url).text
    anna = client_at(cast.anna)
    assert "phq9" not in anna.get("/my/measures/").text


@pytest.mark.parametrize(("marked", "urgency"), [("1", "today"), ("2", "now"), (None, "today")])
def test_on_the_telephone_the_risk_chain_is_the_same(
    cast: Cast, client_at: Any, marked: str | None, urgency: str
) -> None:
    berit, url = client_at(cast.berit), phone(cast)
    answers = fields(berit.get(url).text) | ZEROS | ({"9": marked} if marked else {"anyway": "1"})
    if marked is None:
        del answers["9"]
    answer = berit.post(url, answers, follow=True)
    assert Flag.objects.get().urgency == urgency
    assert "Fråga nu, medan ni talas vid" in answer.text


def test_a_form_that_is_shown_again_on_the_telephone_leaves_a_row_each_time(cast: Cast, client_at: Any) -> None:
    berit, url = client_at(cast.berit), phone(cast)
    half = fields(berit.get(url).text) | {"1": "3"}
    for _again in range(2):
        assert berit.post(url, half).status_code == 200
    patient = cast.anna.patient
    read = AuditEvent.objects.filter(actor=cast.berit.code, what=f"patient:{patient.code}", did="read")
    assert read.count() == 3


def test_marked_on_the_telephone_and_not_sent_is_looked_at(cast: Cast, client_at: Any) -> None:
    berit = client_at(cast.berit)
    kept = berit.post(f"/my/drafts/phone:{cast.annas.code}:phq9/", {"9": "2", "version": "0"})
    assert kept.json()["help"] is True
    assert flag_marked_draft(NOW + timedelta(minutes=16))
    assert Flag.objects.get().patient == cast.anna.patient
    page = berit.get(phone(cast)).text
    berit.post(phone(cast), fields(page) | ZEROS)
    assert not Draft.objects.exists()


def test_a_colleague_without_a_care_relation_cannot_fill_in_for_the_patient(cast: Cast, client_at: Any) -> None:
    tove = client_at(cast.tove)
    assert tove.get(phone(cast)).status_code == 403
    assert tove.post(f"/my/drafts/phone:{cast.annas.code}:phq9/", {"9": "2", "version": "0"}).status_code == 404


def test_after_the_end_the_follow_up_is_asked_on_the_first_page(cast: Cast, client_at: Any) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    anna = client_at(cast.anna, NOW + 5 * DAY)
    assert "Vi vill gärna veta hur du mår nu." in anna.get("/my/").text
    assert anna.get("/my/measures/side_effects/").status_code == 200
    later = client_at(cast.anna, NOW + 8 * WEEK)
    assert "Vi vill gärna" not in later.get("/my/").text
    assert later.get("/my/measures/phq9/").status_code == 410
    year = client_at(cast.anna, NOW + 52 * WEEK)
    assert year.get("/my/measures/phq9/").status_code == 200
    after_a_year = client_at(cast.anna, NOW + 53 * WEEK)  # what was written can no longer be read, but this is asked
    assert "Vi vill gärna veta hur du mår nu." in after_a_year.get("/my/").text
    assert "Vi vill gärna" not in client_at(cast.anna, NOW + 57 * WEEK).get("/my/").text


def test_a_risk_item_marked_after_the_end_has_an_owner_who_is_there_and_may_read_it(cast: Cast, client_at: Any) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    monday = NOW + 12 * WEEK + 3 * DAY
    anna = client_at(cast.anna, monday)
    answer = anna.post("/my/measures/phq9/", fields(anna.get("/my/measures/phq9/").text) | ZEROS | {"9": "2"})
    assert "/my/follow-up/" in answer.url
    assert "90101" in anna.get(answer.url).text
    flag = Flag.objects.get()
    assert flag.urgency == "now"
    assert flag.closed_at is None
    assert flag.next_step_at > monday
    owner = client_at(flag.owner, monday)
    assert owner.get(f"/flags/{flag.code}/").status_code == 200
    assert str(cast.anna.patient.code) in owner.get("/worklist/").text


def test_long_after_the_last_follow_up_nothing_is_taken(cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    with pytest.raises(NotOpen):
        sent(cast.annas, at=NOW + 57 * WEEK)


def test_pages_cost_the_same_with_twenty_weeks_of_answers(cast: Cast, client_at: Any) -> None:
    anna, berit = client_at(cast.anna), client_at(cast.berit)
    one = sent(cast.annas)
    pages = [
        (anna, "/my/"), (anna, "/my/measures/"), (anna, "/my/measures/gad7/"),
        (anna, f"/my/measures/phq9/receipt/{one.code}/"), (berit, f"/patients/{cast.anna.patient.code}/"),
        (berit, phone(cast)),
    ]  # fmt: skip
    few = [[queries(client, url) for client, url in pages] for _visit in range(2)][1]  # the first one also signs in
    for week in range(1, 20):
        sent(cast.annas, at=NOW - week * WEEK)
        sent(cast.annas, "gad7", at=NOW - week * WEEK)
    assert [queries(client, url) for client, url in pages] == few
    assert max(few) <= 12, few


def test_a_replacing_main_measure_is_chosen_at_start_only_where_its_wording_is_loaded(cast: Cast) -> None:
    """It is fixed for the treatment, and then asked where the programme says `primary`."""
    patient = make_patient(cast.eken, make_user("Ny", "Patient"))

    def start() -> Treatment:
        return start_treatment(
            patient=patient, assessment=assess(patient, cast.berit), revision=cast.revision, therapist=cast.berit,
            substitute=cast.cecilia, consented_at=NOW, by=cast.berit, now=NOW, demo=True, primary_measure="madrs_s",
        )  # fmt: skip

    with pytest.raises(StartRefused, match="main measure"), transaction.atomic():
        start()
    load(cast)
    waiting = asking_of(start(), NOW, "sv").waiting
    assert [each.instrument.id for each in waiting] == ["madrs_s", "gad7", "goals"]
