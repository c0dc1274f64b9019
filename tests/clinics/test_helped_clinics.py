"""What changes at a clinic that helps out is held against the clinics that it helps, and felt there at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import time, timedelta

import pytest

from clinics.actions import Uncovered, change_week, plan_absence
from clinics.models import Absence, Membership, User
from programs.actions import name_people
from riskmonitor.actions import assign, let_hours_count, let_leave
from riskmonitor.models import Flag
from tests.cast import NOW, Cast, make_therapist, make_user
from tests.clinics.test_belonging import DAY, GOES, LESS, MONDAY, away, nothing_saved
from tests.riskmonitor.test_absence_pages import mark
from tests.riskmonitor.test_hub import helps

WEEK = [(day, time(8), time(17)) for day in range(5)]


def not_on_mondays(cast: Cast, user: User) -> None:
    change_week(clinic=cast.linden, week=WEEK[1:], by=cast.greta, now=NOW)


@pytest.fixture
def maja(cast: Cast) -> User:
    """Maja of Linden, which helps Eken, is Anna's substitute there, and Berit is away from Monday on."""
    maja = make_user("Maja", "Holm")
    make_therapist(cast.linden, maja)
    helps(cast)
    name_people(treatment=cast.annas, therapist=cast.berit, substitute=maja, by=cast.lena, now=NOW)
    away(cast.berit)
    return maja


@pytest.mark.parametrize("change", [*GOES, *LESS, not_on_mondays])
def test_nobody_of_the_hub_goes_on_whom_a_helped_patient_counts(cast: Cast, maja: User, change) -> None:
    with nothing_saved() as refused:
        change(cast, maja)
    assert [each.assignment.patient for each in refused.value.gaps] == [cast.annas.patient]


@pytest.mark.parametrize("change", [GOES[0], LESS[0], not_on_mondays])
def test_without_the_control_the_patient_would_stand_alone(
    cast: Cast, maja: User, change: Callable[[Cast, User], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("clinics.cover.cover_kept.counting_on", lambda clinics, now: clinics)
    change(cast, maja)


@pytest.mark.parametrize("change", [*LESS, not_on_mondays])
def test_less_is_saved_while_the_therapist_is_there(cast: Cast, maja: User, change) -> None:
    Absence.objects.filter(user=cast.berit).delete()
    change(cast, maja)


def test_an_absence_at_the_hub_is_refused_too(cast: Cast, maja: User) -> None:
    with pytest.raises(Uncovered):
        plan_absence(user=maja, starts_at=MONDAY, ends_at=MONDAY + DAY, stand_ins={}, by=maja, now=NOW)


def test_what_is_uncovered_all_the_same_is_flagged_at_once(cast: Cast, maja: User) -> None:
    """Somebody whose post is ended by hand in the database: the page's second step looks at the helped clinic too."""
    Membership.objects.filter(user=maja).update(ended_at=NOW)
    let_leave(user=maja, clinics=[cast.linden], now=NOW)
    assert Flag.objects.open().get(kind="uncovered").patient == cast.annas.patient


def test_changed_hours_of_the_hub_count_for_the_flags_that_lie_there(cast: Cast, maja: User) -> None:
    Absence.objects.filter(user=cast.berit).delete()
    flag = mark(cast)
    assign(flag=flag, to=maja, by=cast.lena, now=NOW)
    flag.refresh_from_db()
    flag.next_step_at = NOW + 3 * DAY  # as if the steps had been taken already
    flag.steps.update(taken_at=NOW)
    flag.save(update_fields=["next_step_at"])
    closes_early = [(4, time(8), time(10, 30)), *WEEK[:4]]
    change_week(clinic=cast.linden, week=closes_early, by=cast.greta, now=NOW)
    let_hours_count(clinic=cast.linden, now=NOW)
    flag.refresh_from_db()
    assert flag.next_step_at <= NOW + timedelta(minutes=30), "when Maja goes home somebody at Eken is asked"
