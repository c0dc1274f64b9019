"""Who leads sets the hours on a page that says what they mean; nothing is saved that closes it for good or uncovers."""

from __future__ import annotations

from datetime import time

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import change_working_hours
from clinics.models import AuditEvent, ClosingDay, HoursChange, Season, User
from tests.cast import NOW, Cast
from tests.clinics.test_belonging import treats
from tests.riskmonitor.test_climbing import raise_now

USUAL = {f"week-day_{day}": "8.00-17.00" for day in range(5)}
MORNINGS = {f"season-day_{day}": "8-12" for day in range(5)}


def visit(cast: Cast, user: User, data: dict[str, str] | None = None, query: str = ""):
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        url = reverse("clinic-hours", args=[cast.eken.code]) + query
        return client.get(url) if data is None else client.post(url, data, follow=True)


def words(response) -> str:
    return " ".join(response.content.decode().split())


def test_a_summer_schedule_is_saved_and_stands_in_list_and_history(cast: Cast) -> None:
    days = {"season-first_day": "2027-06-21", "season-last_day": "2027-08-08"}
    page = words(visit(cast, cast.lena, {"do": "season", **days, **MORNINGS}))
    assert "Öppettiderna är sparade" in page
    assert "<strong>21 juni – 8 augusti 2027</strong><br>måndag–fredag 08.00–12.00" in page
    assert "Förut: inga egna tider. Nu: måndag–fredag 08.00–12.00." in page
    assert Season.objects.get().hours.count() == 5
    again = words(visit(cast, cast.lena, query="?first=2027-06-21&last=2027-08-08"))
    assert 'value="08.00–12.00"' in again
    gone = words(visit(cast, cast.lena, {"do": "drop", "first": "2027-06-21", "last": "2027-08-08"}))
    assert "Nu: inga egna tider." in gone
    assert not Season.objects.exists()


def test_christmas_eve_is_opened_and_closed_again(cast: Cast) -> None:
    assert "Julafton: stängt" in words(visit(cast, cast.lena))
    page = words(visit(cast, cast.lena, {"do": "day", "day-day": "2026-12-24", "day-hours": "9-11.30"}))
    assert "Julafton: 09.00–11.30" in page
    assert (ClosingDay.objects.get().opens, ClosingDay.objects.get().closes) == (time(9), time(11, 30))
    page = words(visit(cast, cast.lena, {"do": "forget", "first": "2026-12-24", "last": "2026-12-24"}))
    assert "Julafton: stängt" in page


def test_a_clinic_that_would_never_open_is_refused_in_words(cast: Cast) -> None:
    page = words(visit(cast, cast.lena, {"do": "week", "at": "2026-11-20 21:00"}))
    assert "Enheten skulle vara stängd i två månader eller mer" in page
    assert cast.eken.opening_hours.count() == 5


def test_hours_in_which_nobody_works_are_refused_with_who_would_be_alone(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia, cast.tove):
        week = [(day, time(8), time(17)) for day in range(5)]
        change_working_hours(membership=treats(user), week=week, by=cast.lena, now=NOW)
    saturdays = USUAL | {"week-day_5": "10-14"}
    page = words(visit(cast, cast.lena, {"do": "week", "at": "2026-11-20 21:00", **saturdays}))
    assert "2 patienter skulle sakna täckning" in page
    assert "Anna Lind" in page
    assert AuditEvent.objects.filter(what="uncovered", actor=cast.lena.code).count() == 2
    seen_by_greta = words(visit(cast, cast.greta, {"do": "week", "at": "2026-11-20 21:00", **saturdays}))
    assert "2 patienter skulle sakna täckning" in seen_by_greta
    assert "Anna Lind" not in seen_by_greta
    assert not HoursChange.objects.exists()


def test_the_page_says_what_patients_read_and_when_a_flag_would_climb(cast: Cast) -> None:
    page = words(visit(cast, cast.lena, query="?at=2026-12-23T16:45"))
    assert "Vad patienter läser onsdag 23 december 16.45" in page
    assert "Öppet nu, till i dag 17.00." in page
    assert "senast 28 december 08.45" in page
    assert "Behandlaren svarar inom två arbetsdagar, senast tisdag 29 december." in page
    night = words(visit(cast, cast.lena, query="?at=2026-12-23T21:00"))
    assert "Stängt nu. Öppnar 28 december 08.00." in night
    assert "mån 28 dec 08.30</time> <strong>vikarie</strong>" in night.lower()


