"""Going away on the pages: refused while a patient stands alone, previewed, and effective in the same second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from clinics.actions import ill_today, plan_absence
from clinics.models import Absence, AuditEvent, Cover, User
from messaging.models import Notice
from messaging.reading import promise_for
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_cover, escalate_one
from tests.cast import NOW, Cast, make_therapist, make_treatment, make_user

ZEROS = {str(item): 0 for item in range(1, 10)}
MONDAY = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)
NEXT_WEEK = {"starts_on": "2026-11-23", "ends_on": "2026-11-27", "starts_clock": "", "ends_clock": ""}
SATURDAY = MONDAY + timedelta(days=5)


def go(
    user: User, name: str, data: dict | None = None, *, at: datetime = NOW, code: object = None, follow: bool = False
):
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        url = reverse(name, args=[code] if code else [])
        return client.get(url) if data is None else client.post(url, data, follow=follow)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def mark(cast: Cast, value: int = 2, now: datetime = NOW) -> Flag:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.eriks, instrument=phq9, version=phq9.version, answers=ZEROS | {"9": value},
        key=uuid4(), by=cast.erik, now=now,
    )  # fmt: skip
    return Flag.objects.get(patient=cast.eriks.patient, kind="suicide")


def away(user: User, start: datetime = MONDAY, end: datetime = SATURDAY) -> Absence:
    return plan_absence(user=user, starts_at=start, ends_at=end, stand_ins={}, by=user, now=NOW)


def stand_ins(cast: Cast, user: User) -> dict[str, str]:
    return {f"stand_in_{each.assignment_id}": str(user.code) for each in (cast.annas, cast.eriks)}


def test_the_plan_is_shown_with_what_patients_will_read_before_anything_is_saved(cast: Cast) -> None:
    shown = words(go(cast.berit, "absence", NEXT_WEEK))
    assert "Berit Almgren är borta till och med 27 november. Cecilia Ek läser och svarar" in shown
    assert "Patienter: 2, täckta: 2, utan täckning: 0" in shown
    assert not Absence.objects.exists()


def test_the_preview_is_the_very_sentence_that_the_patient_reads_when_it_begins(cast: Cast) -> None:
    previewed = words(go(cast.berit, "absence", NEXT_WEEK)).partition("<blockquote>")[2].partition("</blockquote>")[0]
    go(cast.berit, "absence", NEXT_WEEK | {"step": "save"})
    promise = promise_for(cast.annas.assignment, MONDAY)
    with translation.override("sv"):
        read = " ".join(render_to_string("messaging/promise.html", {"promise": promise}).split())
    assert previewed.strip() == read


def test_each_patient_on_the_plan_leaves_an_audit_row(cast: Cast) -> None:
    go(cast.berit, "absence", NEXT_WEEK)
    rows = AuditEvent.objects.filter(actor=cast.berit.code, did="listed")
    assert {row.patient for row in rows} == {cast.annas.patient.code, cast.eriks.patient.code}


def test_a_covered_absence_is_saved_and_the_substitute_is_told_once(cast: Cast) -> None:
    assert go(cast.berit, "absence", NEXT_WEEK | {"step": "save"}).status_code == 302
    absence = Absence.objects.get()
    assert (absence.user, absence.starts_at, absence.ends_at) == (cast.berit, MONDAY, SATURDAY)
    assert [n.recipient for n in Notice.objects.filter(kind="cover_starts")] == [cast.cecilia]


def test_an_uncovered_absence_says_how_many_and_why_and_is_not_saved(cast: Cast) -> None:
    away(cast.cecilia)
    shown = words(go(cast.berit, "absence", NEXT_WEEK | {"step": "save"}))
    assert "2 patienter skulle sakna täckning. Välj vem som vikarierar." in shown
    assert "Patienter: 2, täckta: 0, utan täckning: 2" in shown
    assert "23 november 08.00–17.00: behandlare och vikarie är båda borta" in shown
    assert "Cecilia Ek läser" not in shown
    assert not Absence.objects.filter(user=cast.berit).exists()


def test_a_chosen_stand_in_is_previewed_and_then_saved(cast: Cast) -> None:
    away(cast.cecilia)
    data = NEXT_WEEK | stand_ins(cast, cast.tove)
    assert "Berit Almgren är borta till och med 27 november. Tove Åberg läser och svarar" in words(
        go(cast.berit, "absence", data)
    )
    assert go(cast.berit, "absence", data | {"step": "save"}).status_code == 302
    assert Cover.objects.filter(absence__user=cast.berit, stand_in=cast.tove).count() == 2


def test_somebody_who_is_away_cannot_be_chosen(cast: Cast) -> None:
    away(cast.cecilia)
    away(cast.tove)
    data = NEXT_WEEK | stand_ins(cast, cast.tove) | {"step": "save"}
    assert "2 patienter skulle sakna täckning" in words(go(cast.berit, "absence", data))
    assert not Absence.objects.filter(user=cast.berit).exists()


def test_clock_times_are_kept_to_the_minute(cast: Cast) -> None:
    data = {"starts_on": "2026-11-23", "starts_clock": "09:30", "ends_on": "2026-11-23", "ends_clock": "13:15"}
    go(cast.berit, "absence", data | {"step": "save"})
    absence = Absence.objects.get()
    assert (absence.starts_at.minute, absence.ends_at - absence.starts_at) == (30, timedelta(hours=3, minutes=45))


@pytest.mark.parametrize(
    ("dates", "complaint"),
    [
        ({"ends_on": "2026-11-20"}, "Frånvaron slutar innan den börjar."),
        ({"starts_on": "2026-11-10", "ends_on": "2026-11-11"}, "De här dagarna har passerat."),
        ({"starts_on": "i morgon"}, "starts_on"),
        ({"ends_on": ""}, "ends_on"),
    ],
)
def test_dates_that_cannot_be_are_said_and_nothing_typed_is_lost(cast: Cast, dates: dict, complaint: str) -> None:
    shown = words(go(cast.berit, "absence", NEXT_WEEK | dates))
    assert complaint in shown
    assert "Något behöver rättas" in shown or "summary" in shown
    assert next(iter(dates.values())) in shown


def test_a_second_absence_in_the_same_days_is_refused(cast: Cast) -> None:
    away(cast.berit)
    assert "Det finns redan en frånvaro de här dagarna." in words(go(cast.berit, "absence", NEXT_WEEK))


def test_lead_and_deputy_cannot_both_leave(cast: Cast) -> None:
    away(cast.hassan)
    shown = words(go(cast.lena, "absence", NEXT_WEEK | {"step": "save"}))
    assert "Chef och ställföreträdare skulle båda vara borta." in shown
    assert not Absence.objects.filter(user=cast.lena).exists()


def test_ill_today_asks_once_and_moves_open_flags_to_the_substitute_in_the_same_second(cast: Cast) -> None:
    flag = mark(cast)
    assert flag.owner == cast.berit
    at = NOW + timedelta(minutes=5)
    assert "Är du sjuk i dag?" in words(go(cast.berit, "ill-today", {}, at=at))
    assert not Absence.objects.exists()
    assert go(cast.berit, "ill-today", {"sure": "1"}, at=at).status_code == 302
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia
    assert Absence.objects.get().starts_at == at
    told = set(Notice.objects.filter(recipient=cast.cecilia).values_list("kind", flat=True))
    assert told == {"cover_starts", "flag_waits"}


def test_a_flag_that_was_taken_on_moves_too(cast: Cast) -> None:
    flag = mark(cast)
    go(cast.berit, "flag-acknowledge", {}, code=flag.code)
    go(cast.berit, "ill-today", {"sure": "1"}, at=NOW + timedelta(minutes=5))
    flag.refresh_from_db()
    assert (flag.owner, flag.acknowledged_at) == (cast.cecilia, None)


def test_illness_is_saved_also_when_it_leaves_patients_alone_and_the_lead_is_told_at_once(cast: Cast) -> None:
    away(cast.cecilia, NOW - timedelta(hours=1), SATURDAY)
    away(cast.tove, NOW - timedelta(hours=1), SATURDAY)
    go(cast.berit, "ill-today", {"sure": "1"})
    assert Absence.objects.filter(user=cast.berit, kind="ill").exists()
    uncovered = Flag.objects.open().filter(kind="uncovered")
    assert {(flag.patient, flag.owner) for flag in uncovered} == {
        (cast.annas.patient, cast.lena), (cast.eriks.patient, cast.lena),
    }  # fmt: skip
    assert Notice.objects.filter(recipient=cast.lena, kind="flag_waits").count() == 2


def test_taking_a_planned_absence_back_twice_says_that_it_was_over(cast: Cast) -> None:
    coming = plan_absence(
        user=cast.berit, starts_at=NOW + timedelta(days=4), ends_at=NOW + timedelta(days=5), stand_ins={},
        by=cast.berit, now=NOW,
    )  # fmt: skip
    assert go(cast.berit, "absence-end", {}, code=coming.code).status_code == 302
    again = go(cast.berit, "absence-end", {}, code=coming.code, follow=True)
    assert "redan" in words(again)


def test_saying_ill_twice_tells_the_substitute_once(cast: Cast) -> None:
    for minute in (1, 2):
        go(cast.berit, "ill-today", {"sure": "1"}, at=NOW + timedelta(minutes=minute))
    assert Absence.objects.count() == 1
    assert Notice.objects.filter(kind="cover_starts").count() == 1


def test_a_planned_absence_moves_flags_when_it_begins_and_not_before(cast: Cast) -> None:
    start = NOW + timedelta(hours=1)
    away(cast.berit, start, start + timedelta(hours=1))
    flag = mark(cast, value=1)
    while escalate_one(start - timedelta(minutes=1)):
        pass
    flag.refresh_from_db()
    assert flag.owner == cast.berit
    while escalate_one(start):
        pass
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia


def test_the_substitutes_access_opens_and_closes_to_the_minute(cast: Cast) -> None:
    flag = mark(cast, value=1)
    start, end = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    away(cast.berit, start, end)
    seen = {}
    for at in (start - timedelta(minutes=1), start, end - timedelta(minutes=1), end):
        seen[at] = go(cast.cecilia, "flag", at=at, code=flag.code).status_code
    assert list(seen.values()) == [403, 200, 200, 403]


def test_coming_back_ends_it_now_and_closes_what_was_uncovered(cast: Cast) -> None:
    away(cast.cecilia, NOW - timedelta(hours=1), SATURDAY)
    away(cast.tove, NOW - timedelta(hours=1), SATURDAY)
    go(cast.berit, "ill-today", {"sure": "1"})
    noon = NOW + timedelta(hours=2)
    absence = Absence.objects.get(user=cast.berit)
    assert go(cast.berit, "absence-end", {}, at=noon, code=absence.code).status_code == 302
    absence.refresh_from_db()
    assert absence.ends_at == noon
    assert not Flag.objects.open().filter(kind="uncovered").exists()
    again = go(cast.berit, "absence-end", {}, at=noon, code=absence.code, follow=True)
    assert "Frånvaron var redan slut." in words(again)


def test_a_coming_absence_is_cancelled(cast: Cast) -> None:
    absence = away(cast.berit)
    go(cast.berit, "absence-end", {}, code=absence.code)
    absence.refresh_from_db()
    assert absence.cancelled_by == cast.berit


@pytest.mark.parametrize(("who", "status"), [("david", 404), ("cecilia", 403), ("omar", 403), ("anna", 403)])
def test_nobody_else_ends_an_absence(cast: Cast, who: str, status: int) -> None:
    absence = away(cast.berit)
    assert go(getattr(cast, who), "absence-end", {}, code=absence.code).status_code == status


@pytest.mark.parametrize(("who", "status"), [("lena", 200), ("david", 403), ("berit", 403), ("anna", 403)])
def test_stand_ins_are_chosen_by_those_who_lead(cast: Cast, who: str, status: int) -> None:
    absence = away(cast.berit)
    assert go(getattr(cast, who), "absence-stand-ins", code=absence.code).status_code == status


@pytest.mark.parametrize("name", ["ill-today", "absence-end"])
def test_a_get_changes_nothing(cast: Cast, name: str) -> None:
    code = away(cast.berit).code if name == "absence-end" else None
    assert go(cast.berit, name, code=code).status_code == 405


@pytest.mark.parametrize(
    ("who", "own", "clinics"),
    [("lena", 200, 200), ("hassan", 200, 200), ("berit", 200, 403), ("omar", 403, 403), ("frida", 403, 403),
     ("greta", 403, 403), ("anna", 403, 403)],
)  # fmt: skip
def test_who_sees_the_pages(cast: Cast, who: str, own: int, clinics: int) -> None:
    assert go(getattr(cast, who), "absence").status_code == own
    assert go(getattr(cast, who), "clinic-absence").status_code == clinics


def test_the_lead_sees_who_is_away_and_when_patients_are_uncovered(cast: Cast) -> None:
    away(cast.cecilia)
    ill_today(user=cast.berit, by=cast.berit, now=NOW, ends_at=MONDAY + timedelta(days=1))
    check_cover(NOW)
    shown = words(go(cast.lena, "clinic-absence"))
    for text in ("Cecilia Ek", "Berit Almgren", "Anna Lind", "23 november 08.00–17.00"):
        assert text in shown
    assert AuditEvent.objects.filter(actor=cast.lena.code, what="uncovered").count() == 2


def test_the_lead_plans_absence_for_a_colleague(cast: Cast) -> None:
    data = NEXT_WEEK | {"person": str(cast.berit.code), "kind": "planned"}
    assert "Berit Almgren är borta till och med 27 november." in words(go(cast.lena, "clinic-absence", data))
    go(cast.lena, "clinic-absence", data | {"step": "save"})
    absence = Absence.objects.get()
    assert (absence.user, absence.created_by, absence.kind) == (cast.berit, cast.lena, "planned")


def test_the_lead_reports_a_colleague_ill_and_chooses_who_stands_in(cast: Cast) -> None:
    away(cast.cecilia, NOW, SATURDAY)
    data = NEXT_WEEK | {"person": str(cast.berit.code), "kind": "ill", "starts_on": "2026-11-20"}
    go(cast.lena, "clinic-absence", data)
    absence = Absence.objects.get(user=cast.berit)
    assert (absence.kind, absence.starts_at, absence.ends_at) == ("ill", NOW, SATURDAY)
    assert Flag.objects.open().filter(kind="uncovered").count() == 2
    chosen = stand_ins(cast, cast.tove) | {"step": "save"}
    at = NOW + timedelta(minutes=1)
    assert go(cast.lena, "absence-stand-ins", chosen, code=absence.code, at=at).status_code == 302
    assert not Flag.objects.open().filter(kind="uncovered").exists()


def test_a_lead_reads_no_names_of_another_clinics_patients(cast: Cast) -> None:
    make_therapist(cast.linden, cast.berit)
    make_treatment(make_user("Olle", "Fors"), cast.linden, cast.berit, cast.siv, cast.revision)
    data = NEXT_WEEK | {"person": str(cast.berit.code), "kind": "planned"}
    shown = words(go(cast.lena, "clinic-absence", data))
    assert "Patienter: 3, täckta: 3" in shown
    assert "Patienter på en annan vårdcentral: 1." in shown
    assert "Olle" not in shown
    assert "Olle Fors" in words(go(cast.berit, "absence", NEXT_WEEK))


def test_a_stranger_cannot_be_reported_away(cast: Cast) -> None:
    go(cast.lena, "clinic-absence", NEXT_WEEK | {"person": str(cast.david.code), "kind": "ill"})
    assert not Absence.objects.exists()


def test_the_clinics_page_asks_as_many_questions_for_twenty_patients_as_for_two(cast: Cast) -> None:
    def questions() -> int:
        away(cast.cecilia)
        ill_today(user=cast.berit, by=cast.berit, now=NOW, ends_at=SATURDAY)
        with CaptureQueriesContext(connection) as counted:
            go(cast.lena, "clinic-absence")
        Absence.objects.all().delete()
        return len(counted)

    few = questions()
    for number in range(18):
        make_treatment(make_user(f"more{number}", "Alm"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    assert questions() == few
