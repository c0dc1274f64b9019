"""The clinic's figures equal an independent count, and move when a row is added."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain

import pytest
import time_machine
from django.db import connection
from django.test import Client

from clinics.models import Absence, Patient
from followup.figures import clinic_figures
from programs.actions import end_treatment
from programs.models import Treatment
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_cover
from tests.cast import NOW, Cast, make_treatment, make_user
from tests.riskmonitor.test_climbing import raise_now

AT = NOW + timedelta(minutes=30)
# Written against the tables, without the models: another way to the same number.
SQL = {
    "started": "SELECT count(*) FROM programs_treatment t JOIN clinics_patient p ON p.id = t.patient_id "
    "WHERE p.clinic_id = %(clinic)s AND t.started_at > %(now)s - interval '365 days' AND t.started_at <= %(now)s",
    "active": "SELECT count(*) FROM programs_treatment t JOIN clinics_patient p ON p.id = t.patient_id "
    "WHERE p.clinic_id = %(clinic)s AND t.state = 'active'",
    "completed": "SELECT count(*) FROM programs_treatment t JOIN clinics_patient p ON p.id = t.patient_id "
    "WHERE p.clinic_id = %(clinic)s AND t.state = 'completed' AND t.ended_at > %(now)s - interval '365 days'",
    "discontinued": "SELECT count(*) FROM programs_treatment t JOIN clinics_patient p ON p.id = t.patient_id "
    "WHERE p.clinic_id = %(clinic)s AND t.state = 'discontinued' AND t.ended_at > %(now)s - interval '365 days'",
    "open_flags": "SELECT count(*) FROM riskmonitor_flag WHERE clinic_id = %(clinic)s AND closed_at IS NULL",
    "overdue_flags": "SELECT count(*) FROM riskmonitor_flag WHERE clinic_id = %(clinic)s AND closed_at IS NULL "
    "AND due_at < %(now)s",
    "uncovered": "SELECT count(DISTINCT patient_id) FROM riskmonitor_flag WHERE clinic_id = %(clinic)s "
    "AND closed_at IS NULL AND kind = 'uncovered'",
}


def by_sql(cast: Cast) -> dict[str, int]:
    counted = {}
    with connection.cursor() as cursor:
        for name, query in SQL.items():
            cursor.execute(query, {"clinic": cast.eken.pk, "now": AT})
            counted[name] = cursor.fetchone()[0]
    return counted


def shown(cast: Cast) -> dict[str, int]:
    return {figure.id: figure.value for figure in clinic_figures(cast.eken, AT)}


def start_another(cast: Cast) -> None:
    make_treatment(make_user("Ny", "Person"), cast.eken, cast.berit, cast.cecilia, cast.revision)


def complete(cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)


def break_off(cast: Cast) -> None:
    end_treatment(treatment=cast.eriks, by=cast.berit, now=NOW, reason=Treatment.EndReason.BETTER)


def raise_a_flag(cast: Cast) -> None:
    raise_now(cast.annas)


def let_a_flag_be_late(cast: Cast) -> None:
    raise_now(cast.annas)
    Flag.objects.update(due_at=AT - timedelta(minutes=1))


def leave_uncovered(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia):
        Absence.objects.create(
            user=user, starts_at=NOW, ends_at=NOW + timedelta(days=3), created_at=NOW, created_by=user
        )
    check_cover(NOW)


@pytest.mark.parametrize(
    ("happen", "moved"),
    [
        (start_another, {"started": 1, "active": 1}),
        (complete, {"completed": 1, "active": -1}),
        (break_off, {"discontinued": 1, "active": -1}),
        (raise_a_flag, {"open_flags": 1}),
        (let_a_flag_be_late, {"open_flags": 1, "overdue_flags": 1}),
        (leave_uncovered, {"uncovered": 2, "open_flags": 2}),
    ],
)
def test_each_figure_equals_an_independent_count_and_moves_with_the_rows(cast: Cast, happen, moved) -> None:
    before = shown(cast)
    assert before == by_sql(cast)
    happen(cast)
    after = shown(cast)
    assert after == by_sql(cast)
    assert {name: after[name] - before[name] for name in after if after[name] != before[name]} == moved


@pytest.mark.hazard("H19a")
def test_the_lead_sees_her_clinic_and_how_each_figure_is_counted(cast: Cast, client: Client) -> None:
    patients = list(Patient.objects.filter(clinic=cast.eken).select_related("user"))
    for treatment in (cast.annas, cast.eriks):
        raise_now(treatment)
    assert set(Flag.objects.values_list("patient", flat=True)) == {each.pk for each in patients}
    client.force_login(cast.lena)
    with time_machine.travel(AT, tick=False):
        page = client.get("/clinic/").content.decode()
    assert "Uppföljning, Eken" in page
    assert page.count("Så räknas det") >= 7
    assert told_of(patients, page) == []


def test_a_figure_with_a_name_or_a_code_is_seen(cast: Cast) -> None:
    """The red twin."""
    anna, erik = cast.annas.patient, cast.eriks.patient
    assert told_of([anna, erik], f"<td>{cast.erik.last_name}</td>") == [cast.erik.last_name]
    assert told_of([anna, erik], f'<a href="/patients/{anna.code}/">1</a>') == [str(anna.code)]


def told_of(patients: list[Patient], page: str) -> list[str]:
    """Return what the page holds of any of the patients: names, personnummer, codes of theirs and of their flags."""
    own = [
        [
            each.user.first_name,
            each.user.last_name,
            each.user.email,
            each.personnummer,
            str(each.code),
            str(each.user.code),
        ]
        for each in patients
    ]
    flags = map(str, Flag.objects.filter(patient__in=patients).values_list("code", flat=True))
    return [word for word in [*chain.from_iterable(own), *flags] if word.lower() in page.lower()]


@pytest.mark.hazard("H19b")
def test_another_clinic_does_not_exist_for_her(cast: Cast, client: Client) -> None:
    client.force_login(cast.lena)
    assert client.get(f"/clinic/?clinic={cast.linden.code}").status_code == 404


@pytest.mark.hazard("H19b")
@pytest.mark.parametrize("who", ["anna", "berit", "omar", "frida", "greta"])
def test_others_are_refused(cast: Cast, client: Client, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get("/clinic/").status_code == 403


def test_the_page_costs_the_same_for_one_treatment_and_for_twenty(
    cast: Cast, client: Client, django_assert_max_num_queries
) -> None:
    for number in range(20):
        make_treatment(make_user(f"P{number}", "Q"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    client.force_login(cast.lena)
    client.get("/clinic/")
    with django_assert_max_num_queries(12):
        client.get("/clinic/")
