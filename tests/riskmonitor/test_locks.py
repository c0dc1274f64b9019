"""Rows are locked in the order that riskmonitor.actions states, so that no two people ever wait for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from django.db import OperationalError, connection, transaction

from clinics.actions import end_absence, ill_today
from clinics.models import CareAssignment, User
from programs.actions import plan_contact
from programs.models import Treatment
from riskmonitor.actions import (
    answer_follow_up,
    check_clinic,
    close_flag,
    covering,
    document,
    gaps,
    hand_over,
    let_take_over,
)
from riskmonitor.actions.raising import hold_patient
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_climbing import raise_now

MINUTE = timedelta(minutes=1)
LATER = NOW + 10 * MINUTE
TOMORROW = (NOW + timedelta(days=1)).date()
SAID = {"assessment": "Bra.", "action": ""}
SPOKE: dict[str, Any] = {"outcome": "contacted", "contact_at": NOW, "contact_with": "Anna"}
Work = Callable[[], object]
Seen = TypeVar("Seen")


def somebody_waits() -> bool:
    """Tell whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def while_held(hold: Work, work: Work, meanwhile: Callable[[], Seen]) -> Seen:
    """Hold rows, let the work wait for them in another thread, do something meanwhile, and let go."""

    def wait() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=wait)
    try:
        with transaction.atomic():
            hold()
            thread.start()
            limit = time.monotonic() + 20
            while not somebody_waits():
                assert time.monotonic() < limit, "the work never asked for what is held"
                time.sleep(0.02)
            return meanwhile()
    finally:
        thread.join()


def is_held_while_it_waits(work: Work, flag: Flag, hold: Work | None = None) -> bool:
    """Hold the flag's patient (or what `hold` holds), and tell whether the work that waits for it holds the flag."""

    def is_held() -> bool:
        try:
            with transaction.atomic():
                list(Flag.objects.filter(pk=flag.pk).select_for_update(nowait=True))
        except OperationalError:
            return True
        return False

    return while_held(hold or (lambda: hold_patient(flag.patient_id)), work, is_held)


def comes_back(cast: Cast) -> tuple[Work, Flag]:
    """Berit was ill, so that Anna's flag moved, and comes back when Cecilia's account is closed: Anna has a gap."""
    flag = raise_now(cast.annas)
    absence = ill_today(user=cast.berit, by=cast.berit, now=NOW + MINUTE)
    hand_over(absence=absence, now=NOW + MINUTE)
    User.objects.filter(pk=cast.cecilia.pk).update(is_active=False)
    ended = end_absence(absence=absence, by=cast.berit, now=LATER)
    return lambda: hand_over(absence=ended, now=LATER), flag


def is_named(cast: Cast) -> tuple[Work, Flag]:
    """Tove is named for Anna's flag, and the substitute's account is closed: Anna has a gap."""
    flag = raise_now(cast.annas)
    CareAssignment.objects.filter(pk=cast.annas.assignment_id).update(therapist=cast.tove)
    User.objects.filter(pk=cast.cecilia.pk).update(is_active=False)
    treatment = type(cast.annas).objects.select_related("assignment", "patient__clinic").get(pk=cast.annas.pk)
    return lambda: let_take_over(treatment=treatment, now=LATER), flag


def is_answered(cast: Cast) -> tuple[Work, Flag]:
    """Anna says on the follow-up page that she is not safe, when her flag was closed."""
    flag = close_flag(flag=raise_now(cast.annas), by=cast.berit, now=NOW, **SPOKE, **SAID)
    return lambda: answer_follow_up(flag=flag, plan=None, today=None, safe=False, by=cast.anna, now=LATER), flag


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("begin", [comes_back, is_named, is_answered])
def test_no_flag_is_held_while_its_patient_is_waited_for(begin: Callable[[Cast], tuple[Work, Flag]]) -> None:
    work, flag = begin(make_cast())
    assert not is_held_while_it_waits(work, flag)


@pytest.mark.django_db(transaction=True)
def test_with_flags_before_patients_each_would_wait_for_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: what is given back is locked before the clinic is looked at."""
    cast = make_cast()
    work, flag = comes_back(cast)
    look_at, absence = covering._look_at, cast.berit.absences.get()

    def flags_first(clinics, now) -> None:
        covering._give_back(absence, now)
        look_at(clinics, now)

    monkeypatch.setattr(covering, "_look_at", flags_first)
    assert is_held_while_it_waits(work, flag)


def two_are_bare(cast: Cast) -> tuple[Work, Flag, Work]:
    """Anna and Erik have their `uncovered` flags, and Eken is looked at anew while somebody holds the later of the two.

    Return the looking, the flag of the first, and the holding of the second.
    """
    User.objects.filter(pk=cast.cecilia.pk).update(is_active=False)
    assert check_clinic(cast.eken, NOW) == 2
    first, second = Flag.objects.order_by("patient_id")
    look = transaction.atomic(lambda: check_clinic(cast.eken, LATER))
    return look, first, lambda: hold_patient(second.patient_id)


@pytest.mark.django_db(transaction=True)
def test_no_flag_of_a_clinic_is_held_while_a_later_patient_is_waited_for() -> None:
    assert not is_held_while_it_waits(*two_are_bare(make_cast()))


@pytest.mark.django_db(transaction=True)
def test_with_one_patient_at_a_time_the_first_ones_flag_would_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr(gaps, "hold_patients", lambda pks: None)
    assert is_held_while_it_waits(*two_are_bare(make_cast()))


def documents(cast: Cast, flag: Flag) -> Work:
    return lambda: document(flag=flag, by=cast.berit, next_contact_on=TOMORROW, now=LATER, **SAID)


def closes(cast: Cast, flag: Flag) -> Work:
    return lambda: close_flag(flag=flag, by=cast.berit, next_contact_on=TOMORROW, now=LATER, **SPOKE, **SAID)


def documents_and_then_plans(cast: Cast, flag: Flag) -> Work:
    """As it was: the day is planned in the treatment when the flag is locked already."""

    def work() -> None:
        document(flag=flag, by=cast.berit, now=LATER, **SAID)
        plan_contact(treatment=cast.annas, on=TOMORROW, by=cast.berit, now=LATER)

    return transaction.atomic(work)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("begin", "is_held"), [(documents, False), (closes, False), (documents_and_then_plans, True)])
def test_the_treatment_is_asked_for_before_the_flag(begin: Callable[[Cast, Flag], Work], is_held: bool) -> None:
    """Naming others holds the treatment, and then asks for the patient's flags. The last case is the red twin."""
    cast = make_cast()
    flag, treatments = raise_now(cast.annas), Treatment.objects.select_for_update(no_key=True)
    held = is_held_while_it_waits(begin(cast, flag), flag, lambda: treatments.get(pk=cast.annas.pk))
    assert held is is_held
    cast.annas.refresh_from_db()
    assert cast.annas.next_contact_on == TOMORROW
