"""Who watches the watcher: cover ahead, the auditor, the pulses, and the pages that tell of them."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from clinics.models import Absence, CareAssignment
from messaging.actions import send_message
from riskmonitor.actions import climbing
from riskmonitor.models import ChainCheck, Flag, Heartbeat
from riskmonitor.sweeps import audit_chain, check_cover, screen_one
from riskmonitor.watch.chain import beat, read_chain, warnings
from riskmonitor.watch.guard import Guard
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_climbing import raise_now

DAY = timedelta(days=1)


def away(user, start, end) -> Absence:
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=start, created_by=user)


def test_a_clinic_with_two_named_people_for_each_patient_has_no_gap(cast: Cast) -> None:
    assert check_cover(NOW) == 0
    assert not Flag.objects.exists()


@pytest.mark.parametrize(
    ("begins", "urgency"),
    [(timedelta(hours=1), "now"), (4 * DAY, "today"), (10 * DAY, "week")],
)
def test_a_gap_ahead_is_told_to_the_lead_before_it_begins(cast: Cast, begins: timedelta, urgency: str) -> None:
    for user in (cast.berit, cast.cecilia):
        away(user, NOW + begins, NOW + begins + 3 * DAY)
    assert check_cover(NOW) == 2
    flags = Flag.objects.filter(kind="uncovered")
    assert {(flag.urgency, flag.owner) for flag in flags} == {(urgency, cast.lena)}
    assert {flag.patient for flag in flags} == {cast.annas.patient, cast.eriks.patient}


def test_the_system_closes_the_flag_when_the_patient_is_covered_again(cast: Cast) -> None:
    absences = [away(user, NOW + DAY, NOW + 5 * DAY) for user in (cast.berit, cast.cecilia)]
    check_cover(NOW)
    absences[0].cancelled_at, absences[0].cancelled_by = NOW, cast.berit
    absences[0].save()
    assert check_cover(NOW + timedelta(minutes=5)) == 0
    assert {flag.outcome for flag in Flag.objects.all()} == {"covered_again"}


def test_checking_again_raises_nothing_twice(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia):
        away(user, NOW + DAY, NOW + 5 * DAY)
    check_cover(NOW)
    check_cover(NOW + timedelta(minutes=5))
    assert Flag.objects.count() == 2
    assert {flag.climbs for flag in Flag.objects.all()} == {1}


def test_the_auditor_finds_a_text_that_nobody_screens(cast: Cast) -> None:
    send_message(treatment=cast.annas, text="Hej.", key=uuid4(), by=cast.anna, now=NOW)
    assert audit_chain(NOW + timedelta(seconds=10)) == {}
    assert audit_chain(NOW + timedelta(minutes=1)) == {"unscreened": 1}
    while screen_one(NOW + timedelta(minutes=2)):
        pass
    assert audit_chain(NOW + timedelta(minutes=2)) == {}
    assert not ChainCheck.objects.exists()


@pytest.mark.hazard("H2e")
def test_the_auditor_finds_a_flag_that_does_not_climb(cast: Cast) -> None:
    raise_now(cast.annas)
    assert audit_chain(NOW + timedelta(minutes=32)).get("overdue") == 1


def test_the_auditor_finds_a_flag_whose_climb_fails(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    flag = raise_now(cast.annas)
    Flag.objects.filter(pk=flag.pk).update(failures=1)
    assert audit_chain(NOW) == {"failing": 1}


def test_with_worker_and_guard_dead_the_list_of_rows_still_tells_that_screening_is_late(cast: Cast) -> None:
    sent = timezone.now() - timedelta(minutes=2)
    send_message(treatment=cast.annas, text="Hej.", key=uuid4(), by=cast.anna, now=sent)
    assert warnings() == {"texts"}
    assert read_chain().silent == ["worker", "guard", "guard-2"]


def test_a_pulse_is_one_row_per_process_with_the_databases_clock(cast: Cast) -> None:
    beat("guard")
    beat("guard")
    assert Heartbeat.objects.count() == 1
    assert read_chain().ages["guard"] < 5
    assert read_chain().silent == ["worker", "guard-2"]


def test_alive_ready_and_metrics(cast: Cast, client: Client) -> None:
    assert client.get("/alive/").content == b"alive\n"
    ready = client.get("/ready/").json()
    assert ready["ready"] is True
    assert ready["degraded"] == ["worker", "guard", "guard-2"]
    assert client.get("/metrics/").status_code == 403
    figures = client.get("/metrics/", headers={"X-Metrics-Key": "for-tests-only"}).content.decode()
    assert "ikbt_open_flags 0" in figures
    assert 'ikbt_heartbeat_age_seconds{process="guard"} -1' in figures


@pytest.mark.hazard("H1c")
@pytest.mark.django_db(transaction=True)
def test_the_guard_screens_and_climbs_without_a_broker_and_stops_when_told() -> None:
    cast = make_cast()
    now = timezone.now()
    send_message(treatment=cast.annas, text="Jag vill inte leva.", key=uuid4(), by=cast.anna, now=now)
    guard = Guard("guard-2")

    def run() -> None:
        guard.run()
        connection.close()

    process = threading.Thread(target=run)
    process.start()
    for _ in range(100):
        if Flag.objects.filter(patient=cast.annas.patient, kind="suicide").exists() and Heartbeat.objects.exists():
            break
        threading.Event().wait(0.1)
    guard.stop()
    process.join(timeout=20)
    assert not process.is_alive()
    assert list(Flag.objects.filter(kind="suicide").values_list("patient", flat=True)) == [cast.annas.patient_id]
    assert Heartbeat.objects.get().process == "guard-2"


def test_every_open_assignment_has_an_owner_for_its_flags(cast: Cast) -> None:
    raise_now(cast.annas)
    assert climbing.owned_flags(cast.eken) == {str(cast.berit.code): 1}
    assert CareAssignment.objects.active_at(NOW).count() == 3
