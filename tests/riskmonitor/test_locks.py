"""Patients are locked before their flags, so that coming back and raising a flag never wait for each other."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction

from clinics.actions import end_absence, ill_today
from clinics.models import CareAssignment, User
from riskmonitor.actions import answer_follow_up, close_flag, covering, hand_over, let_take_over
from riskmonitor.actions.raising import hold_patient
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_climbing import raise_now

MINUTE = timedelta(minutes=1)
LATER = NOW + 10 * MINUTE
Work = Callable[[], object]


def _somebody_waits() -> bool:
    """Tell whether another connection waits for this one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
        )
        return bool(cursor.fetchone()[0])


def is_held_while_it_waits(work: Work, flag: Flag) -> bool:
    """Hold the patient, let the work wait for it in another thread, and tell whether it holds the flag meanwhile."""

    def wait() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=wait)
    try:
        with transaction.atomic():
            hold_patient(flag.patient_id)
            thread.start()
            limit = time.monotonic() + 20
            while not _somebody_waits():
                assert time.monotonic() < limit, "the work never asked for the patient"
                time.sleep(0.02)
            try:
                with transaction.atomic():
                    list(Flag.objects.filter(pk=flag.pk).select_for_update(nowait=True))
            except OperationalError:
                return True
            return False
    finally:
        thread.join()


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
    flag = raise_now(cast.annas)
    flag = close_flag(
        flag=flag, by=cast.berit, outcome="contacted", assessment="Bra.", action="", contact_at=NOW,
        contact_with="Anna", now=NOW,
    )  # fmt: skip
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
