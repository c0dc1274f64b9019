"""No verb leaves anybody uncovered: leaving, closing an account, competence, profession, hours, naming, starting."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import time, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from clinics.actions import (
    LoanRefused,
    NobodyLeads,
    Uncovered,
    change_competence,
    change_qualification,
    change_working_hours,
    close_account,
    end_membership,
    lend,
    plan_absence,
)
from clinics.cover import roster
from clinics.models import Absence, AuditEvent, CareAssignment, Competence, Membership, Patient, Profession, Role, User
from clinics.sweeps import take_due_membership
from programs.actions import NamingRefused, StartRefused, name_people
from tests.cast import NOW, Cast, make_cast, make_therapist, make_treatment, make_user

DAY = timedelta(days=1)
MONDAY = NOW + 3 * DAY - timedelta(hours=9)


def treats(user: User) -> Membership:
    return Membership.objects.select_related("user", "clinic").get(user=user, role=Role.THERAPIST, ended_at=None)


def away(user: User, start=MONDAY, end=MONDAY + 5 * DAY) -> None:
    Absence.objects.create(user=user, starts_at=start, ends_at=end, created_at=NOW, created_by=user)


def leave(cast: Cast, user: User) -> None:
    end_membership(membership=treats(user), by=cast.lena, now=NOW)


def close(cast: Cast, user: User) -> None:
    close_account(user=user, by=cast.greta, now=NOW)


def forget(cast: Cast, user: User) -> None:
    change_competence(membership=treats(user), programmes=["stress"], by=cast.lena, now=NOW)


def another_profession(cast: Cast, user: User) -> None:
    change_qualification(
        membership=treats(user),
        profession=Profession.SOCIAL_WORKER,
        psychotherapy_training=False,
        by=cast.greta,
        now=NOW,
    )


def mondays_off(cast: Cast, user: User) -> None:
    week = [(weekday, time(8), time(17)) for weekday in range(1, 5)]
    change_working_hours(membership=treats(user), week=week, by=cast.lena, now=NOW)


GOES: list[Callable[[Cast, User], None]] = [leave, close]
LESS: list[Callable[[Cast, User], None]] = [forget, another_profession, mondays_off]


def rows() -> list[object]:
    """Return everything that a refused change must leave as it was."""
    return [
        list(Membership.objects.order_by("pk").values()), list(Competence.objects.order_by("pk").values()),
        list(User.objects.order_by("pk").values("pk", "is_active")),
        list(CareAssignment.objects.order_by("pk").values()),
        roster.WorkingHours.objects.count(), AuditEvent.objects.count(),
    ]  # fmt: skip


@contextmanager
def nothing_saved(refusal: type[Exception] = Uncovered):
    before = rows()
    with pytest.raises(refusal) as refused:
        yield refused
    assert rows() == before


@pytest.mark.hazard("H3e")
@pytest.mark.parametrize("change", GOES)
@pytest.mark.parametrize("name", ["berit", "cecilia"])
def test_nobody_who_is_named_for_a_patient_goes(cast: Cast, change, name: str) -> None:
    with nothing_saved() as refused:
        change(cast, getattr(cast, name))
    assert [each.assignment.patient for each in refused.value.gaps] == [cast.annas.patient, cast.eriks.patient]
    assert all(each.left for each in refused.value.gaps)


@pytest.mark.parametrize("change", LESS)
@pytest.mark.parametrize(("name", "other"), [("berit", "cecilia"), ("cecilia", "berit")])
def test_less_of_one_is_refused_only_where_the_other_is_away(cast: Cast, change, name: str, other: str) -> None:
    with transaction.atomic():
        change(cast, getattr(cast, name))
        transaction.set_rollback(True)
    away(getattr(cast, other))
    with nothing_saved():
        change(cast, getattr(cast, name))


@pytest.mark.parametrize("change", [*GOES, *LESS])
def test_somebody_who_is_named_for_nobody_may_change(cast: Cast, change) -> None:
    change(cast, cast.tove)
    assert AuditEvent.objects.filter(what__startswith="membership:").exists()


def test_a_patient_whose_care_ends_on_a_known_day_is_not_left_alone_before_it(cast: Cast) -> None:
    CareAssignment.objects.filter(pk=cast.annas.assignment_id).update(ends_at=NOW + 7 * DAY)
    with pytest.raises(Uncovered) as refused:
        leave(cast, cast.berit)
    assert {each.assignment.pk for each in refused.value.gaps} == {cast.annas.assignment_id, cast.eriks.assignment_id}


def test_the_lead_names_a_solution_and_then_it_is_saved(cast: Cast) -> None:
    for treatment in (cast.annas, cast.eriks):
        name_people(treatment=treatment, therapist=cast.tove, substitute=cast.cecilia, by=cast.lena, now=NOW)
    close(cast, cast.berit)
    cast.berit.refresh_from_db()
    assert not cast.berit.is_active
    assert not Membership.objects.filter(user=cast.berit, ended_at=None).exists()


def test_somebody_lent_is_a_solution_until_the_loan_ends(cast: Cast) -> None:
    lent = lend(membership=treats(cast.tove), to=cast.linden, until=NOW + 31 * DAY, by=cast.lena, now=NOW)
    name_people(treatment=cast.nilss, therapist=cast.david, substitute=cast.tove, by=cast.lena, now=NOW)
    end_membership(membership=treats(cast.siv), by=cast.lena, now=NOW)
    assert (lent.lent_from, lent.ends_at) == (cast.eken, NOW + 31 * DAY)
    assert roster.gaps_ahead(cast.nilss.patient.assignments.get(ends_at=None), NOW) == []
    coming = roster.gaps_ahead(cast.nilss.patient.assignments.get(ends_at=None), NOW + 20 * DAY)
    assert min(gap.start for gap in coming) == NOW + 31 * DAY


def test_a_loan_too_short_is_no_solution(cast: Cast) -> None:
    lend(membership=treats(cast.tove), to=cast.linden, until=NOW + 7 * DAY, by=cast.lena, now=NOW)
    with nothing_saved():
        name_people(treatment=cast.nilss, therapist=cast.david, substitute=cast.tove, by=cast.lena, now=NOW)


def test_a_loan_opens_the_clinic_and_closes_it_to_the_minute(cast: Cast) -> None:
    lent = lend(membership=treats(cast.tove), to=cast.linden, until=NOW + 7 * DAY, by=cast.lena, now=NOW)
    assert Patient.objects.visible_to(cast.tove).filter(pk=cast.nilss.patient_id).exists()
    assert not take_due_membership(NOW + 7 * DAY - timedelta(minutes=1))
    assert take_due_membership(NOW + 7 * DAY)
    assert not take_due_membership(NOW + 7 * DAY)
    lent.refresh_from_db()
    assert lent.ended_at == NOW + 7 * DAY
    assert not Patient.objects.visible_to(cast.tove).filter(pk=cast.nilss.patient_id).exists()
    assert AuditEvent.objects.filter(what=f"membership:{lent.pk}").count() == 2


def test_a_loan_needs_somebody_who_treats_an_end_and_another_clinic(cast: Cast) -> None:
    for membership, clinic, until in [
        (Membership.objects.get(user=cast.lena), cast.linden, NOW + DAY),
        (treats(cast.tove), cast.linden, NOW),
        (treats(cast.tove), cast.eken, NOW + DAY),
    ]:
        with pytest.raises(LoanRefused):
            lend(membership=membership, to=clinic, until=until, by=cast.lena, now=NOW)


@pytest.mark.parametrize("change", [{"ends_at": None}, {"ends_at": NOW - DAY}, {"ends_at": NOW + DAY, "same": True}])
def test_the_database_keeps_a_loan_dated(cast: Cast, change: dict) -> None:
    lender = cast.linden if change.pop("same", False) else cast.eken
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(
            user=cast.tove, clinic=cast.linden, role="therapist", profession="psychologist", started_at=NOW,
            lent_from=lender, **change,
        )  # fmt: skip


def test_leaving_later_is_refused_within_fourteen_days_and_flagged_after(cast: Cast) -> None:
    with nothing_saved():
        end_membership(membership=treats(cast.berit), at=NOW + 10 * DAY, by=cast.lena, now=NOW)
    end_membership(membership=treats(cast.berit), at=NOW + 20 * DAY, by=cast.lena, now=NOW)
    assert roster.gaps_ahead(cast.annas.assignment, NOW) == []
    assert roster.gaps_ahead(cast.annas.assignment, NOW + 7 * DAY)


def test_who_is_about_to_leave_cannot_be_counted_on(cast: Cast) -> None:
    end_membership(membership=treats(cast.tove), at=NOW + 10 * DAY, by=cast.lena, now=NOW)
    with nothing_saved():
        name_people(treatment=cast.annas, therapist=cast.berit, substitute=cast.tove, by=cast.lena, now=NOW)
    with pytest.raises(StartRefused, match="not covered"):
        make_treatment(make_user("Ny", "Alm"), cast.eken, cast.berit, cast.tove, cast.revision)


def test_naming_ends_the_old_assignment_and_begins_a_new_one(cast: Cast) -> None:
    new = name_people(treatment=cast.annas, therapist=cast.berit, substitute=cast.tove, by=cast.lena, now=NOW + DAY)
    cast.annas.refresh_from_db()
    old = cast.annas.patient.assignments.get(substitute=cast.cecilia)
    assert (cast.annas.assignment, old.ends_at, new.starts_at) == (new, NOW + DAY, NOW + DAY)
    again = name_people(
        treatment=cast.annas, therapist=cast.berit, substitute=cast.tove, by=cast.lena, now=NOW + 2 * DAY
    )
    assert again == new


def test_stand_ins_that_were_chosen_stay_when_the_substitute_changes(cast: Cast) -> None:
    away(cast.cecilia)
    chosen = {each.assignment_id: cast.tove for each in (cast.annas, cast.eriks)}
    plan_absence(user=cast.berit, starts_at=MONDAY, ends_at=MONDAY + 3 * DAY, stand_ins=chosen, by=cast.berit, now=NOW)
    disa = make_user("Disa", "Ek")
    make_therapist(cast.eken, disa)
    away(disa)
    new = name_people(treatment=cast.annas, therapist=cast.berit, substitute=disa, by=cast.lena, now=NOW)
    assert [cover.stand_in for cover in new.covers.all()] == [cast.tove]


def test_nobody_incompetent_or_twice_the_same_is_named(cast: Cast) -> None:
    for therapist, substitute in [(cast.berit, cast.berit), (cast.berit, cast.david), (cast.lena, cast.cecilia)]:
        with nothing_saved(NamingRefused):
            name_people(treatment=cast.annas, therapist=therapist, substitute=substitute, by=cast.lena, now=NOW)


@pytest.mark.parametrize(("name", "other"), [("lena", "hassan"), ("hassan", "lena")])
def test_one_who_leads_does_not_go_while_the_other_is_away(cast: Cast, name: str, other: str) -> None:
    away(getattr(cast, other))
    membership = Membership.objects.get(user=getattr(cast, name))
    with nothing_saved(NobodyLeads):
        end_membership(membership=membership, by=cast.greta, now=NOW)
    with nothing_saved(NobodyLeads):
        close(cast, getattr(cast, name))
    assert roster.people(cast.eken, NOW).lead == str(cast.lena.code)


def test_a_treatment_starts_only_with_cover_for_fourteen_days(cast: Cast) -> None:
    for user in (cast.berit, cast.tove):
        away(user, NOW + 10 * DAY, NOW + 12 * DAY)
    ny = make_user("Ny", "Alm")
    with pytest.raises(StartRefused, match="not covered"):
        make_treatment(ny, cast.eken, cast.berit, cast.tove, cast.revision)
    assert make_treatment(ny, cast.eken, cast.berit, cast.cecilia, cast.revision).patient.user == ny


def test_without_the_question_the_patients_would_stand_alone(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: the same change goes through when nobody asks what it uncovers."""
    monkeypatch.setattr("clinics.cover.change.uncovers", lambda *args: {})
    close(cast, cast.berit)
    assert roster.gaps_ahead(cast.annas.assignment, NOW)


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_cannot_each_count_on_the_other() -> None:
    cast, outcomes, start = make_cast(), [], threading.Barrier(2)

    def change(verb: Callable[[], object]) -> None:
        start.wait()
        try:
            verb()
            outcomes.append("saved")
        except Uncovered:
            outcomes.append("refused")
        finally:
            connection.close()

    verbs = [
        lambda: forget(cast, cast.berit),
        lambda: plan_absence(
            user=cast.cecilia, starts_at=MONDAY, ends_at=MONDAY + DAY, stand_ins={}, by=cast.cecilia, now=NOW
        ),
    ]
    threads = [threading.Thread(target=change, args=[verb]) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "saved"]
