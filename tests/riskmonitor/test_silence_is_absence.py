"""Somebody who is not seen while something waits is taken as away: like any absence, and until the person is back."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from clinics.actions import end_absence, ill_today, plan_absence
from clinics.audit import Did, audit
from clinics.models import Absence, AuditEvent, CareAssignment, Patient, User
from messaging.actions import send_message
from messaging.models import Notice
from messaging.reading import promise_for
from programs.actions import send_module
from riskmonitor.models import Flag
from riskmonitor.sweeps import away, escalate_one, notice_silence
from riskmonitor.unanswered import silent
from tests.cast import NOW, Cast, make_clinic, make_therapist, make_treatment, make_user
from tests.riskmonitor.test_absence_pages import go, mark, words

MONDAY = NOW + timedelta(days=3)  # 10.00
AFTER_EIGHT_HOURS = MONDAY - timedelta(hours=1)  # seven on Friday, one on Monday
AFTER_THREE_DAYS = NOW + timedelta(days=5)
MINUTE = timedelta(minutes=1)


def seen(user: User, at: datetime) -> None:
    audit(by=user, did=Did.READ, what="page", now=at)


def taken(user: User) -> list[Absence]:
    return list(Absence.objects.filter(user=user, kind="silent"))


def write(cast: Cast, at: datetime = NOW) -> None:
    send_message(treatment=cast.annas, text="Hej.", key=uuid4(), by=cast.anna, now=at)


def test_after_eight_working_hours_with_a_pressing_flag(cast: Cast) -> None:
    mark(cast)
    assert notice_silence(AFTER_EIGHT_HOURS - MINUTE) == 0
    assert notice_silence(AFTER_EIGHT_HOURS) > 0
    (absence,) = taken(cast.berit)
    assert (absence.starts_at, absence.ends_at, absence.created_by) == (AFTER_EIGHT_HOURS, None, None)


def test_after_three_working_days_with_a_message_that_nobody_read(cast: Cast) -> None:
    write(cast)
    assert notice_silence(AFTER_THREE_DAYS - MINUTE) == 0
    assert notice_silence(AFTER_THREE_DAYS) == 1
    assert taken(cast.berit)


def test_after_three_working_days_with_a_module_that_nobody_answered(cast: Cast) -> None:
    step = cast.annas.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    send_module(step=step, answers={"tanke": "Jag provade."}, key=uuid4(), by=cast.anna, now=NOW)
    assert notice_silence(AFTER_THREE_DAYS - MINUTE) == 0
    assert notice_silence(AFTER_THREE_DAYS) == 1


def test_nobody_is_away_while_nothing_waits(cast: Cast) -> None:
    assert notice_silence(NOW + timedelta(days=60)) == 0


def test_who_was_seen_is_not_away(cast: Cast) -> None:
    write(cast)
    seen(cast.berit, AFTER_THREE_DAYS - MINUTE)
    assert notice_silence(AFTER_THREE_DAYS) == 0


def test_who_is_seen_while_the_sweep_looks_is_not_away(cast: Cast) -> None:
    write(cast)
    (found,) = silent(AFTER_THREE_DAYS)
    seen(cast.berit, AFTER_THREE_DAYS)
    assert not away._take(found, AFTER_THREE_DAYS)
    assert not Absence.objects.exists()


def test_a_flag_that_somebody_has_taken_on_waits_for_nobody_else(cast: Cast) -> None:
    flag = mark(cast)
    Flag.objects.filter(pk=flag.pk).update(acknowledged_at=NOW, acknowledged_by=cast.cecilia)
    assert notice_silence(AFTER_EIGHT_HOURS) == 0


def test_a_known_absence_is_no_silence_and_the_words_wait_for_who_stands_in(cast: Cast) -> None:
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=30), stand_ins={}, by=cast.berit, now=NOW)
    write(cast)
    assert notice_silence(AFTER_THREE_DAYS) == 1
    assert taken(cast.cecilia)
    assert not taken(cast.berit)


def test_the_flag_goes_on_in_the_same_second_and_the_substitute_is_told(cast: Cast) -> None:
    flag = mark(cast)
    seen(cast.cecilia, AFTER_EIGHT_HOURS - MINUTE)
    notice_silence(AFTER_EIGHT_HOURS)
    flag.refresh_from_db()
    assert flag.owner != cast.berit
    assert Notice.objects.filter(kind="cover_starts", recipient=cast.cecilia).exists()
    with_words = Patient.objects.in_care_of(cast.cecilia, AFTER_EIGHT_HOURS)
    assert set(with_words) == {cast.annas.patient, cast.eriks.patient}


def test_the_patient_is_told_who_answers_and_no_day_that_nobody_knows(cast: Cast) -> None:
    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    promise = promise_for(CareAssignment.objects.get(pk=cast.annas.assignment_id), AFTER_THREE_DAYS)
    assert (promise.is_away, promise.stand_in_name, promise.away_until) == (True, "Cecilia Ek", None)


def test_a_lone_therapists_silence_flags_what_it_leaves_uncovered(cast: Cast) -> None:
    ill_today(user=cast.cecilia, by=cast.lena, now=NOW, ends_at=NOW + timedelta(days=30))
    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    assert Flag.objects.open().filter(kind="uncovered", clinic=cast.eken).count() == 2


def test_signing_in_ends_it_says_so_and_is_logged(cast: Cast) -> None:
    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    back = AFTER_THREE_DAYS + timedelta(hours=2)
    go(cast.berit, "absence", at=back)
    (absence,) = taken(cast.berit)
    assert absence.ends_at == back
    assert AuditEvent.objects.filter(job="take_as_away", what=f"absence:{absence.code}").count() == 1
    assert AuditEvent.objects.filter(actor=cast.berit.code, what=f"absence:{absence.code}").count() == 1


def test_the_person_reads_it_on_the_first_page(cast: Cast) -> None:
    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    cast.berit.set_password("en lang mening om snoe")
    cast.berit.save(update_fields=["password"])
    typed = {"login": cast.berit.email, "password": "en lang mening om snoe"}
    with time_machine.travel(AFTER_THREE_DAYS + MINUTE, tick=False):
        answer = Client().post("/accounts/login/", typed, follow=True)
    assert "räknade vi dig som borta" in words(answer)


def at_the_desk(cast: Cast, at: datetime) -> Client:
    """A session of Berit's which is older than her silence."""
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(cast.berit)
    Absence.objects.create(user=cast.berit, kind="silent", starts_at=at, created_at=at)
    return client


