"""Moments in which a sign could be lost, late, or left with nobody: each was once a fault, found by reading."""

from __future__ import annotations

import threading
from datetime import time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from clinics.models import Absence, AccessGrant, Membership, OpeningHours, Profession, User, WorkingHours
from messaging.actions import send_message
from messaging.models import Message
from programs.actions import end_treatment, save_draft, send_measure
from programs.models import Draft, Submission, Treatment
from programs.shipped import instruments
from riskmonitor import actions
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.sweeps import audit_chain, check_cover, drafts, escalate_one, escalating, flag_marked_draft, screen_one
from riskmonitor.watch.chain import warnings
from tests.cast import NOW, Cast, make_cast, make_treatment

DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
ZEROS = {str(item): 0 for item in range(1, 10)}
WRITTEN = {"assessment": "Tankar utan plan.", "action": "Krisplan."}
PHRASES = [
    "Jag vill inte leva.", "Jag vill dö.", "Jag har tänkt ta livet av mig.", "Jag orkar inte leva längre.",
    "Jag är en börda för alla.", "Jag har skurit mig.", "Det vore bättre om jag var död.",
]  # fmt: skip


def mark(treatment: Treatment, value: int, now=NOW, key: UUID | None = None) -> Submission:
    phq9 = instruments()["phq9"]
    return send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=ZEROS | {"9": value}, key=key or uuid4(),
        by=treatment.patient.user, now=now,
    )  # fmt: skip


def keep(cast: Cast, value: int, now, version: int = 0) -> Draft:
    return save_draft(
        owner=cast.anna, treatment=cast.annas, form_key="measure:phq9", data={"9": str(value)}, version=version,
        now=now, is_measure=True,
    )[0]  # fmt: skip


def away(user: User, start, end, created=None) -> Absence:
    return Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=created or start, created_by=user)


def close(by: User, now) -> None:
    actions.close_flag(
        flag=Flag.objects.get(closed_at=None), by=by, outcome="contacted", contact_at=now, contact_with="Anna",
        now=now, **WRITTEN,
    )  # fmt: skip


def sweep(sweeper, now) -> None:
    while sweeper(now):
        pass


def test_a_worse_mark_in_the_same_unsent_form_alerts_again(cast: Cast) -> None:
    kept = keep(cast, 1, NOW)
    sweep(flag_marked_draft, NOW + 16 * MINUTE)
    assert Flag.objects.get().urgency == "today"
    keep(cast, 3, NOW + 20 * MINUTE, kept.version)
    sweep(flag_marked_draft, NOW + 40 * MINUTE)
    assert Flag.objects.get().urgency == "now"


def test_a_worse_mark_in_the_same_unsent_form_raises_anew_after_closing(cast: Cast) -> None:
    kept = keep(cast, 1, NOW)
    sweep(flag_marked_draft, NOW + 16 * MINUTE)
    close(cast.berit, NOW + 18 * MINUTE)
    keep(cast, 3, NOW + 2 * DAY, kept.version)
    sweep(flag_marked_draft, NOW + 2 * DAY + 16 * MINUTE)
    assert Flag.objects.open().exists()


@pytest.mark.django_db(transaction=True)
def test_sending_while_the_sweep_looks_at_the_draft_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    keep(cast, 2, NOW)
    looking, go_on, real, faults = threading.Event(), threading.Event(), drafts._look_at, []

    def slowly(*args: object) -> None:
        looking.set()
        go_on.wait(5)
        real(*args)

    def look() -> None:
        try:
            flag_marked_draft(NOW + 16 * MINUTE)
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    monkeypatch.setattr(drafts, "_look_at", slowly)
    sweeper = threading.Thread(target=look)
    sweeper.start()
    looking.wait(5)
    threading.Timer(0.5, go_on.set).start()
    mark(cast.annas, 2, NOW + 16 * MINUTE)
    sweeper.join()
    assert faults == []
    assert Submission.objects.count() == 1
    assert {flag.kind for flag in Flag.objects.all()} == {"suicide"}


