"""The sweep that looks for gaps: one patient at a time, held and then looked at; no fault stops it for the others."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from clinics.models import Patient, User
from riskmonitor.actions import check_clinic, gaps
from riskmonitor.actions.raising import hold_patient
from riskmonitor.models import Flag
from riskmonitor.sweeps import audit_chain, check_cover, covering
from riskmonitor.watch.uncovered import look_ahead
from tests.cast import NOW, Cast, make_cast, make_clinic, make_therapist, make_treatment, make_user
from tests.riskmonitor.test_locks import LATER, MINUTE, Work, while_held


def without_cecilia(*, is_active: bool = False) -> None:
    """She is the substitute of Anna and Erik, and only while her account is open is anybody behind them."""
    User.objects.filter(first_name="Cecilia").update(is_active=is_active)


def breaks_for(patient: Patient, error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    raise_uncovered: Any = gaps.raise_uncovered

    def broken(**given: Any) -> object:
        if given["patient"] == patient:
            raise error
        return raise_uncovered(**given)

    monkeypatch.setattr(gaps, "raise_uncovered", broken)


def bare() -> set[Patient]:
    return {flag.patient for flag in Flag.objects.open().filter(kind="uncovered")}


@pytest.mark.parametrize("error", [ZeroDivisionError(), OperationalError("canceling statement due to lock timeout")])
def test_a_patient_who_breaks_stops_nobody_behind_and_is_counted(
    cast: Cast, error: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    without_cecilia()
    first, second = sorted([cast.annas.patient, cast.eriks.patient], key=lambda each: each.pk)
    with monkeypatch.context() as meanwhile:
        breaks_for(first, error, meanwhile)
        assert check_cover(NOW) == 1
    assert bare() == {second}
    assert "cover.patient_not_checked" in caplog.text
    assert audit_chain(NOW)["cover_not_checked"] == 1
    assert check_cover(LATER) == 2
    assert bare() == {first, second}
    assert "cover_not_checked" not in audit_chain(LATER)


def test_without_a_try_for_each_nobody_behind_would_be_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    without_cecilia()
    breaks_for(min(cast.annas.patient, cast.eriks.patient, key=lambda each: each.pk), ZeroDivisionError(), monkeypatch)
    monkeypatch.setattr(
        covering, "_is_bare", lambda patient, clinic, now: gaps.check_patient(patient=patient, clinic=clinic, now=now)
    )
    with pytest.raises(ZeroDivisionError):
        check_cover(NOW)
    assert bare() == set()


def test_a_patient_who_breaks_stops_no_closing(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erik has two people again, and what is behind Anna cannot be told."""
    without_cecilia()
    check_cover(NOW)
    breaks_for(cast.annas.patient, ZeroDivisionError(), monkeypatch)
    assignment = cast.eriks.assignment
    assignment.substitute = cast.tove
    assignment.save(update_fields=["substitute"])
    check_cover(LATER)
    assert bare() == {cast.annas.patient}


def test_a_clinic_that_breaks_is_counted_and_the_next_is_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    without_cecilia()
    User.objects.filter(pk=cast.siv.pk).update(is_active=False)

    def broken(clinic: Any, now: Any, **among: Any) -> object:
        if clinic == cast.eken:
            raise ZeroDivisionError
        return look_ahead(clinic, now, **among)

    monkeypatch.setattr(gaps, "look_ahead", broken)
    check_cover(NOW)
    assert bare() == {cast.nilss.patient}
    assert audit_chain(NOW)["cover_not_checked"] == 1


def test_where_clinics_cannot_be_read_at_once_each_clinic_reads_its_own(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> object:
        raise ZeroDivisionError

    without_cecilia()
    monkeypatch.setattr(covering, "read_at_once", broken)
    assert check_cover(NOW) == 2
    assert bare() == {cast.annas.patient, cast.eriks.patient}
    assert "cover.not_read_at_once" in caplog.text


def test_where_nobody_is_bare_nobody_is_held_and_one_more_clinic_costs_two_questions(cast: Cast) -> None:
    """Its hours, and its people."""

    def asked() -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            assert check_cover(NOW) == 0
        return [query["sql"] for query in captured]

    before = asked()
    assert not [sql for sql in before if "FOR NO KEY UPDATE" in sql or "FOR UPDATE" in sql]
    clinic = make_clinic(cast.eken.region, "Almen")
    therapist, substitute = (make_user(name, "Alm") for name in ("Ture", "Stina"))
    for person in (therapist, substitute):
        make_therapist(clinic, person)
    for name in ("Frida", "Gun"):
        make_treatment(make_user(name, "Alm"), clinic, therapist, substitute, cast.revision)
    assert len(asked()) == len(before) + 2


def covered_while_they_wait(look: Work) -> set[Patient]:
    """Somebody stands behind Anna and Erik again while the looking waits for the first of them."""
    without_cecilia()
    first = Patient.objects.filter(treatments__assignment__substitute__first_name="Cecilia").earliest("pk")
    while_held(lambda: hold_patient(first.pk), look, lambda: without_cecilia(is_active=True))
    return bare()


def by_the_sweep() -> object:
    return check_cover(LATER)


def by_a_verb() -> object:
    return check_clinic(User.objects.get(first_name="Lena").memberships.get().clinic, LATER)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", [by_the_sweep, by_a_verb])
def test_who_is_covered_while_the_patient_is_waited_for_is_not_flagged(look: Work) -> None:
    make_cast()
    assert covered_while_they_wait(look) == set()
    assert not Flag.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("look", [by_the_sweep, by_a_verb])
def test_by_what_was_seen_before_the_lock_they_would_be(look: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    make_cast()
    seen: dict[Any, Any] = {}
    monkeypatch.setattr(
        gaps, "look_ahead", lambda clinic, now, **_among: seen.setdefault(clinic, look_ahead(clinic, now))
    )
    assert covered_while_they_wait(look)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("look", "is_free"), [(by_the_sweep, True), (by_a_verb, False)])
def test_the_sweep_holds_nobody_while_it_waits_for_a_patient(look: Work, is_free: bool) -> None:
    """A verb must hold all of them, in one order; whoever writes of danger meanwhile waits for no sweep."""
    make_cast()
    without_cecilia()
    check_cover(NOW + MINUTE)
    first, second = Flag.objects.order_by("patient_id").values_list("patient", flat=True)
    free: list[int] = []

    def see_who_is_free() -> None:
        rows = Patient.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=first)
        free.extend(rows.values_list("pk", flat=True))

    while_held(lambda: hold_patient(second), look, see_who_is_free)
    assert free == [first][:is_free]