def test_a_session_that_outlives_the_silence_ends_it_with_its_first_page(cast: Cast) -> None:
    client = at_the_desk(cast, NOW)
    with time_machine.travel(NOW + MINUTE, tick=False):
        page = client.get("/account/")
    assert taken(cast.berit)[0].ends_at == NOW + MINUTE
    assert "räknade vi dig som borta" in words(page)
    with time_machine.travel(NOW + 2 * MINUTE, tick=False):
        assert "räknade vi dig som borta" not in words(client.get("/account/"))


def test_a_list_that_looks_for_news_by_itself_is_nobody(cast: Cast) -> None:
    client = at_the_desk(cast, NOW)
    with time_machine.travel(NOW + MINUTE, tick=False):
        client.get("/worklist/poll/", headers={"HX-Request": "true"})
    assert taken(cast.berit)[0].ends_at is None


def test_looking_for_silence_costs_no_query(cast: Cast) -> None:
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(cast.berit)
        client.get("/account/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/account/")
    assert sum("clinics_absence" in query["sql"] for query in queries) == 1
    assert sum("clinics_membership" in query["sql"] for query in queries) == 1


def test_without_it_a_session_would_outlive_the_silence(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("ikbt.middleware.is_taken_as_away", lambda user: False)
    client = at_the_desk(cast, NOW)
    with time_machine.travel(NOW + MINUTE, tick=False):
        client.get("/account/")
    assert taken(cast.berit)[0].ends_at is None


def test_nobody_is_kept_out_when_the_flags_cannot_be_given_back(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(**_given: object) -> None:
        raise LookupError("one patient's rows are broken")

    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    monkeypatch.setattr("riskmonitor.coming_back.hand_over", breaks)
    back = AFTER_THREE_DAYS + timedelta(hours=2)
    assert go(cast.berit, "absence", at=back).status_code == 200
    assert taken(cast.berit)[0].ends_at == back


def test_signing_in_ends_no_absence_that_somebody_reported(cast: Cast) -> None:
    ill_today(user=cast.berit, by=cast.berit, now=NOW)
    go(cast.berit, "absence", at=NOW + MINUTE)
    assert Absence.objects.ongoing(NOW + 2 * MINUTE).filter(user=cast.berit).exists()


def test_the_lead_sees_it_and_may_report_illness_all_the_same(cast: Cast) -> None:
    write(cast)
    notice_silence(AFTER_THREE_DAYS)
    assert "Har inte synts medan något väntade" in words(go(cast.lena, "clinic-absence", at=AFTER_THREE_DAYS))
    until = AFTER_THREE_DAYS + timedelta(days=10)
    plan_absence(
        user=cast.berit, starts_at=AFTER_THREE_DAYS, ends_at=until, stand_ins={}, by=cast.lena, now=AFTER_THREE_DAYS
    )


def test_a_lead_is_taken_as_away_only_while_the_deputy_is_there(cast: Cast) -> None:
    """When nobody answers at all, it rings with the last one who leads: silence may not end the ringing."""
    mark(cast)
    at = NOW
    while at < MONDAY + timedelta(days=9):
        at += timedelta(hours=3)
        while escalate_one(at):
            pass
        notice_silence(at)
    led = [user for user in (cast.lena, cast.hassan) if not taken(user)]
    assert len(led) == 1
    assert Flag.objects.get(kind="suicide", closed_at=None).owner in led


def test_it_is_one_absence_however_often_the_sweep_looks(cast: Cast) -> None:
    write(cast)
    assert [notice_silence(AFTER_THREE_DAYS + n * MINUTE) for n in range(3)] == [1, 0, 0]
    (absence,) = taken(cast.berit)
    end_absence(absence=absence, by=cast.lena, now=AFTER_THREE_DAYS + timedelta(hours=1))
    assert notice_silence(AFTER_THREE_DAYS + timedelta(hours=2)) == 1  # ended by the lead, and not seen since


def test_the_database_keeps_an_absence_without_an_end_for_silence(cast: Cast) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(user=cast.berit, starts_at=NOW, created_at=NOW, created_by=cast.berit)
    Absence.objects.create(user=cast.berit, kind="silent", starts_at=NOW, created_at=NOW)
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(user=cast.berit, kind="silent", starts_at=NOW, created_at=NOW)


def test_as_many_queries_for_one_patient_as_for_many(cast: Cast) -> None:
    write(cast)
    with CaptureQueriesContext(connection) as few:
        silent(AFTER_THREE_DAYS)
    for number in range(5):
        user = make_user(f"Patient{number}", "Lund")
        treatment = make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
        send_message(treatment=treatment, text="Hej.", key=uuid4(), by=user, now=NOW)
    with CaptureQueriesContext(connection) as many:
        assert len(silent(AFTER_THREE_DAYS)) == 1
    assert len(few) == len(many) == 11


@pytest.mark.hazard("H3c")
def test_a_flag_does_not_stay_with_somebody_whose_absence_nobody_reported(cast: Cast) -> None:
    flag = mark(cast)
    Flag.objects.filter(pk=flag.pk).update(next_step_at=NOW + timedelta(days=30))  # the climb, the other net, fails
    seen(cast.cecilia, AFTER_EIGHT_HOURS - MINUTE)
    notice_silence(AFTER_EIGHT_HOURS)
    flag.refresh_from_db()
    assert flag.owner != cast.berit
    assert flag.events.filter(kind="notified", to=cast.cecilia, at=AFTER_EIGHT_HOURS).exists()


def test_a_patient_of_another_clinic_counts_with_its_own_hours(cast: Cast) -> None:
    third = make_clinic(cast.region, "Rönn")
    make_therapist(third, cast.berit)
    third.opening_hours.all().delete()
    treatment = make_treatment(make_user("Maj", "Ek"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    Patient.objects.filter(pk=treatment.patient_id).update(clinic=third)
    send_message(treatment=treatment, text="Hej.", key=uuid4(), by=treatment.patient.user, now=NOW)
    assert silent(AFTER_THREE_DAYS) == []
