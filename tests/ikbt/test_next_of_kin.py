"""Whom the clinic may contact: the patient says yes, with a date, and can take it back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from clinics.actions.next_of_kin import name_next_of_kin, withdraw_next_of_kin
from clinics.models import AuditEvent, NextOfKin, User
from riskmonitor import actions
from riskmonitor.models import Flag
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn
from tests.cast import NOW, Cast

LATER = NOW + timedelta(minutes=10)
MARIA = {"name": "Maria Lind", "relation": "syster", "phone": "070-111 11 11"}
YES = MARIA | {"consent": "on"}


def visit(user: User, name: str, *codes: object, data: dict[str, str] | None = None) -> Any:
    client = Client()
    with time_machine.travel(LATER, tick=False):
        client.force_login(user)
        url = reverse(name, args=codes)
        return client.get(url) if data is None else client.post(url, data)


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def flagged(cast: Cast) -> Flag:
    found = [FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, "phq9.item9", item="9", value=2))]
    flag = actions.raise_flag(patient=cast.annas.patient, treatment=cast.annas, found=found, now=NOW)
    assert flag
    return flag


def test_the_patient_names_somebody_and_the_therapist_finds_the_number_on_the_flag(cast: Cast) -> None:
    flag = flagged(cast)
    assert "Inget samtycke" in words(visit(cast.berit, "flag", flag.code))
    assert visit(cast.anna, "next-of-kin", data=YES).status_code == 302
    kin = NextOfKin.objects.get()
    assert (kin.patient, kin.given_by, kin.given_at) == (cast.annas.patient, cast.anna, LATER)
    shown = words(visit(cast.berit, "flag", flag.code))
    assert 'Maria Lind, syster <a href="tel:070-1111111">' in shown
    assert "Maria Lind" in words(visit(cast.anna, "next-of-kin"))


@pytest.mark.parametrize("left_out", ["consent", "name", "phone"])
def test_without_a_yes_a_name_and_a_number_nothing_is_kept(cast: Cast, left_out: str) -> None:
    answer = visit(cast.anna, "next-of-kin", data={name: said for name, said in YES.items() if name != left_out})
    assert answer.status_code == 200
    assert 'role="alert"' in words(answer)
    assert 'value="syster"' in words(answer)
    assert not NextOfKin.objects.exists()


def test_a_number_without_digits_is_asked_for_again(cast: Cast) -> None:
    assert "Skriv ett telefonnummer med siffror" in words(
        visit(cast.anna, "next-of-kin", data=YES | {"phone": "hemligt"})
    )


def test_what_was_taken_back_stands_nowhere_from_that_moment_and_its_dates_stay(cast: Cast) -> None:
    flag = flagged(cast)
    visit(cast.anna, "next-of-kin", data=YES)
    assert visit(cast.anna, "next-of-kin-withdraw", data={}).status_code == 302
    for user, name, codes in (
        (cast.berit, "flag", [flag.code]),
        (cast.berit, "patient-next-of-kin", [cast.annas.patient.code]),
        (cast.anna, "next-of-kin", []),
    ):
        assert "Maria" not in words(visit(user, name, *codes))
    kin = NextOfKin.objects.get()
    assert (kin.withdrawn_by, kin.withdrawn_at) == (cast.anna, LATER)


def test_without_asking_for_consent_a_person_taken_back_would_be_rung(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin of the test above."""
    flag = flagged(cast)
    name_next_of_kin(patient=cast.annas.patient, **MARIA, by=cast.anna, now=NOW)
    withdraw_next_of_kin(patient=cast.annas.patient, by=cast.anna, now=NOW)
    monkeypatch.setattr(type(NextOfKin.objects.all()), "with_consent", lambda rows: rows)
    assert "Maria" in words(visit(cast.berit, "flag", flag.code))


def test_staff_write_it_down_with_the_patient_who_sees_by_whom(cast: Cast) -> None:
    assert visit(cast.berit, "patient-next-of-kin", cast.annas.patient.code, data=YES).status_code == 302
    assert "skrivet av Berit Almgren" in words(visit(cast.anna, "next-of-kin"))
    visit(cast.berit, "patient-next-of-kin-withdraw", cast.annas.patient.code, data={})
    assert NextOfKin.objects.get().withdrawn_by == cast.berit


def test_another_number_ends_the_consent_of_before_in_the_same_moment(cast: Cast) -> None:
    visit(cast.anna, "next-of-kin", data=YES)
    visit(cast.anna, "next-of-kin", data=YES | {"phone": "070-222 22 22"})
    first, second = NextOfKin.objects.order_by("pk")
    assert (first.withdrawn_at, second.withdrawn_at, second.phone) == (LATER, None, "070-222 22 22")


def test_two_consents_at_once_are_refused_by_the_database(cast: Cast) -> None:
    name_next_of_kin(patient=cast.annas.patient, **MARIA, by=cast.anna, now=NOW)
    with pytest.raises(DatabaseError, match="one_next_of_kin_with_consent"), transaction.atomic():
        NextOfKin.objects.create(patient=cast.annas.patient, name="Per", phone="1", given_at=NOW, given_by=cast.anna)


def test_each_change_leaves_a_row_and_taking_back_twice_one(cast: Cast) -> None:
    visit(cast.anna, "next-of-kin", data=YES)
    for _again in range(2):
        visit(cast.anna, "next-of-kin-withdraw", data={})
    rows = AuditEvent.objects.filter(what__startswith="next_of_kin", patient=cast.annas.patient.code)
    assert rows.count() == 2


@pytest.mark.parametrize(("who", "status"), [("david", 404), ("tove", 403), ("lena", 403), ("erik", 403)])
def test_who_does_not_care_for_the_patient_neither_reads_nor_writes(cast: Cast, who: str, status: int) -> None:
    user, code = getattr(cast, who), cast.annas.patient.code
    assert visit(user, "patient-next-of-kin", code).status_code == status
    assert visit(user, "patient-next-of-kin", code, data=YES).status_code == status
    assert not NextOfKin.objects.exists()
