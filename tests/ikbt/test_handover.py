"""The handover sheet, the list of them, and what is found on coming back: facts, for those whom they concern."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import end_absence, plan_absence
from clinics.actions.next_of_kin import name_next_of_kin
from clinics.models import Absence, AccessGrant, AuditEvent, User
from messaging.actions import send_message
from programs.actions import (
    NotTheTherapist,
    move_date,
    open_module,
    plan_contact,
    save_crisis_plan,
    send_call_me,
    send_measure,
    send_module,
    send_tool_entry,
    write_handover_note,
)
from programs.models import HandoverNote
from programs.shipped import instruments
from riskmonitor.actions import close_flag
from riskmonitor.flags.seen import newest
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_treatment, make_user
from tests.riskmonitor.test_absence_pages import go, words

DAY = timedelta(days=1)
LATER = NOW + timedelta(minutes=30)


def away(user: User, days: int = 5) -> Absence:
    return plan_absence(user=user, starts_at=NOW, ends_at=NOW + days * DAY, stand_ins={}, by=user, now=NOW)


def measure(cast: Cast, value: int, at=NOW) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): value for item in range(1, 9)} | {"9": 0}
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=at
    )


def tell_everything(cast: Cast) -> None:
    measure(cast, 2, NOW - 7 * DAY)
    measure(cast, 1)
    goals: dict[str, Any] = {"goals": [{"goal": "Gå ut varje dag", "close": 3}]}
    send_tool_entry(treatment=cast.annas, tool="goals", entry=goals, key=uuid4(), by=cast.anna, now=NOW)
    send_message(treatment=cast.annas, text="Hur gör jag nu?", key=uuid4(), by=cast.anna, now=NOW)
    step = cast.annas.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    send_module(step=step, answers={"tanke": "Jag provade."}, key=uuid4(), by=cast.anna, now=NOW)
    send_call_me(treatment=cast.annas, phone="070-999 88 77", words="", key=uuid4(), by=cast.anna, now=NOW)
    save_crisis_plan(
        treatment=cast.annas, plan={"signs": "Jag slutar svara"}, based_on="", key=uuid4(), by=cast.anna, now=NOW
    )
    name_next_of_kin(patient=cast.annas.patient, name="Maj Lind", relation="mamma", phone="070-111 22 33",
                     by=cast.anna, now=NOW)  # fmt: skip
    plan_contact(treatment=cast.annas, on=(NOW + 3 * DAY).date(), by=cast.berit, now=NOW)
    write_handover_note(treatment=cast.annas, text="Ring helst efter lunch.", by=cast.berit, now=NOW)


def test_the_sheet_holds_the_facts_and_the_note(cast: Cast) -> None:
    tell_everything(cast)
    away(cast.berit)
    shown = words(go(cast.cecilia, "patient-handover", code=cast.annas.patient.code, at=LATER))
    for fact in (
        "Gå ut varje dag (hur nära: 3 av 10)", "1 av 2 avsnitt inlämnade", "väntar på svar", "<strong>8</strong>",
        "16 gången innan", "Lägre är bättre", "Granska flaggan", "Från patienten", "1 meddelande är oläst",
        "Nästa kontakt: måndag 23 november", "Nästa avsnitt: 2.", "Jag slutar svara", "070-000 00 00",
        "070-999 88 77", "Maj Lind, mamma, 070-111 22 33", "Ring helst efter lunch.",
    ):  # fmt: skip
        assert fact in shown, fact


def test_an_empty_sheet_says_what_is_not_there(cast: Cast) -> None:
    shown = words(go(cast.berit, "patient-handover", code=cast.annas.patient.code))
    for fact in ("Ingen anteckning är skriven", "Inga mål", "Patienten har ingen krisplan", "Inget samtycke"):
        assert fact in shown


def test_a_new_date_and_its_smaller_step_are_what_was_agreed(cast: Cast) -> None:
    step = cast.annas.steps.get(module__number=1)
    if step.opened_at is None:
        open_module(treatment=cast.annas, module=step.module, by=cast.berit, now=NOW)
    move_date(
        step=cast.annas.steps.select_related("module", "treatment__patient").get(module__number=1),
        to=(NOW + 7 * DAY).date(), smaller_step="En rad räcker", today=NOW.date(), by=cast.berit, now=NOW,
    )  # fmt: skip
    assert "En rad räcker" in words(go(cast.berit, "patient-handover", code=cast.annas.patient.code))


@pytest.mark.hazard("H5b")
def test_the_substitute_reads_it_while_the_absence_lasts_and_each_reading_is_logged(cast: Cast) -> None:
    code = cast.annas.patient.code
    assert go(cast.cecilia, "patient-handover", code=code, at=LATER).status_code == 403
    absence = away(cast.berit)
    assert go(cast.cecilia, "patient-handover", code=code, at=LATER).status_code == 200
    assert AuditEvent.objects.filter(actor=cast.cecilia.code, did="read", patient=code).count() == 1
    end_absence(absence=absence, by=cast.berit, now=LATER)
    assert go(cast.cecilia, "patient-handover", code=code, at=LATER + DAY).status_code == 403


def test_only_the_therapist_writes_the_note(cast: Cast) -> None:
    away(cast.berit)
    code = cast.annas.patient.code
    refused = go(cast.cecilia, "patient-handover-note", {"text": "Mitt eget."}, code=code, at=LATER)
    assert refused.status_code == 403
    assert "Mitt eget." in words(refused)  # nothing typed is lost
    with pytest.raises(NotTheTherapist):
        write_handover_note(treatment=cast.annas, text="Mitt eget.", by=cast.cecilia, now=NOW)
    assert not HandoverNote.objects.exists()


def test_the_newest_note_counts_and_the_same_words_are_one_note(cast: Cast) -> None:
    code = cast.annas.patient.code
    for text in ("Första.", "Andra.", "Andra."):
        assert go(cast.berit, "patient-handover-note", {"text": text}, code=code).status_code == 302
    assert [note.text for note in HandoverNote.objects.all()] == ["Andra.", "Första."]
    assert "Andra." in words(go(cast.berit, "patient-handover", code=code))


def test_an_empty_note_is_refused_kindly_and_by_the_database(cast: Cast) -> None:
    answer = go(cast.berit, "patient-handover-note", {"text": " "}, code=cast.annas.patient.code)
    assert "Skriv något innan du sparar." in words(answer)
    with pytest.raises(IntegrityError), transaction.atomic():
        HandoverNote.objects.create(treatment=cast.annas, text="", written_at=NOW, written_by=cast.berit)


def test_the_list_leads_to_each_sheet_that_the_reader_may_open(cast: Cast) -> None:
    absence = away(cast.berit)
    by_substitute = words(go(cast.cecilia, "absence-handover", code=absence.code, at=LATER))
    by_lead = words(go(cast.lena, "absence-handover", code=absence.code, at=LATER))
    sheet = f"/patients/{cast.annas.patient.code}/handover/"
    assert sheet in by_substitute
    assert sheet not in by_lead  # who leads sees who answers; the words need a care relation
    for shown in (by_substitute, by_lead):
        assert "Anna Lind" in shown
        assert "Svarar under tiden: Cecilia Ek" in shown
    listed = AuditEvent.objects.filter(what="handover", actor=cast.lena.code)
    assert {row.patient for row in listed} == {cast.annas.patient.code, cast.eriks.patient.code}


def test_a_lead_who_was_handed_the_flag_may_open_the_sheet(cast: Cast) -> None:
    absence = away(cast.berit)
    AccessGrant.objects.create(
        patient=cast.annas.patient, user=cast.lena, why="flag", source="flag:x", starts_at=NOW, ends_at=NOW + DAY
    )
    sheet = f"/patients/{cast.annas.patient.code}/handover/"
    assert sheet in words(go(cast.lena, "absence-handover", code=absence.code, at=LATER))


def test_before_it_begins_the_substitute_knows_who_and_reads_nothing(cast: Cast) -> None:
    absence = plan_absence(
        user=cast.berit, starts_at=NOW + 3 * DAY, ends_at=NOW + 8 * DAY, stand_ins={}, by=cast.berit, now=NOW
    )
    shown = words(go(cast.cecilia, "absence-handover", code=absence.code, at=LATER))
    assert "Anna Lind" in shown
    assert f"/patients/{cast.annas.patient.code}/handover/" not in shown


def test_on_a_day_when_all_is_closed_the_substitute_reads_the_list_that_the_work_list_points_at(cast: Cast) -> None:
    saturday = NOW.replace(hour=9) + DAY
    assert saturday.isoweekday() == 6
    absence = plan_absence(
        user=cast.berit, starts_at=saturday, ends_at=saturday + timedelta(hours=9), stand_ins={}, by=cast.berit, now=NOW
    )
    during = saturday + timedelta(hours=3)
    assert reverse("absence-handover", args=[absence.code]) in words(go(cast.cecilia, "worklist", at=during))
    shown = words(go(cast.cecilia, "absence-handover", code=absence.code, at=during))
    assert f"/patients/{cast.annas.patient.code}/handover/" in shown
    assert "Vårdcentralen är stängd hela den tiden." in shown
    assert "Ingen svarar under tiden." not in shown


def test_who_has_nothing_to_do_with_it_is_refused(cast: Cast) -> None:
    absence = away(cast.berit)
    assert go(cast.tove, "absence-handover", code=absence.code, at=LATER).status_code == 403
    assert go(cast.david, "absence-handover", code=absence.code, at=LATER).status_code == 404


def test_what_happened_meanwhile_stands_by_patient_with_who_answered(cast: Cast) -> None:
    absence = away(cast.berit)
    tell_everything(cast)
    send_message(treatment=cast.annas, text="Vi hörs.", key=uuid4(), by=cast.cecilia, now=LATER)
    flag = Flag.objects.get(patient=cast.annas.patient, kind="help_asked")
    close_flag(
        flag=flag, outcome="contacted", assessment="Talat om veckan.", action="", contact_at=LATER,
        contact_with="Anna", by=cast.cecilia, now=LATER, seen=newest(flag),
    )  # fmt: skip
    open_module(treatment=cast.annas, module=cast.annas.steps.get(module__number=2).module, by=cast.cecilia, now=LATER)
    back = NOW + 6 * DAY
    shown = words(go(cast.berit, "absence-meanwhile", code=absence.code, at=back))
    for fact in (
        "Skrev ett meddelande", "Cecilia Ek skrev till patienten", "PHQ-9: 8", "Talat om veckan.",
        "stängdes av Cecilia Ek", "öppnades av Cecilia Ek", "Erik Ström",
    ):  # fmt: skip
        assert fact in shown, fact
    assert "PHQ-9: 16" not in shown  # sent before it began


def test_what_came_before_and_after_stands_not_there(cast: Cast) -> None:
    measure(cast, 1, NOW - DAY)
    start, end = NOW + DAY, NOW + 5 * DAY
    absence = plan_absence(user=cast.berit, starts_at=start, ends_at=end, stand_ins={}, by=cast.berit, now=NOW)
    measure(cast, 2, end)
    shown = words(go(cast.berit, "absence-meanwhile", code=absence.code, at=end + DAY))
    assert "PHQ-9" not in shown
    assert "Anna Lind" in shown.partition("Inget från")[2]


def test_it_is_found_again_from_ones_absences_and_by_nobody_else(cast: Cast) -> None:
    absence = away(cast.berit)
    assert f"/absence/{absence.code}/meanwhile/" in words(go(cast.berit, "absence", at=NOW + 20 * DAY))
    assert go(cast.cecilia, "absence-meanwhile", code=absence.code, at=LATER).status_code == 404


def test_as_many_queries_for_two_patients_as_for_seven(cast: Cast) -> None:
    absence = away(cast.berit)
    tell_everything(cast)

    def queries() -> list[int]:
        counts = []
        for name in ("absence-handover", "absence-meanwhile"):
            with CaptureQueriesContext(connection) as found:
                assert go(cast.berit, name, code=absence.code, at=LATER).status_code == 200
            counts.append(len([each for each in found if "session" not in each["sql"]]))
        return counts

    few = queries()
    for number in range(5):
        user = make_user(f"Patient{number}", "Lund")
        treatment = make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
        send_message(treatment=treatment, text="Hej.", key=uuid4(), by=user, now=NOW)
    assert queries() == few


def test_the_sheet_costs_the_same_however_much_was_sent(cast: Cast) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as found:
            go(cast.berit, "patient-handover", code=cast.annas.patient.code, at=LATER)
        return len(found)

    tell_everything(cast)
    before = cost()
    for _number in range(4):
        measure(cast, 1, LATER)
        send_message(treatment=cast.annas, text="Hej igen.", key=uuid4(), by=cast.anna, now=LATER)
    assert cost() == before
