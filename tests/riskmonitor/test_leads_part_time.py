"""Who leads part time is not there on the days off: the other one is asked, and never are both off."""

from __future__ import annotations

from datetime import time, timedelta

import pytest

from clinics.actions import NobodyLeads, change_working_hours, plan_absence
from clinics.cover import coverage, roster
from clinics.models import Absence, Membership, Role, User
from riskmonitor.models import Flag
from riskmonitor.sweeps import escalate_one
from tests.cast import NOW, Cast, make_therapist
from tests.riskmonitor.test_absence_pages import go, mark, words

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOT_ON_FRIDAYS = [(day, time(8), time(17)) for day in range(4)]  # the day of NOW is a Friday


def leads(user: User) -> Membership:
    return Membership.objects.select_related("user", "clinic").get(user=user, role__in=[Role.LEAD, Role.DEPUTY])


def save_week(cast: Cast, user: User, **typed: str):
    post = leads(user)
    data = {f"week-{post.pk}-{name}": value for name, value in typed.items()}
    return go(cast.greta, "clinic-person", {"do": "week", "post": str(post.pk), **data}, code=user.code)


def test_the_deputy_is_asked_on_the_leads_day_off(cast: Cast) -> None:
    assert save_week(cast, cast.lena, **{f"day_{n}": "8-17" for n in range(4)}).status_code == 302
    hours = roster.working_time(cast.eken)
    there = list(coverage.leads(roster.people(cast.eken, NOW, hours=hours), hours, NOW))
    assert [each.person.code for each in there] == [str(cast.hassan.code)]
    flag = mark(cast)
    Flag.objects.filter(pk=flag.pk).update(clock_from=NOW)
    while escalate_one(NOW + 2 * HOUR):
        pass
    flag.refresh_from_db()
    assert (flag.audience, flag.owner) == ("lead", cast.hassan)


def test_a_week_with_a_day_without_anybody_who_leads_is_refused(cast: Cast) -> None:
    change_working_hours(membership=leads(cast.lena), week=NOT_ON_FRIDAYS, by=cast.greta, now=NOW)
    with pytest.raises(NobodyLeads):
        change_working_hours(membership=leads(cast.hassan), week=NOT_ON_FRIDAYS, by=cast.greta, now=NOW)
    assert not leads(cast.hassan).working_hours.exists()


def test_the_deputy_cannot_plan_to_be_away_on_the_leads_day_off(cast: Cast) -> None:
    change_working_hours(membership=leads(cast.lena), week=NOT_ON_FRIDAYS, by=cast.greta, now=NOW)
    friday = NOW + 7 * DAY
    with pytest.raises(NobodyLeads):
        plan_absence(user=cast.hassan, starts_at=friday, ends_at=friday + HOUR, stand_ins={}, by=cast.hassan, now=NOW)
    assert not Absence.objects.exists()


def test_who_treats_too_has_one_week_and_it_is_that_of_the_treating(cast: Cast) -> None:
    """One person is not at two desks: what counts is shown, and nothing that does not count."""
    assert words(go(cast.greta, "clinic-person", code=cast.lena.code)).count("Veckoschema") == 1
    make_therapist(cast.eken, cast.lena)
    page = go(cast.greta, "clinic-person", code=cast.lena.code)
    assert [post.membership.role for post in page.context["posts"] if post.week] == [Role.THERAPIST]
    assert save_week(cast, cast.lena, day_0="8-12").status_code == 200
    assert not leads(cast.lena).working_hours.exists()


def test_without_the_schedule_the_lead_would_be_asked_on_the_day_off(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin: nobody reads the weekly schedule."""
    change_working_hours(membership=leads(cast.lena), week=NOT_ON_FRIDAYS, by=cast.greta, now=NOW)
    monkeypatch.setattr("clinics.cover.roster.weekly_hours", lambda rows: {n: ((time(0), time(0)),) for n in range(7)})
    people = roster.people(cast.eken, NOW, hours=(hours := roster.working_time(cast.eken)))
    assert next(coverage.leads(people, hours, NOW)).person.code == str(cast.lena.code)