def test_a_patient_who_keeps_writing_is_reached_by_the_chain(cast: Cast) -> None:
    for number, phrase in enumerate(PHRASES):
        at = NOW + number * 25 * MINUTE
        sweep(escalate_one, at)
        send_message(treatment=cast.annas, text=phrase, key=uuid4(), by=cast.anna, now=at)
        sweep(screen_one, at)
    told = {event.to.first_name for event in FlagEvent.objects.filter(kind="notified")}
    assert {"Berit", "Cecilia", "Tove", "Lena"} <= told


def test_the_time_to_answer_never_moves_away_from_a_flag_that_nobody_has_taken(cast: Cast) -> None:
    mark(cast.annas, 2)
    due = Flag.objects.get().due_at
    mark(cast.annas, 3, NOW + 55 * MINUTE)
    assert Flag.objects.get().due_at == due


def test_a_gap_that_comes_nearer_alerts_again(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia):
        away(user, NOW + 10 * DAY, NOW + 13 * DAY)
    check_cover(NOW)
    assert {flag.urgency for flag in Flag.objects.all()} == {"week"}
    check_cover(NOW + 9 * DAY + timedelta(hours=20))
    assert {flag.urgency for flag in Flag.objects.all()} == {"now"}


def two_rows_that_overlap(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.tove, role="therapist")
    for starts, ends in [(time(8), time(12)), (time(11), time(17))]:
        WorkingHours.objects.create(membership=membership, weekday=0, starts=starts, ends=ends)


def test_hours_that_overlap_silence_nobody(cast: Cast) -> None:
    two_rows_that_overlap(cast)
    mark(cast.annas, 3)
    assert Flag.objects.get().failures == 0


