"""The rows about people and hours become the values of the pure modules, in one query each."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinics.cover import roster
from clinics.cover.coverage import Interval
from clinics.cover.working_time import Hours, WorkingTime
from clinics.models import Absence, ClosingDay, Competence, OpeningHours, WorkingHours
from tests.cast import NOW, PROGRAMME, Cast

pytestmark = pytest.mark.django_db
ODD = datetime(2026, 12, 1, 7, 30, 12, 345678, tzinfo=UTC)
WEEK = timedelta(weeks=1)


def test_closing_days_and_a_lunch_break_stand_in_the_working_time(cast: Cast, django_assert_num_queries) -> None:
    ClosingDay.objects.create(clinic=cast.eken, day=date(2026, 12, 23), opens=time(8), closes=time(12))
    ClosingDay.objects.create(clinic=cast.eken, day=date(2026, 12, 28))
    OpeningHours.objects.filter(clinic=cast.eken, weekday=0).update(closes=time(12))
    OpeningHours.objects.create(clinic=cast.eken, weekday=0, opens=time(13), closes=time(17))
    whole = ((time(8), time(17)),)
    weekly = {0: ((time(8), time(12)), (time(13), time(17))), 1: whole, 2: whole, 3: whole, 4: whole}
    special = {date(2026, 12, 23): ((time(8), time(12)),), date(2026, 12, 28): ()}
    with django_assert_num_queries(1):
        assert roster.working_time(cast.eken) == WorkingTime(Hours(weekly, special))


def test_people_have_their_programmes_hours_and_coming_absences(cast: Cast, django_assert_num_queries) -> None:
    berits = cast.berit.memberships.get()
    Competence.objects.create(membership=berits, programme="angest")
    for weekday in (1, 3):
        WorkingHours.objects.create(membership=berits, weekday=weekday, starts=time(8, 30), ends=time(12))
    for start, cancelled in ((ODD, None), (ODD + WEEK, NOW), (NOW - 2 * WEEK, None)):
        Absence.objects.create(
            user=cast.berit, starts_at=start, ends_at=start + WEEK, created_at=NOW, created_by=cast.berit,
            cancelled_at=cancelled, cancelled_by=cast.berit if cancelled else None,
        )  # fmt: skip
    hours = roster.working_time(cast.eken)
    with django_assert_num_queries(1):
        found = roster.people(cast.eken, NOW, hours=hours)
    berit, cecilia = found.members[str(cast.berit.code)], found.members[str(cast.cecilia.code)]
    half_days = WorkingTime(Hours({1: ((time(8, 30), time(12)),), 3: ((time(8, 30), time(12)),)}))
    assert berit.competences == {PROGRAMME, "angest"}
    assert berit.hours == half_days.within(hours)
    assert berit.absences == (Interval(ODD, ODD + WEEK),)
    assert (cecilia.competences, cecilia.hours, cecilia.absences) == ({PROGRAMME}, None, ())
    assert (found.lead, found.deputy) == (str(cast.lena.code), str(cast.hassan.code))
    assert str(cast.david.code) not in found.members
