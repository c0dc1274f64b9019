"""Who reads and by when: the words that patients get, as values."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from clinics.cover.coverage import Assignment, Clinician, Interval, People
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime
from clinics.models import Absence, CareAssignment, Cover, Membership, User, WorkingHours
from messaging.promises import reply_promise
from messaging.reading import promise_for
from tests.cast import NOW, Cast

PROGRAMME = "depression"
clinic = WorkingTime(Hours(dict.fromkeys(range(5), ((time(8), time(17)),))))
berit = Clinician("berit", "Berit", frozenset({PROGRAMME}))
cecilia = Clinician("cecilia", "Cecilia", frozenset({PROGRAMME}))
lena = Clinician("lena", "Lena", may_treat=False)
assignment = Assignment(PROGRAMME, "berit", "cecilia")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def people(*persons: Clinician) -> People:
    return People({person.code: person for person in (berit, cecilia, *persons)}, lead="lena")


@pytest.mark.hazard("H9a")
@pytest.mark.parametrize(
    ("sent", "by"),
    [
        ("2026-11-18T10:00", date(2026, 11, 20)),  # Wednesday, Friday
        ("2026-11-20T10:00", date(2026, 11, 24)),  # over the weekend
        ("2026-11-21T23:00", date(2026, 11, 25)),  # counted from the opening on Monday
        ("2026-12-23T10:00", date(2026, 12, 29)),  # Christmas Eve to Boxing Day are closed
    ],
)
def test_the_therapist_answers_within_two_working_days(sent: str, by: date) -> None:
    promise = reply_promise(assignment, people(), clinic, at(sent))
    assert (promise.name, promise.stand_in_name, promise.away_until, promise.reply_by) == ("Berit", None, None, by)
    assert promise.reader == "Berit"


def test_during_an_absence_the_substitute_answers() -> None:
    gone = replace(berit, absences=(Interval(at("2026-11-16T00:00"), at("2026-12-04T00:00")),))
    promise = reply_promise(assignment, people(gone), clinic, at("2026-11-20T10:00"))
    assert (promise.name, promise.away_until, promise.reader) == ("Berit", date(2026, 12, 3), "Cecilia")


def test_absences_that_follow_each_other_are_told_as_one() -> None:
    first = Interval(at("2026-11-16T00:00"), at("2026-11-21T00:00"))
    second = Interval(at("2026-11-23T00:00"), at("2026-11-28T00:00"))
    gone = replace(berit, absences=(first, second))
    assert reply_promise(assignment, people(gone), clinic, at("2026-11-20T10:00")).away_until == date(2026, 11, 27)


@pytest.mark.parametrize(
    ("start", "end", "until", "back_at"),
    [
        ("2026-11-20T08:00", "2026-11-20T13:15", date(2026, 11, 20), "2026-11-20T13:15"),  # a morning
        ("2026-11-18T00:00", "2026-11-20T13:15", date(2026, 11, 20), "2026-11-20T13:15"),  # days, and a morning
        ("2026-11-20T08:00", "2026-11-20T17:00", date(2026, 11, 20), None),  # until closing is the whole day
        ("2026-11-20T08:00", "2026-11-20T20:00", date(2026, 11, 20), None),
        ("2026-11-20T08:00", "2026-11-21T00:00", date(2026, 11, 20), None),
        ("2026-11-20T08:00", "2026-11-23T07:00", date(2026, 11, 23), "2026-11-23T08:00"),  # back at the opening
    ],
)
def test_part_of_a_day_is_told_as_part_of_a_day(start: str, end: str, until: date, back_at: str | None) -> None:
    gone = replace(berit, absences=(Interval(at(start), at(end)),))
    promise = reply_promise(assignment, people(gone), clinic, at("2026-11-20T10:00"))
    assert (promise.away_until, promise.back_at) == (until, at(back_at) if back_at else None)


def test_two_parts_of_a_day_that_meet_are_one_and_the_own_week_decides_when_one_is_back() -> None:
    parts = (
        Interval(at("2026-11-20T08:00"), at("2026-11-20T11:00")),
        Interval(at("2026-11-20T11:00"), at("2026-11-20T13:00")),
    )
    gone = replace(berit, absences=parts)
    assert reply_promise(assignment, people(gone), clinic, at("2026-11-20T10:00")).back_at == at("2026-11-20T13:00")
    mornings = WorkingTime(Hours({4: ((time(8), time(12)),)})).within(clinic)
    promise = reply_promise(assignment, people(replace(gone, hours=mornings)), clinic, at("2026-11-20T10:00"))
    assert (promise.away_until, promise.back_at) == (date(2026, 11, 20), None), "the working day is over by then"


def test_the_patient_reads_the_clock_time_and_not_the_whole_day(cast: Cast) -> None:
    absence = Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(hours=3), created_at=NOW, created_by=cast.berit
    )
    with translation.override("sv"):
        part = render_to_string("messaging/promise.html", {"promise": promise_for(cast.annas.assignment, NOW)})
        Absence.objects.filter(pk=absence.pk).update(ends_at=NOW + timedelta(hours=14))
        whole = render_to_string("messaging/promise.html", {"promise": promise_for(cast.annas.assignment, NOW)})
    assert "Berit Almgren är borta till klockan 13.00 den 20 november." in part
    assert "Berit Almgren är borta till och med 20 november." in whole


def test_an_absence_that_begins_at_the_next_opening_counts_in_the_evening_before() -> None:
    gone = replace(berit, absences=(Interval(at("2026-11-23T00:00"), at("2026-11-24T00:00")),))
    assert reply_promise(assignment, people(gone), clinic, at("2026-11-20T19:00")).reader == "Cecilia"


def test_when_both_are_away_the_clinic_answers_since_no_lead_can_read() -> None:
    week = (Interval(at("2026-11-16T00:00"), at("2026-11-28T00:00")),)
    both = [replace(berit, absences=week), replace(cecilia, absences=week)]
    promise = reply_promise(assignment, people(*both, lena), clinic, at("2026-11-20T10:00"))
    assert (promise.is_away, promise.reader, promise.reply_by) == (True, "", date(2026, 11, 24))


def test_a_part_time_therapist_promises_the_next_day_at_work() -> None:
    tuesdays = WorkingTime(Hours({1: ((time(8), time(17)),)})).within(clinic)
    promise = reply_promise(assignment, people(replace(berit, hours=tuesdays)), clinic, at("2026-11-18T10:00"))
    assert (promise.reader, promise.reply_by) == ("Berit", date(2026, 11, 24))


def test_a_clinic_without_hours_promises_no_date() -> None:
    promise = reply_promise(assignment, people(), WorkingTime(Hours({})), at("2026-11-18T10:00"))
    assert (promise.name, promise.reply_by) == ("Berit", None)


def test_the_rows_tell_the_same_in_few_queries(cast: Cast, django_assert_num_queries) -> None:
    care = cast.annas.assignment
    with django_assert_num_queries(3):
        assert promise_for(care, NOW).reader == "Berit Almgren"
    absence = Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=5), created_at=NOW, created_by=cast.berit
    )
    with django_assert_num_queries(4):
        assert promise_for(care, NOW).reader == "Cecilia Ek"
    Cover.objects.create(absence=absence, assignment=care, stand_in=cast.tove)
    with django_assert_num_queries(6):
        assert promise_for(care, NOW).reader == "Tove Åberg"


def test_when_nobody_named_is_there_the_clinic_answers_and_no_colleague_is_named(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia):
        Absence.objects.create(
            user=user, starts_at=NOW, ends_at=NOW + timedelta(days=5), created_at=NOW, created_by=user
        )
    promise = promise_for(cast.annas.assignment, NOW)
    assert (promise.reader, promise.stand_in_name) == ("", None)


def test_who_is_promised_can_read_also_when_the_therapists_account_is_closed(cast: Cast) -> None:
    User.objects.filter(pk=cast.berit.pk).update(is_active=False)
    care = CareAssignment.objects.get(pk=cast.annas.assignment.pk)
    promise = promise_for(care, NOW)
    assert (promise.name, promise.reader) == ("", "Cecilia Ek")
    assert CareAssignment.objects.readable_by(cast.cecilia, NOW).filter(pk=care.pk).exists()
    assert not CareAssignment.objects.readable_by(cast.tove, NOW).exists()


def test_own_working_hours_move_the_date(cast: Cast) -> None:
    membership = Membership.objects.get(user=cast.berit)
    WorkingHours.objects.create(membership=membership, weekday=3, starts=time(8), ends=time(12))
    assert promise_for(cast.annas.assignment, NOW).reply_by == date(2026, 11, 26)
