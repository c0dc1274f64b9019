"""How long flags wait until they are read and decided: in working time, of the clinic's own patients alone."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from clinics.models import Clinic, User
from followup.flag_waits import Until, Waits, flag_waits, in_words
from riskmonitor import actions
from riskmonitor.models import Flag
from riskmonitor.rules import Urgency
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_climbing import raise_now
from tests.riskmonitor.test_flag_review import WRITTEN

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STOCKHOLM = ZoneInfo("Europe/Stockholm")


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def read(user: User, flag: Flag, when: datetime) -> int:
    client = Client()
    with time_machine.travel(when, tick=False):
        client.force_login(user)
        return client.get(reverse("flag", args=[flag.code])).status_code


def decide(cast: Cast, flag: Flag, when: datetime) -> None:
    actions.close_flag(
        flag=flag, by=cast.berit, outcome="contacted", contact_at=when, contact_with="Anna", now=when, **WRITTEN
    )


def waits(clinic: Clinic, until: Until, now: datetime, urgency: Urgency = Urgency.NOW) -> Waits:
    return next(each for each in flag_waits(clinic, now) if (each.urgency, each.until) == (urgency, until))


def test_median_and_longest_are_counted_from_raised(cast: Cast) -> None:
    annas, eriks = raise_now(cast.annas), raise_now(cast.eriks)
    read(cast.berit, annas, NOW + 10 * MINUTE)
    read(cast.berit, eriks, NOW + 40 * MINUTE)
    decide(cast, annas, NOW + 50 * MINUTE)
    told = waits(cast.eken, Until.READ, NOW + DAY)
    assert (told.done, told.median, told.longest, told.waiting) == (2, 25, 40, 0)
    told = waits(cast.eken, Until.DECIDED, NOW + 90 * MINUTE)
    assert (told.done, told.median, told.longest, told.waiting, told.longest_so_far) == (1, 50, 50, 1, 90)
    assert in_words(told) == ["Nu, tills avgjord", "1", "50 min", "50 min", "1", "1 tim 30 min"]


def test_only_working_time_counts(cast: Cast) -> None:
    """Raised on Friday ten minutes before closing, read on Monday a quarter of an hour after opening."""
    flag = raise_now(cast.annas)
    Flag.objects.update(raised_at=at("2026-11-20T16:50"))
    flag.refresh_from_db()
    read(cast.berit, flag, at("2026-11-23T08:15"))
    assert waits(cast.eken, Until.READ, at("2026-11-23T09:00")).longest == 25


def test_the_first_reading_counts_and_only_of_who_may_answer(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    assert [read(user, flag, NOW + MINUTE) for user in (cast.lena, cast.anna)] == [403, 403]
    assert waits(cast.eken, Until.READ, NOW + 5 * MINUTE).waiting == 1
    read(cast.berit, flag, NOW + 10 * MINUTE)
    read(cast.berit, flag, NOW + 30 * MINUTE)
    assert waits(cast.eken, Until.READ, NOW + DAY).longest == 10


def test_reading_moves_nothing_of_the_clock(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    before = Flag.objects.values("next_step_at", "due_at", "clock_from", "owner", "acknowledged_at").get(pk=flag.pk)
    read(cast.berit, flag, NOW + 10 * MINUTE)
    assert Flag.objects.values(*before).get(pk=flag.pk) == before


@pytest.mark.django_db(transaction=True)
def test_the_page_opens_while_somebody_holds_the_flag_and_the_next_opening_counts() -> None:
    """A worker that froze in mid-climb holds the row: the figure waits, and not the clinician."""
    cast, shown = make_cast(), []
    flag = raise_now(cast.annas)

    def open_page() -> None:
        try:
            shown.append(read(cast.berit, flag, NOW + 10 * MINUTE))
        finally:
            connection.close()

    clinician = threading.Thread(target=open_page)
    with transaction.atomic():
        Flag.objects.select_for_update().get(pk=flag.pk)
        clinician.start()
        clinician.join(timeout=20)
        opened = list(shown)
    clinician.join()
    assert opened == [200]
    assert waits(cast.eken, Until.READ, NOW + DAY).waiting == 1
    read(cast.berit, flag, NOW + 30 * MINUTE)
    assert waits(cast.eken, Until.READ, NOW + DAY).longest == 30


def test_other_clinics_old_flags_cover_and_canaries_are_left_out(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    assert waits(cast.linden, Until.READ, NOW + MINUTE).waiting == 0
    assert waits(cast.eken, Until.READ, NOW + 89 * DAY).waiting == 1
    assert waits(cast.eken, Until.READ, NOW + 90 * DAY).waiting == 0
    Flag.objects.filter(pk=flag.pk).update(kind="uncovered")
    assert waits(cast.eken, Until.READ, NOW + MINUTE).waiting == 0
    Flag.objects.filter(pk=flag.pk).update(kind="suicide")
    Clinic.objects.filter(pk=cast.eken.pk).update(is_canary=True)
    assert waits(cast.eken, Until.READ, NOW + MINUTE).waiting == 0


def test_what_was_closed_before_readings_were_kept_is_not_said_to_wait(cast: Cast) -> None:
    decide(cast, flag := raise_now(cast.annas), NOW + 5 * MINUTE)
    Flag.objects.filter(pk=flag.pk).update(first_read_at=None)
    told = waits(cast.eken, Until.READ, NOW + DAY)
    assert (told.done, told.waiting, told.median) == (0, 0, None)


def test_who_decides_has_read(cast: Cast) -> None:
    decide(cast, raise_now(cast.annas), NOW + 5 * MINUTE)
    told = waits(cast.eken, Until.READ, NOW + DAY)
    assert (told.done, told.waiting, told.median) == (1, 0, 5)


def test_a_flag_that_became_more_urgent_is_counted_with_the_time_before_and_the_page_says_so(cast: Cast) -> None:
    raise_now(cast.annas, item9=1)
    flag = raise_now(cast.annas, NOW + 60 * MINUTE, item9=3)
    read(cast.berit, flag, NOW + 70 * MINUTE)
    assert waits(cast.eken, Until.READ, NOW + DAY).longest == 70
    client = Client()
    with time_machine.travel(NOW + 80 * MINUTE, tick=False):
        client.force_login(cast.lena)
        shown = " ".join(client.get("/clinic/").content.decode().split())
    assert "Varje flagga står på raden för hur bråttom det är nu" in shown
    assert "eller avgjorde den utan att öppna sidan" in shown


def test_an_opened_again_flag_waits_again_for_its_decision(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    decide(cast, flag, NOW + 5 * MINUTE)
    actions.reopen(flag=flag, by=cast.berit, reason="För tidigt.", now=NOW + 10 * MINUTE)
    told = waits(cast.eken, Until.DECIDED, NOW + 30 * MINUTE)
    assert (told.done, told.waiting, told.longest_so_far) == (0, 1, 30)


@pytest.mark.parametrize("flags", [1, 2])
def test_it_takes_two_questions_however_many_flags_there_are(cast: Cast, flags: int, django_assert_num_queries) -> None:
    for treatment in (cast.annas, cast.eriks)[:flags]:
        raise_now(treatment)
    with django_assert_num_queries(2):
        flag_waits(cast.eken, NOW + MINUTE)


def test_the_lead_reads_them_on_the_page_of_figures(cast: Cast) -> None:
    read(cast.berit, raise_now(cast.annas), NOW + 20 * MINUTE)
    client = Client()
    with time_machine.travel(NOW + 30 * MINUTE, tick=False):
        client.force_login(cast.lena)
        shown = " ".join(client.get("/clinic/").content.decode().split())
    assert '<th scope="row">Nu, tills läst</th>' in shown
    assert "Antal klara" not in shown, "it heads a row of what was read, too"
    assert "20 min" in shown
    assert "Anna" not in shown
