"""When a clinic is open: weeks, seasons, single days; each change noted, none that closes it for good or uncovers."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinics.actions import (
    HoursFault,
    HoursRefused,
    Uncovered,
    change_week,
    change_working_hours,
    drop_season,
    forget_day,
    save_season,
    set_day,
)
from clinics.cover import cover_kept, roster
from clinics.cover.working_time import STOCKHOLM, Hours, NeverOpen, WorkingTime
from clinics.cover.working_time import Season as Weeks
from clinics.models import AuditEvent, HoursChange, Season
from tests.cast import NOW, Cast
from tests.clinics.test_belonging import treats

DAY = timedelta(days=1)
USUAL = [(day, time(8), time(17)) for day in range(5)]
MORNINGS = [(day, time(8), time(12)) for day in range(5)]
SUMMER = (date(2027, 6, 21), date(2027, 8, 8))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def week(cast: Cast, *shifts, now: datetime = NOW) -> HoursChange | None:
    return change_week(clinic=cast.eken, week=shifts, by=cast.lena, now=now)


def season(cast: Cast, first: date, last: date, shifts=tuple(MORNINGS)) -> HoursChange | None:
    return save_season(clinic=cast.eken, first=first, last=last, week=shifts, by=cast.lena, now=NOW)


def day(cast: Cast, on: date, opening=None, now: datetime = NOW) -> HoursChange | None:
    return set_day(clinic=cast.eken, day=on, opening=opening, by=cast.lena, now=now)


def open_on(cast: Cast, text: str) -> list[str]:
    """Return the local hours of a day, as they are counted."""
    start = at(f"{text}T00:00")
    found = roster.working_time(cast.eken).intervals(start, start + DAY)
    return [f"{a.astimezone(STOCKHOLM):%H.%M}-{b.astimezone(STOCKHOLM):%H.%M}" for a, b in found]


# -- what counts -------------------------------------------------------------------------------------------------------


def test_a_summer_schedule_counts_on_its_days_and_not_the_day_before_or_after(
    cast: Cast, django_assert_num_queries
) -> None:
    season(cast, *SUMMER)
    with django_assert_num_queries(1):
        roster.working_time(cast.eken)
    assert open_on(cast, "2027-06-18") == ["08.00-17.00"]
    assert open_on(cast, "2027-06-21") == ["08.00-12.00"]
    assert open_on(cast, "2027-08-06") == ["08.00-12.00"]
    assert open_on(cast, "2027-08-09") == ["08.00-17.00"]


def test_a_season_without_hours_is_closed_throughout(cast: Cast) -> None:
    season(cast, date(2027, 7, 12), date(2027, 7, 18), ())
    assert open_on(cast, "2027-07-14") == []
    assert roster.working_time(cast.eken).next_open(at("2027-07-11T12:00")) == at("2027-07-19T08:00")


def test_holidays_are_closed_in_every_season_and_a_day_of_its_own_opens_one(cast: Cast) -> None:
    season(cast, date(2026, 12, 14), date(2027, 1, 10))
    assert open_on(cast, "2026-12-24") == []
    day(cast, date(2026, 12, 24), (time(9), time(11, 30)))
    assert open_on(cast, "2026-12-24") == ["09.00-11.30"]
    forget_day(clinic=cast.eken, day=date(2026, 12, 24), by=cast.lena, now=NOW)
    assert open_on(cast, "2026-12-24") == []


def test_a_day_of_its_own_wins_over_the_season(cast: Cast) -> None:
    season(cast, *SUMMER)
    day(cast, date(2027, 7, 1))
    assert open_on(cast, "2027-07-01") == []


def test_a_lunch_closing_and_saturdays_are_open_as_they_are_written(cast: Cast) -> None:
    week(cast, *USUAL[1:], (0, time(8), time(12)), (0, time(13), time(17)), (5, time(10), time(14)))
    assert open_on(cast, "2026-11-23") == ["08.00-12.00", "13.00-17.00"]
    assert open_on(cast, "2026-11-28") == ["10.00-14.00"]


def test_open_until_is_the_closing_of_this_very_opening() -> None:
    lunch = WorkingTime(Hours({0: ((time(8), time(12)), (time(13), time(17)))}))
    assert lunch.open_until(at("2026-11-23T11:59")) == at("2026-11-23T12:00")
    assert lunch.open_until(at("2026-11-23T12:00")) is None
    assert lunch.open_until(at("2026-11-23T13:00")) == at("2026-11-23T17:00")


# -- what is refused ---------------------------------------------------------------------------------------------------


def test_a_clinic_is_never_left_without_hours(cast: Cast) -> None:
    with pytest.raises(HoursRefused) as refused:
        week(cast)
    assert refused.value.fault == HoursFault.NEVER_OPEN
    assert open_on(cast, "2026-11-23") == ["08.00-17.00"]
    assert not HoursChange.objects.exists()


def test_nor_closed_for_months_by_seasons_that_follow_each_other(cast: Cast) -> None:
    season(cast, date(2027, 6, 1), date(2027, 6, 30), ())
    with pytest.raises(HoursRefused) as refused:
        season(cast, date(2027, 7, 1), date(2027, 8, 15), ())
    assert refused.value.fault == HoursFault.NEVER_OPEN
    assert Season.objects.count() == 1


def test_a_hole_far_ahead_is_found_and_one_that_has_passed_is_not() -> None:
    usual = {n: ((time(8), time(17)),) for n in range(5)}
    hours = WorkingTime(Hours(usual, seasons=(Weeks(date(2028, 1, 1), date(2028, 4, 1), {}),)))
    with pytest.raises(NeverOpen):
        hours.check(at("2026-11-23T10:00"))
    hours.check(at("2028-04-03T08:00"))


@pytest.mark.parametrize(
    ("first", "last", "fault"),
    [
        (date(2027, 8, 8), date(2027, 8, 20), HoursFault.OVERLAPS),
        (date(2027, 1, 1), date(2027, 12, 31), HoursFault.OVERLAPS),
        (date(2027, 9, 2), date(2027, 9, 1), HoursFault.BACKWARDS),
        (date(2026, 6, 1), date(2026, 8, 1), HoursFault.PAST),
    ],
)
def test_seasons_that_cannot_be(cast: Cast, first: date, last: date, fault: HoursFault) -> None:
    season(cast, *SUMMER)
    with pytest.raises(HoursRefused) as refused:
        season(cast, first, last)
    assert refused.value.fault == fault
    assert Season.objects.count() == 1


def test_the_database_refuses_seasons_of_a_clinic_that_share_a_day(cast: Cast) -> None:
    Season.objects.create(clinic=cast.eken, first_day=SUMMER[0], last_day=SUMMER[1])
    Season.objects.create(clinic=cast.linden, first_day=SUMMER[0], last_day=SUMMER[1])
    Season.objects.create(clinic=cast.eken, first_day=SUMMER[1] + DAY, last_day=SUMMER[1] + DAY)
    with pytest.raises(IntegrityError), transaction.atomic():
        Season.objects.create(clinic=cast.eken, first_day=SUMMER[1], last_day=SUMMER[1])


def test_a_day_that_has_passed_is_not_changed(cast: Cast) -> None:
    with pytest.raises(HoursRefused):
        day(cast, date(2026, 11, 19))


def mornings_only(cast: Cast) -> None:
    """Berit and Cecilia, who are named for the patients, and Tove work in the mornings."""
    for user in (cast.berit, cast.cecilia, cast.tove):
        change_working_hours(membership=treats(user), week=MORNINGS, by=cast.lena, now=NOW)


def test_hours_in_which_nobody_works_are_refused_with_the_patients_named(cast: Cast) -> None:
    week(cast, *MORNINGS)
    mornings_only(cast)
    with pytest.raises(Uncovered) as refused:
        week(cast, *USUAL)
    assert {each.assignment.patient for each in refused.value.gaps} == {cast.annas.patient, cast.eriks.patient}
    assert open_on(cast, "2026-11-23") == ["08.00-12.00"]


def test_without_the_control_they_would_be_saved(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    week(cast, *MORNINGS)
    mornings_only(cast)

    @contextmanager
    def unchecked(clinics, now):
        yield

    monkeypatch.setattr("clinics.actions.opening.cover_kept", unchecked)
    assert cover_kept.cover_kept is not unchecked
    week(cast, *USUAL)
    assert open_on(cast, "2026-11-23") == ["08.00-17.00"]


def test_fewer_hours_uncover_nobody_also_where_a_gap_stands_already(cast: Cast) -> None:
    """A patient with a gap on Monday does not keep the clinic from closing on Fridays."""
    for user in (cast.berit, cast.cecilia):
        user.absences.create(
            starts_at=at("2026-11-23T00:00"), ends_at=at("2026-11-24T00:00"), created_at=NOW, created_by=user
        )
        change_working_hours(membership=treats(user), week=USUAL, by=cast.lena, now=NOW)
    week(cast, *USUAL[:4])
    assert open_on(cast, "2026-11-27") == []


# -- what is noted -----------------------------------------------------------------------------------------------------


def test_each_change_is_a_row_with_time_and_person_and_the_same_again_is_none(cast: Cast) -> None:
    assert week(cast, *USUAL) is None
    season(cast, *SUMMER)
    assert season(cast, *SUMMER) is None
    drop_season(clinic=cast.eken, first=SUMMER[0], last=SUMMER[1], by=cast.lena, now=NOW)
    day(cast, date(2026, 12, 23))
    noted = [(each.first_day, each.before, each.after) for each in HoursChange.objects.order_by("pk")]
    mornings = [[n, "08:00", "12:00"] for n in range(5)]
    assert noted == [
        (SUMMER[0], None, mornings),
        (SUMMER[0], mornings, None),
        (date(2026, 12, 23), None, []),
    ]
    assert (
        AuditEvent.objects.filter(what__startswith="hours:", actor=cast.lena.code, clinic=cast.eken.code).count() == 3
    )
