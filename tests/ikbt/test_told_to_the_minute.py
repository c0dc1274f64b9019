"""What patients are told out of hours is true to the minute: each page that says when somebody is there, in a table."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest
import time_machine
from django.test import Client

from clinics.actions import save_season, set_day
from clinics.cover.working_time import STOCKHOLM
from programs.pages.filling import reply_day
from riskmonitor.actions import let_hours_count
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now

CLOSED_DAY, HALF_DAY = date(2027, 1, 5), date(2026, 12, 23)
SUMMER = (date(2027, 6, 21), date(2027, 8, 8))  # open in the mornings

TOLD = [  # now, what "Help now" says, by when somebody is to call or has read a flag, by when a message is answered
    ("2026-11-20T07:59", "Stängt nu. Öppnar i dag 08.00.", "i dag 09.00", "tisdag 24 november"),
    ("2026-11-20T08:00", "Öppet nu, till i dag 17.00.", "i dag 09.00", "tisdag 24 november"),
    ("2026-11-20T16:59", "Öppet nu, till i dag 17.00.", "23 november 08.59", "tisdag 24 november"),
    ("2026-11-20T17:00", "Stängt nu. Öppnar 23 november 08.00.", "23 november 09.00", "onsdag 25 november"),
    ("2026-11-22T23:59", "Stängt nu. Öppnar i morgon 08.00.", "i morgon 09.00", "onsdag 25 november"),
    ("2026-11-23T00:00", "Stängt nu. Öppnar i dag 08.00.", "i dag 09.00", "onsdag 25 november"),
    # a half day, Christmas and New Year
    ("2026-12-23T11:59", "Öppet nu, till i dag 12.00.", "28 december 08.59", "tisdag 29 december"),
    ("2026-12-23T12:00", "Stängt nu. Öppnar 28 december 08.00.", "28 december 09.00", "onsdag 30 december"),
    ("2026-12-24T10:00", "Stängt nu. Öppnar 28 december 08.00.", "28 december 09.00", "onsdag 30 december"),
    ("2026-12-31T10:00", "Stängt nu. Öppnar 4 januari 08.00.", "4 januari 09.00", "fredag 8 januari"),
    # a day that the clinic has closed, and Epiphany after it
    ("2027-01-04T17:00", "Stängt nu. Öppnar 7 januari 08.00.", "7 januari 09.00", "måndag 11 januari"),
    # the clocks go forward on Easter Sunday, and back on another one
    ("2027-03-28T01:59", "Stängt nu. Öppnar 30 mars 08.00.", "30 mars 09.00", "torsdag 1 april"),
    ("2027-03-28T03:00", "Stängt nu. Öppnar 30 mars 08.00.", "30 mars 09.00", "torsdag 1 april"),
    ("2027-10-31T02:30", "Stängt nu. Öppnar i morgon 08.00.", "i morgon 09.00", "onsdag 3 november"),
    # Midsummer in a summer schedule, its last day, and the first day after it
    ("2027-06-24T11:59", "Öppet nu, till i dag 12.00.", "28 juni 08.59", "tisdag 29 juni"),
    ("2027-06-24T12:00", "Stängt nu. Öppnar 28 juni 08.00.", "28 juni 09.00", "onsdag 30 juni"),
    ("2027-08-06T12:00", "Stängt nu. Öppnar 9 augusti 08.00.", "9 augusti 09.00", "onsdag 11 augusti"),
    ("2027-08-09T12:00", "Öppet nu, till i dag 17.00.", "i dag 13.00", "onsdag 11 augusti"),
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


@pytest.fixture
def hours(cast: Cast) -> Cast:
    """Eken has a summer schedule, a half day and a day that it has closed."""
    common = {"clinic": cast.eken, "by": cast.lena, "now": NOW}
    mornings = [(day, time(8), time(12)) for day in range(5)]
    save_season(first=SUMMER[0], last=SUMMER[1], week=mornings, **common)
    set_day(day=HALF_DAY, opening=(time(8), time(12)), **common)
    set_day(day=CLOSED_DAY, opening=None, **common)
    return cast


def read(client: Client, path: str) -> str:
    return " ".join(client.get(path).content.decode().split())


@pytest.mark.hazard("H9a")
@pytest.mark.parametrize(("now", "help_says", "by", "reply"), TOLD, ids=[row[0] for row in TOLD])
def test_every_page_that_says_when_says_the_same_truth(
    hours: Cast, now: str, help_says: str, by: str, reply: str
) -> None:
    anna = Client()
    with time_machine.travel(at(now), tick=False):
        anna.force_login(hours.anna)
        assert help_says in read(anna, "/help/")
        closed = f"Den öppnar {help_says.partition('Öppnar ')[2]}" if "Stängt" in help_says else ""
        call = read(anna, "/my/call-me/")
        assert f"senast {by}." in call
        assert closed in call
        assert ("Den öppnar" in call) is bool(closed)
        assert f"svarar inom två arbetsdagar, senast {reply}." in read(anna, "/my/messages/")
        raise_now(hours.annas, at(now))
        danger = read(anna, "/my/follow-up/")
        assert f"senast {by}." in danger
        assert closed in danger


def test_a_day_that_was_closed_since_is_not_promised_any_more(cast: Cast) -> None:
    """Anna was told Monday; on Friday evening the clinic closes that Monday."""
    raise_now(cast.annas, at("2026-11-20T16:50"))
    anna, evening = Client(), at("2026-11-20T18:00")
    with time_machine.travel(evening, tick=False):
        anna.force_login(cast.anna)
        assert "läser det här senast 23 november 08.50" in read(anna, "/my/follow-up/")
        set_day(clinic=cast.eken, day=date(2026, 11, 23), opening=None, by=cast.lena, now=evening)
        let_hours_count(clinic=cast.eken, now=evening)
        page = read(anna, "/my/follow-up/")
    assert "Den öppnar 24 november 08.00." in page
    assert "23 november" not in page


@pytest.mark.parametrize(
    ("sent", "weekday", "day"),
    [
        ("2026-11-20T10:00", 2, date(2026, 11, 25)),
        ("2026-12-18T10:00", 3, date(2026, 12, 28)),  # Thursday is Christmas Eve
        ("2026-12-30T10:00", 1, date(2027, 1, 7)),  # closed, and Epiphany after it
    ],
)
def test_the_day_of_the_answer_is_never_one_on_which_the_clinic_is_closed(
    hours: Cast, sent: str, weekday: int, day: date
) -> None:
    hours.annas.reply_weekday = weekday
    assert reply_day(hours.annas, at(sent)) == day