def test_a_week_is_tried_before_it_is_saved(cast: Cast) -> None:
    typed = USUAL | {"week-day_5": "10-14", "do": "week", "step": "show", "at": "2026-11-20 21:00"}
    page = words(visit(cast, cast.lena, typed))
    assert "Räknat med veckan som du har skrivit" in page
    assert "Stängt nu. Öppnar i morgon 10.00." in page, "as the patient would read it that evening"
    assert "lör 21 nov 10.30</time> <strong>vikarie</strong>" in page.lower()
    assert not HoursChange.objects.exists()


def test_saving_counts_open_flags_in_the_same_request(cast: Cast) -> None:
    flag = raise_now(cast.annas, NOW)
    later = USUAL | {"week-day_4": "8.00-10.05, 12.00-17.00"}
    visit(cast, cast.lena, {"do": "week", "at": "2026-11-20 21:00", **later})
    flag.refresh_from_db()
    assert f"{flag.next_step_at:%H:%M} {flag.due_at:%H:%M}" == "11:25 10:00", (
        "25 minutes after noon; the promise stands"
    )


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"do": "week", "week-day_0": "17-8"}, "slutar innan den börjar"),
        ({"do": "week", "week-day_0": "8-12, 11-17"}, "går in i varandra"),
        ({"do": "season", "season-first_day": "2027-06-21", "season-last_day": "2027-06-01"}, "före den första"),
        ({"do": "season", "season-first_day": "2027-06-21", "season-last_day": "2047-06-01"}, "inom tre år"),
        ({"do": "day", "day-day": "2026-12-01", "day-hours": "8-10, 12-14"}, "bara en öppettid"),
        ({"do": "day", "day-day": "2026-11-01", "day-hours": ""}, "har redan varit"),
    ],
)
def test_what_cannot_be_is_said_beside_it_and_nothing_is_saved(cast: Cast, typed: dict[str, str], said: str) -> None:
    assert said in words(visit(cast, cast.lena, {"at": "2026-11-20 21:00", **typed}))
    assert not HoursChange.objects.exists()


@pytest.mark.parametrize(
    "typed",
    [
        {"do": "drop", "first": "x"},
        {"do": "drop", "first": "2026-13-45", "last": "2026-02-30"},
        {"do": "forget"},
        {"do": "nothing"},
        {"do": ""},
    ],
)
def test_what_no_page_sends_changes_nothing(cast: Cast, typed: dict[str, str]) -> None:
    assert visit(cast, cast.lena, typed).status_code == 200
    assert not HoursChange.objects.exists()


@pytest.mark.parametrize("query", ["?at=x", "?day=2026-13-45", "?first=1&last=2", "?day=", "?first=2027-06-21"])
def test_addresses_with_nonsense_show_the_page(cast: Cast, query: str) -> None:
    assert visit(cast, cast.lena, query=query).status_code == 200


def test_the_list_shows_the_week_of_each_clinic_that_one_leads(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.lena)
    page = words(client.get(reverse("hours")))
    assert "Eken" in page
    assert "Linden" not in page
    assert "måndag–fredag 08.00–17.00" in page


def test_the_page_asks_as_much_with_many_days_as_with_none(cast: Cast) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            visit(cast, cast.lena)
        return len(queries)

    visit(cast, cast.lena)
    before = asked()
    for month in range(1, 10):
        visit(cast, cast.lena, {"do": "day", "day-day": f"2027-0{month}-12", "day-hours": ""})
        days = {"season-first_day": f"2027-0{month}-14", "season-last_day": f"2027-0{month}-20"}
        visit(cast, cast.lena, {"do": "season", **days, **MORNINGS})
    assert HoursChange.objects.count() == 18
    assert asked() - before <= 1, "the hours of the seasons, at once"
