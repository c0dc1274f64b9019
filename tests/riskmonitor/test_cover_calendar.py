"""The cover calendar and the pages that mend: who is there each day, whom nobody covers, and naming somebody else."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import ill_today
from clinics.models import Absence, AuditEvent, Membership, User, WorkingHours
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.watch.cover_days import days_of
from riskmonitor.watch.uncovered import look_ahead
from tests.cast import NOW, Cast, make_therapist, make_treatment, make_user

DAY = timedelta(days=1)
MONDAY = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)


def go(user: User, name: str, data: dict | None = None, *, code: object = None, follow: bool = False):
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        url = reverse(name, args=[code] if code else [])
        return client.get(url) if data is None else client.post(url, data, follow=follow)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def away(user: User, start: datetime = MONDAY, end: datetime = MONDAY + DAY) -> Absence:
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=NOW, created_by=user)


def post_of(user: User, role: str = "therapist") -> Membership:
    return Membership.objects.get(user=user, role=role, ended_at=None)


# -- the days ----------------------------------------------------------------------------------------------------------


def test_each_day_says_who_is_there_and_who_is_away(cast: Cast) -> None:
    away(cast.berit, MONDAY + timedelta(hours=12), MONDAY + 2 * DAY)
    WorkingHours.objects.create(membership=post_of(cast.tove), weekday=0, starts=time(8), ends=time(12))
    days = days_of(look_ahead(cast.eken, NOW), NOW)
    assert [day.day.isoformat() for day in days][::14] == ["2026-11-20", "2026-12-04"]
    friday, saturday, _sunday, monday = days[:4]
    assert [each.name for each in friday.there] == ["Berit Almgren", "Cecilia Ek", "Hassan Farah", "Lena Norén"]
    assert friday.openings[0][0] == NOW, "the day's rest, not what has been"
    assert (saturday.openings, saturday.there, saturday.away) == ([], [], [])
    assert {each.name: each.is_whole for each in monday.there}["Berit Almgren"] is False
    assert {each.name for each in monday.away} == {"Berit Almgren", "Tove Åberg"}


def test_a_gap_stands_on_its_day_with_the_reason_and_the_way_to_mend_it(cast: Cast) -> None:
    absence = away(cast.berit)
    away(cast.cecilia)
    shown = words(go(cast.lena, "cover-calendar"))
    assert "2 patienter saknar täckning någon gång, 0 är täckta." in shown
    assert shown.count("08.00–17.00: behandlare och vikarie är båda borta") == 1, "told once for both"
    assert reverse("absence-stand-ins", args=[absence.code]) in shown


def test_where_no_stand_in_would_help_somebody_else_is_named(cast: Cast) -> None:
    Membership.objects.filter(user=cast.cecilia).update(ends_at=MONDAY + 7 * DAY)
    shown = words(go(cast.lena, "cover-calendar"))
    assert "vikarien arbetar inte kvar" in shown
    assert reverse("cover-named", args=[cast.annas.patient.code]) in shown


@pytest.mark.parametrize(("who", "names"), [("lena", True), ("hassan", True), ("berit", True), ("tove", False)])
def test_names_are_read_by_those_who_lead_and_those_who_are_named(cast: Cast, who: str, names: bool) -> None:
    away(cast.berit)
    away(cast.cecilia)
    shown = words(go(getattr(cast, who), "cover-calendar"))
    assert ("Anna Lind" in shown) is names
    assert ("2 patienter hos kollegor" in shown) is not names
    rows = AuditEvent.objects.filter(actor=getattr(cast, who).code, did="listed")
    assert {row.patient for row in rows} == ({cast.annas.patient.code, cast.eriks.patient.code} if names else set())


def test_only_those_who_lead_get_the_way_to_mend(cast: Cast) -> None:
    absence = away(cast.berit)
    away(cast.cecilia)
    assert str(absence.code) not in words(go(cast.berit, "cover-calendar"))


def test_another_clinics_patients_are_not_there(cast: Cast) -> None:
    away(cast.david)
    away(cast.siv)
    assert "Nils" not in words(go(cast.lena, "cover-calendar"))


def test_the_calendar_asks_as_many_questions_for_twenty_patients_as_for_two(cast: Cast) -> None:
    away(cast.berit)
    away(cast.cecilia)

    def questions() -> int:
        with CaptureQueriesContext(connection) as counted:
            go(cast.lena, "cover-calendar")
        return len(counted)

    few = questions()
    for number in range(18):
        make_treatment(make_user(f"more{number}", "Alm"), cast.eken, cast.tove, cast.berit, cast.revision)
    Absence.objects.filter(user=cast.tove).delete()
    away(cast.tove)
    assert questions() == few


# -- naming somebody else ----------------------------------------------------------------------------------------------


def test_the_lead_names_others_and_their_flags_go_with_the_patient(cast: Cast) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 10)} | {"9": 2}
    with time_machine.travel(NOW, tick=False):
        send_measure(
            treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna,
            now=NOW,
        )  # fmt: skip
    flag = Flag.objects.get(kind="suicide")
    due, chosen = flag.due_at, {"therapist": str(cast.tove.code), "substitute": str(cast.cecilia.code)}
    assert go(cast.lena, "cover-named", chosen, code=cast.annas.patient.code).status_code == 302
    flag.refresh_from_db()
    assert (flag.owner, flag.due_at) == (cast.tove, due)
    assert go(cast.tove, "flag", code=flag.code).status_code == 200
    assert go(cast.berit, "flag", code=flag.code).status_code == 403


def test_naming_somebody_who_is_away_with_the_therapist_is_refused_with_the_hours(cast: Cast) -> None:
    away(cast.berit)
    away(cast.tove)
    chosen = {"therapist": str(cast.berit.code), "substitute": str(cast.tove.code)}
    shown = words(go(cast.lena, "cover-named", chosen, code=cast.annas.patient.code))
    assert "1 patient skulle sakna täckning." in shown
    assert "23 november 08.00–17.00: behandlare och vikarie är båda borta" in shown
    cast.annas.refresh_from_db()
    assert cast.annas.assignment.substitute == cast.cecilia


def test_the_same_person_twice_is_no_two_people(cast: Cast) -> None:
    chosen = {"therapist": str(cast.berit.code), "substitute": str(cast.berit.code)}
    assert "Det behövs två personer." in words(go(cast.lena, "cover-named", chosen, code=cast.annas.patient.code))


@pytest.mark.parametrize(
    ("who", "patient", "status"), [("lena", "annas", 200), ("lena", "nilss", 404), ("berit", "annas", 403)]
)
def test_who_may_name(cast: Cast, who: str, patient: str, status: int) -> None:
    assert go(getattr(cast, who), "cover-named", code=getattr(cast, patient).patient.code).status_code == status


# -- the staff ---------------------------------------------------------------------------------------------------------


def send(cast: Cast, by: User, user: User, do: str, follow: bool = False, **typed: object):
    post = post_of(user)
    data = {f"{do}-{post.pk}-{name}": value for name, value in typed.items()}
    return go(by, "clinic-person", {"do": do, "post": str(post.pk), **data}, code=user.code, follow=follow)


def test_a_last_day_that_strands_patients_is_refused_with_names_hours_and_a_way_on(cast: Cast) -> None:
    shown = words(send(cast, cast.lena, cast.berit, "leaving", last_day="2026-11-25"))
    assert "2 patienter skulle sakna täckning." in shown
    assert "26 november 08.00–17.00: behandlaren arbetar inte kvar" in shown
    assert reverse("cover-named", args=[cast.annas.patient.code]) in shown
    assert post_of(cast.berit).ends_at is None


def test_the_administrator_reads_how_many_and_no_names(cast: Cast) -> None:
    shown = words(go(cast.greta, "clinic-person", {"do": "close"}, code=cast.berit.code))
    assert "2 patienter vars namn inte visas för dig." in shown
    assert "Anna" not in shown
    assert User.objects.get(pk=cast.berit.pk).is_active


def test_the_administrator_closes_an_account_that_nobody_depends_on(cast: Cast) -> None:
    assert go(cast.greta, "clinic-person", {"do": "close"}, code=cast.tove.code).status_code == 302
    assert not User.objects.get(pk=cast.tove.pk).is_active


def test_a_lead_does_not_close_accounts(cast: Cast) -> None:
    go(cast.lena, "clinic-person", {"do": "close"}, code=cast.tove.code)
    assert User.objects.get(pk=cast.tove.pk).is_active


def test_a_last_day_counts_to_its_midnight(cast: Cast) -> None:
    send(cast, cast.lena, cast.tove, "leaving", last_day="2026-11-30")
    assert post_of(cast.tove).ends_at == datetime(2026, 11, 30, 23, 0, tzinfo=UTC)
    assert post_of(cast.tove).last_day.isoformat() == "2026-11-30"


def test_a_week_is_typed_as_people_write_it(cast: Cast) -> None:
    send(cast, cast.lena, cast.tove, "week", day_0="8-12, 13.00–16:30", day_2="13.00–17.00")
    hours = post_of(cast.tove).working_hours.values_list("weekday", "starts", "ends")
    assert list(hours) == [
        (0, time(8), time(12)), (0, time(13), time(16, 30)), (2, time(13), time(17)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [("8 till 12", "Skriv tider som"), ("12-8", "slutar innan den börjar"), ("8-12, 11-13", "går in i varandra")],
)
def test_a_week_that_cannot_be_read_is_said_and_stays_in_the_form(cast: Cast, typed: str, said: str) -> None:
    shown = words(send(cast, cast.lena, cast.tove, "week", day_0=typed))
    assert said in shown
    assert typed in shown
    assert not post_of(cast.tove).working_hours.exists()


def test_programmes_are_chosen_among_those_that_are_loaded(cast: Cast) -> None:
    post = post_of(cast.tove)
    send(cast, cast.lena, cast.tove, "programmes", programmes=[])
    assert not post.competences.exists()
    send(cast, cast.lena, cast.tove, "programmes", programmes=["depression-kom-igang"])
    assert post.competences.get().programme == "depression-kom-igang"


def test_somebody_is_lent_to_a_lone_therapist(cast: Cast) -> None:
    send(cast, cast.lena, cast.tove, "loan", to=str(cast.linden.code), last_day="2026-12-31")
    lent = Membership.objects.get(user=cast.tove, clinic=cast.linden)
    assert (lent.lent_from, lent.last_day.isoformat()) == (cast.eken, "2026-12-31")
    assert list(lent.competences.values_list("programme", flat=True)) == ["depression-kom-igang"]
    make_therapist(cast.linden, cast.lena)
    again = words(send(cast, cast.lena, cast.cecilia, "loan", to=str(cast.linden.code), last_day="2026-11-01"))
    assert "Personen arbetar redan där, eller så har sista dagen passerat." in again


def test_who_leaves_hands_over_open_flags_in_the_same_second(cast: Cast) -> None:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 10)} | {"9": 1}
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(), by=cast.anna, now=NOW
    )
    ill_today(user=cast.berit, by=cast.berit, now=NOW)
    Flag.objects.update(owner=cast.tove)
    send(cast, cast.lena, cast.tove, "leaving", last_day="2026-11-20")
    go(cast.greta, "clinic-person", {"do": "close"}, code=cast.tove.code)
    assert Flag.objects.get(kind="suicide").owner == cast.cecilia


@pytest.mark.parametrize(
    ("who", "status"), [("lena", 200), ("greta", 200), ("berit", 403), ("omar", 403), ("anna", 403)]
)
def test_who_sees_the_staff(cast: Cast, who: str, status: int) -> None:
    assert go(getattr(cast, who), "clinic-people").status_code == status
    assert go(getattr(cast, who), "clinic-person", code=cast.tove.code).status_code == status


def test_another_clinics_staff_does_not_exist(cast: Cast) -> None:
    assert go(cast.lena, "clinic-person", code=cast.david.code).status_code == 404
