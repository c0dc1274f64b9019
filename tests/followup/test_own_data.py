"""All own data: everything the patient wrote, to read and for computers, and nothing of anybody else's."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, time
from typing import Any
from uuid import uuid4

from clinics.actions.next_of_kin import name_next_of_kin, withdraw_next_of_kin
from clinics.models import AuditEvent
from followup.actions import order_report
from followup.models import Report
from followup.own_data import DATA, PAGE, SAID, own_data
from followup.sweeps import make_one
from messaging.actions import send_message
from programs.actions import (
    keep_line,
    remove_line,
    save_crisis_plan,
    save_draft,
    send_measure,
    send_module,
    send_stuck,
    send_tool_entry,
)
from programs.measures.wordings import showable
from programs.models import SleepWindow, Submission
from programs.shipped import instruments
from tests.cast import NOW, Cast
from tests.programs.test_wordings import load


def write_everything(cast: Cast) -> None:
    treatment, by = cast.annas, cast.anna
    phq9 = instruments()["phq9"]
    answers: dict[str, int] = {str(item): 1 for item in range(1, 10)}
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=by, now=NOW
    )
    step = treatment.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    send_module(step=step, answers={"tanke": "Modulord <b>"}, key=uuid4(), by=by, now=NOW)
    mood: dict[str, object] = {"activity": "Verktygsord", "mood": 4}
    send_tool_entry(treatment=treatment, tool="mood_log", entry=mood, key=uuid4(), by=by, now=NOW)
    send_stuck(treatment=treatment, reason="time", words="Trögord", key=uuid4(), by=by, now=NOW)
    plan = {"signs": "Planord", "ask": [{"name": "Planmor", "phone": "070-1"}]}
    save_crisis_plan(treatment=treatment, plan=plan, based_on="", key=uuid4(), by=by, now=NOW)
    asked = instruments()["side_effects"]
    worse = {"1": 2, "words_1": "Sidoord", "2": 1}
    send_measure(
        treatment=treatment, instrument=asked, version=asked.version, answers=worse, key=uuid4(), by=by, now=NOW
    )
    send_message(treatment=treatment, text="Brevord", key=uuid4(), by=by, now=NOW)
    send_message(treatment=treatment, text="Svarsord", key=uuid4(), by=cast.berit, now=NOW)
    send_message(treatment=cast.eriks, text="Eriks ord", key=uuid4(), by=cast.erik, now=NOW)
    draft: dict[str, Any] = {"text": "Utkastord"}
    save_draft(owner=by, treatment=treatment, form_key="message", data=draft, version=0, now=NOW)


def opened(cast: Cast) -> tuple[str, dict[str, Any], Report]:
    report = order_report(
        treatment=cast.annas, kind=Report.Kind.OWN_DATA, key=uuid4(), language="sv", by=cast.anna, now=NOW
    )
    assert make_one(NOW)
    report.refresh_from_db()
    assert report.last_error == ""
    with zipfile.ZipFile(io.BytesIO(bytes(report.file))) as file:
        assert file.namelist() == [PAGE, DATA]
        return file.read(PAGE).decode(), json.loads(file.read(DATA)), report


def test_everything_the_patient_wrote_is_in_both_files_and_nothing_of_others(cast: Cast) -> None:
    write_everything(cast)
    page, data, _report = opened(cast)
    plain = json.dumps(data, ensure_ascii=False)
    for words in (
        "Verktygsord",
        "Trögord",
        "Planord",
        "Planmor",
        "Sidoord",
        "Brevord",
        "Svarsord",
        "Utkastord",
        "Anna Lind",
    ):
        assert words in page
        assert words in plain
    assert "Modulord &lt;b&gt;" in page
    assert "Modulord <b>" in plain
    assert "Eriks ord" not in page + plain


def test_the_data_holds_each_answer_set_with_its_questions_in_words(cast: Cast) -> None:
    write_everything(cast)
    _page, data, _report = opened(cast)
    sent = data["treatments"][0]["sent"]
    assert len(sent) == Submission.objects.filter(treatment=cast.annas).count()
    measure = next(each for each in sent if each["total"] is not None)
    assert (measure["total"], len(measure["answers"])) == (9.0, 9)
    assert measure["sent_at"] == "2026-11-20T10:00+01:00"
    module = next(each for each in sent if each["stored"] == {"tanke": "Modulord <b>"})
    assert module["answers"] == [{"question": "Vad tänker du?", "answer": "Modulord <b>"}]


def test_a_crisis_plan_and_the_answers_of_an_own_scale_are_in_words(cast: Cast) -> None:
    plan = {"signs": "Jag slutar svara", "ask": [{"name": "Maja", "phone": "070-000 11 22"}]}
    save_crisis_plan(treatment=cast.annas, plan=plan, based_on="", key=uuid4(), by=cast.anna, now=NOW)
    scale = instruments()["sleep_week"]
    answers: dict[str, int | str] = {item.id: 7 for item in scale.items}
    send_measure(
        treatment=cast.annas, instrument=scale, version=scale.version, answers=answers, key=uuid4(), by=cast.anna,
        now=NOW,
    )  # fmt: skip
    page, data, _report = opened(cast)
    assert "Maja 070-000 11 22" in page
    measure = next(each for each in data["treatments"][0]["sent"] if each["total"] is not None)
    assert [each["answer"] for each in measure["answers"]] == ["7"] * len(scale.items)


def test_the_page_says_days_as_people_do_and_fills_in_names(cast: Cast) -> None:
    write_everything(cast)
    page, _data, _report = opened(cast)
    assert "20 november 2026 10.00" in page
    assert "T10:00+01:00" not in page
    assert "{{" not in page


def test_a_form_of_another_version_is_given_as_it_was_stored(cast: Cast) -> None:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas, instrument=phq9, version="old", answers={"1": 3}, key=uuid4(), by=cast.anna, now=NOW
    )
    page, data, _report = opened(cast)
    assert data["treatments"][0]["sent"][0]["stored"] == {"1": 3}
    assert "<dt>1</dt><dd>3</dd>" in page


def test_lines_kept_for_the_plan_and_sleep_windows_are_in_it(cast: Cast) -> None:
    keep_line(treatment=cast.annas, origin="message:1", source="Meddelande", text="Planrad", by=cast.anna, now=NOW)
    line = keep_line(treatment=cast.annas, origin="message:2", source="Brev", text="Struken", by=cast.anna, now=NOW)
    remove_line(line=line, by=cast.anna, now=NOW)
    SleepWindow.objects.create(
        key=uuid4(), treatment=cast.annas, decision="confirmed", rule="start", nights=7, mean_sleep=360,
        mean_in_bed=480, efficiency=75, floor_minutes=300, proposed_minutes=390, minutes=390, rise_time=time(6, 30),
        from_date=date(2026, 11, 21), decided_at=NOW, decided_by=cast.berit,
    )  # fmt: skip
    page, data, _report = opened(cast)
    treatment = data["treatments"][0]
    assert [(each["text"], bool(each["taken_out_at"])) for each in treatment["kept"]] == [
        ("Planrad", False), ("Struken", True),
    ]  # fmt: skip
    window = {"from": "2026-11-21", "bed": "00.00", "rise": "06.30", "by": cast.berit.full_name}
    assert treatment["sleep_windows"] == [window]
    assert all(words in page for words in ("Planrad", "Struken", "00.00–06.30"))


def test_every_way_to_write_is_in_the_data() -> None:
    assert set(SAID) == set(Submission.Kind)


def test_answers_to_a_wording_of_the_clinics_own_are_given_with_its_questions_and_options(cast: Cast) -> None:
    load(cast)
    form = showable(cast.eken, "sv", ["madrs_s"])["madrs_s"]
    answers = {item.id: 2 for item in form.items}
    send_measure(
        treatment=cast.annas, instrument=form, version=form.version, answers=answers, key=uuid4(), by=cast.anna, now=NOW
    )
    _page, data, _report = opened(cast)
    answers = data["treatments"][0]["sent"][0]["answers"]
    assert [each["question"] for each in answers] == [item.words["sv"] for item in form.items]
    assert all(each["answer"] for each in answers)


def test_whom_the_clinic_may_contact_is_in_it_with_the_dates_of_the_consent(cast: Cast) -> None:
    patient = cast.annas.patient
    name_next_of_kin(patient=patient, name="Maria Lind", relation="syster", phone="070-1", by=cast.anna, now=NOW)
    withdraw_next_of_kin(patient=patient, by=cast.anna, now=NOW)
    (kin,) = own_data(patient, "sv", NOW)["next_of_kin"]
    assert (kin["name"], kin["phone"], kin["given_at"]) == ("Maria Lind", "070-1", kin["withdrawn_at"])


def test_ordering_it_is_audited(cast: Cast) -> None:
    _page, _data, report = opened(cast)
    assert AuditEvent.objects.filter(what=f"report:{report.code}", actor=cast.anna.code).exists()