def test_a_climb_that_fails_leaves_the_flag_due_and_counted(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("riskmonitor.actions.climbing.next_step", broken)
    mark(cast.annas, 3)
    flag = Flag.objects.get()
    assert (flag.kind, flag.owner, flag.next_step_at, flag.failures) == ("suicide", cast.berit, NOW, 1)
    assert audit_chain(NOW)["failing"] == 1
    assert warnings(NOW) == {"flags"}


def test_a_clinic_that_breaks_does_not_leave_the_next_unchecked(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from riskmonitor.sweeps import covering

    real = covering.patients_to_check

    def check(clinics, now, **read) -> list[int]:
        if clinics == [cast.eken]:
            raise ZeroDivisionError
        return real(clinics, now, **read)

    monkeypatch.setattr(covering, "patients_to_check", check)
    for user in (cast.david, cast.siv):
        away(user, NOW + 2 * DAY, NOW + 6 * DAY)
    check_cover(NOW)
    assert Flag.objects.get().patient == cast.nilss.patient


def test_a_clinic_without_hours_covers_nobody(cast: Cast) -> None:
    OpeningHours.objects.filter(clinic=cast.eken).delete()
    assert check_cover(NOW) == 2


def test_attempts_without_end_do_not_block_screening(cast: Cast) -> None:
    message = send_message(treatment=cast.annas, text="Hej.", key=uuid4(), by=cast.anna, now=NOW)
    Message.objects.filter(pk=message.pk).update(screen_attempts=32767)
    assert screen_one(NOW)
    assert Flag.objects.get().kind == "unscreenable"


@pytest.mark.parametrize("how", ["account closed", "membership ended"])
def test_an_owner_who_no_longer_works_here_is_followed(cast: Cast, how: str) -> None:
    mark(cast.annas, 1)
    if how == "account closed":
        User.objects.filter(pk=cast.berit.pk).update(is_active=False)
    else:
        Membership.objects.filter(user=cast.berit).update(ended_at=NOW + MINUTE)
    sweep(escalate_one, NOW + 5 * MINUTE)
    assert Flag.objects.get().owner != cast.berit


def test_an_owner_whose_week_is_over_is_followed_at_its_end(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.berit, role="therapist")
    WorkingHours.objects.create(membership=membership, weekday=4, starts=time(8), ends=time(15))
    mark(cast.annas, 1)
    assert Flag.objects.get().next_step_at == NOW + timedelta(hours=5)
    sweep(escalate_one, NOW + timedelta(hours=5))
    assert Flag.objects.get().owner == cast.cecilia


def test_on_saturday_the_owner_is_who_will_be_there_on_monday(cast: Cast) -> None:
    away(cast.berit, NOW + 2 * DAY + timedelta(hours=14), NOW + 9 * DAY, created=NOW - 10 * DAY)
    mark(cast.annas, 1)
    sweep(escalate_one, NOW + DAY)
    assert Flag.objects.get().owner == cast.cecilia


def test_everybody_away_warns_the_staff(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia, cast.tove, cast.lena, cast.hassan):
        away(user, NOW, NOW + DAY)
    mark(cast.annas, 2)
    assert warnings(NOW) == {"flags"}


def test_the_auditor_sees_marked_drafts_that_nobody_looks_at(cast: Cast) -> None:
    keep(cast, 3, NOW)
    assert audit_chain(NOW + timedelta(hours=5)) == {"unscreened_drafts": 1}


def test_the_same_marks_from_a_page_of_last_week_are_new_answers(cast: Cast) -> None:
    key = uuid4()
    mark(cast.annas, 2, NOW, key)
    close(cast.berit, NOW + MINUTE)
    mark(cast.annas, 2, NOW + 7 * DAY, key)
    assert Flag.objects.open().exists()


def test_what_a_human_has_read_is_not_raised_again_by_the_second_net(cast: Cast) -> None:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas, instrument=phq9, version="old", answers=ZEROS, key=uuid4(), by=cast.anna, now=NOW
    )
    actions.close_flag(
        flag=Flag.objects.get(), by=cast.berit, outcome="read_nothing", contact_at=None, contact_with="",
        now=NOW + MINUTE, **WRITTEN,
    )  # fmt: skip
    sweep(screen_one, NOW + 2 * MINUTE)
    assert not Flag.objects.open().exists()


def test_an_uncovered_flag_opens_nobodys_words_and_closes_with_the_treatment(cast: Cast) -> None:
    Membership.objects.filter(user=cast.lena).update(profession=Profession.PSYCHOLOGIST)
    for user in (cast.berit, cast.cecilia):
        away(user, NOW + DAY, NOW + 5 * DAY)
    check_cover(NOW)
    assert not AccessGrant.objects.filter(user=cast.lena).exists()
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW + MINUTE)
    check_cover(NOW + 5 * MINUTE)
    assert [flag.patient for flag in Flag.objects.open()] == [cast.eriks.patient]


def test_a_finding_of_a_new_treatment_goes_to_its_own_therapist(cast: Cast) -> None:
    mark(cast.annas, 1)
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW + MINUTE)
    new = make_treatment(cast.anna, cast.eken, cast.tove, cast.cecilia, cast.revision)
    mark(new, 3, NOW + 2 * MINUTE)
    assert Flag.objects.get().owner == cast.tove


def test_a_flag_that_the_database_refuses_does_not_stop_the_others(cast: Cast, monkeypatch) -> None:
    mark(cast.annas, 2)
    mark(cast.nilss, 2, NOW + MINUTE)
    real = escalating.climb

    def climb(flag: Flag, now) -> None:
        if flag.patient_id == cast.annas.patient_id:
            raise OperationalError("canceling statement due to statement timeout")
        real(flag, now)

    monkeypatch.setattr(escalating, "climb", climb)
    sweep(escalate_one, NOW + 40 * MINUTE)
    assert Flag.objects.get(patient=cast.nilss.patient).owner == cast.siv
    assert Flag.objects.get(patient=cast.annas.patient).failures == 1
