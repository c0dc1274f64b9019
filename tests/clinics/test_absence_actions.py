"""Going away and coming back: what is refused, what is always saved, and whose access opens."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinics.actions import (
    AbsenceOver,
    AbsenceRefused,
    NobodyLeads,
    Uncovered,
    end_absence,
    ill_today,
    plan_absence,
)
from clinics.cover import absence_plan
from clinics.models import Absence, AuditEvent, CareAssignment, Cover, Membership, Role, User
from tests.cast import NOW, Cast, make_cast, make_treatment, make_user

MONDAY = datetime(2026, 11, 22, 23, 0, tzinfo=UTC)  # the midnight before Monday 23 November in Stockholm
SATURDAY = MONDAY + timedelta(days=5)


def plan(user: User, start: datetime = MONDAY, end: datetime = SATURDAY, **more: object) -> Absence:
    return plan_absence(user=user, starts_at=start, ends_at=end, by=user, now=NOW, **{"stand_ins": {}} | more)


def test_an_absence_with_a_present_substitute_is_saved_and_audited(cast: Cast) -> None:
    absence = plan(cast.berit)
    assert (absence.kind, absence.starts_at, absence.ends_at) == ("planned", MONDAY, SATURDAY)
    assert AuditEvent.objects.filter(what=f"absence:{absence.code}", actor=cast.berit.code).count() == 1


@pytest.mark.hazard("H3d")
def test_an_absence_that_leaves_patients_alone_is_refused_and_names_them(cast: Cast) -> None:
    plan(cast.cecilia)
    with pytest.raises(Uncovered) as refused:
        plan(cast.berit)
    assert {each.assignment.patient.user for each in refused.value.gaps} == {cast.anna, cast.erik}
    assert not Absence.objects.filter(user=cast.berit).exists()


def test_it_is_refused_also_when_the_substitute_is_away_for_one_hour_only(cast: Cast) -> None:
    plan(cast.cecilia, NOW + timedelta(days=3), NOW + timedelta(days=3, hours=1))
    with pytest.raises(Uncovered) as refused:
        plan(cast.berit)
    (gap,) = refused.value.gaps[0].left
    assert (gap.start, gap.end, gap.why) == (NOW + timedelta(days=3), NOW + timedelta(days=3, hours=1), "both_absent")


def test_a_stand_in_for_each_uncovered_patient_makes_it_possible(cast: Cast) -> None:
    plan(cast.cecilia)
    absence = plan(cast.berit, stand_ins={t.assignment_id: cast.tove for t in (cast.annas, cast.eriks)})
    assert {cover.stand_in for cover in Cover.objects.filter(absence=absence)} == {cast.tove}
    monday = MONDAY + timedelta(hours=9)
    assert CareAssignment.objects.readable_by(cast.tove, monday).count() == 2


def test_a_stand_in_without_competence_does_not_cover(cast: Cast) -> None:
    plan(cast.cecilia)
    with pytest.raises(Uncovered):
        plan(cast.berit, stand_ins={t.assignment_id: cast.lena for t in (cast.annas, cast.eriks)})


def test_the_substitute_may_not_leave_while_the_therapist_is_away(cast: Cast) -> None:
    plan(cast.berit)
    with pytest.raises(Uncovered):
        plan(cast.cecilia)


def test_a_weekend_away_needs_nobody(cast: Cast) -> None:
    plan(cast.cecilia)
    saturday = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    assert plan(cast.berit, saturday, saturday + timedelta(days=2))


def test_only_people_who_are_there_all_the_time_are_offered(cast: Cast) -> None:
    plan(cast.cecilia)
    found = absence_plan.plan(user=cast.berit, start=MONDAY, end=SATURDAY, now=NOW)
    assert {person.name for each in found.affected for person in each.choices} == {"Tove Åberg"}
    plan(cast.tove, MONDAY, MONDAY + timedelta(days=1))
    found = absence_plan.plan(user=cast.berit, start=MONDAY, end=SATURDAY, now=NOW)
    assert [each.choices for each in found.affected] == [(), ()]


def test_who_answers_is_the_stand_in_before_the_substitute(cast: Cast) -> None:
    chosen = {cast.annas.assignment_id: cast.tove}
    found = absence_plan.plan(user=cast.berit, start=MONDAY, end=SATURDAY, now=NOW, stand_ins=chosen)
    names = {each.assignment.patient.user: [p.name for p in each.answering] for each in found.affected}
    assert names == {cast.anna: ["Tove Åberg"], cast.erik: ["Cecilia Ek"]}


@pytest.mark.parametrize(("first", "second"), [("lena", "hassan"), ("hassan", "lena")])
def test_lead_and_deputy_are_never_both_away(cast: Cast, first: str, second: str) -> None:
    plan(getattr(cast, first))
    with pytest.raises(NobodyLeads):
        plan(getattr(cast, second))
    assert plan(getattr(cast, second), SATURDAY + timedelta(days=2), SATURDAY + timedelta(days=3))


def test_a_lead_without_a_deputy_cannot_leave(cast: Cast) -> None:
    Membership.objects.filter(role=Role.DEPUTY).update(ended_at=NOW)
    with pytest.raises(NobodyLeads):
        plan(cast.lena)


@pytest.mark.parametrize(
    ("start", "end", "fault"),
    [
        (MONDAY, MONDAY, "backwards"),
        (NOW - timedelta(days=2), NOW, "past"),
        (MONDAY + timedelta(days=1), SATURDAY + timedelta(days=1), "overlaps"),
    ],
)
def test_dates_that_cannot_be_are_refused_with_a_reason(cast: Cast, start: datetime, end: datetime, fault: str) -> None:
    plan(cast.berit)
    with pytest.raises(AbsenceRefused) as refused:
        plan(cast.berit, start, end)
    assert refused.value.fault == fault


def test_an_absence_that_began_this_morning_begins_now(cast: Cast) -> None:
    assert plan(cast.berit, NOW - timedelta(hours=9), SATURDAY).starts_at == NOW


def test_illness_is_never_refused_and_lasts_until_midnight(cast: Cast) -> None:
    ill_today(user=cast.cecilia, by=cast.cecilia, now=NOW)
    absence = ill_today(user=cast.berit, by=cast.berit, now=NOW)
    assert (absence.kind, absence.starts_at) == ("ill", NOW)
    assert absence.ends_at == datetime(2026, 11, 20, 23, 0, tzinfo=UTC)


def test_saying_ill_twice_is_one_absence(cast: Cast) -> None:
    first = ill_today(user=cast.berit, by=cast.berit, now=NOW)
    second = ill_today(user=cast.berit, by=cast.lena, now=NOW + timedelta(minutes=1))
    assert first == second
    assert Absence.objects.count() == 1


@pytest.mark.hazard("H5b")
def test_coming_back_ends_an_absence_now_and_the_substitutes_access_with_it(cast: Cast) -> None:
    absence = ill_today(user=cast.berit, by=cast.berit, now=NOW)
    noon = NOW + timedelta(hours=2)
    assert CareAssignment.objects.readable_by(cast.cecilia, noon).count() == 2
    assert end_absence(absence=absence, by=cast.berit, now=noon).ends_at == noon
    assert not CareAssignment.objects.readable_by(cast.cecilia, noon).exists()


def test_a_coming_absence_is_cancelled_with_who_and_when(cast: Cast) -> None:
    absence = end_absence(absence=plan(cast.berit), by=cast.lena, now=NOW)
    assert (absence.cancelled_at, absence.cancelled_by) == (NOW, cast.lena)
    with pytest.raises(AbsenceOver):
        end_absence(absence=absence, by=cast.lena, now=NOW)


def test_the_plan_asks_as_many_questions_for_many_patients_as_for_two(cast: Cast) -> None:
    def questions() -> int:
        with CaptureQueriesContext(connection) as counted:
            absence_plan.plan(user=cast.berit, start=MONDAY, end=SATURDAY, now=NOW)
        return len(counted)

    few = questions()
    for number in range(8):
        make_treatment(make_user(f"more{number}", "Alm"), cast.eken, cast.berit, cast.cecilia, cast.revision)
    assert questions() == few <= 9


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_plan_at_once_cannot_both_count_on_the_other() -> None:
    cast, outcomes, start = make_cast(), [], threading.Barrier(2)

    def leave(user: User) -> None:
        start.wait()
        try:
            plan(user)
            outcomes.append("saved")
        except Uncovered:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=leave, args=[user]) for user in (cast.berit, cast.cecilia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "saved"]
