"""A flag is taken on, by one person, and what is written about it is kept."""

from __future__ import annotations

import threading
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse

from clinics.actions import ill_today, plan_absence
from clinics.models import Membership, User, WorkingHours
from riskmonitor.actions import AlreadyTaken, acknowledge, hand_over
from riskmonitor.sweeps import escalate_one
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.test_flag_review import LATER, WRITTEN, mark, page, words


def test_taking_it_on_makes_one_the_owner_until_it_lapses(cast: Cast) -> None:
    flag = mark(cast)
    assert page(cast.berit, "flag-acknowledge", flag, {}).status_code == 302
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.owner) == (cast.berit, cast.berit)
    assert flag.next_step_at == LATER + timedelta(minutes=60)


CLOSES, MONDAY_AT_EIGHT = NOW + timedelta(hours=7), NOW + timedelta(days=2, hours=22)


def works_on_fridays(user: User, until: int, begins: int = 8) -> None:
    post = Membership.objects.get(user=user, role="therapist")
    WorkingHours.objects.create(membership=post, weekday=4, starts=time(begins), ends=time(until))


def let_climb(now: datetime) -> None:
    while escalate_one(now):
        pass


def test_who_leaves_before_the_promise_lapses_holds_the_flag_until_then(cast: Cast) -> None:
    works_on_fridays(cast.berit, until=12)
    at_noon = NOW + timedelta(hours=2)
    flag = acknowledge(flag=mark(cast, 1), by=cast.berit, now=at_noon - timedelta(minutes=10))
    assert flag.next_step_at == at_noon
    let_climb(at_noon)
    flag.refresh_from_db()
    assert (flag.owner, flag.acknowledged_by) == (cast.cecilia, None)
    assert "lapsed" in flag.events.values_list("kind", flat=True)


def test_who_takes_a_flag_on_after_their_own_hours_is_there_for_it(cast: Cast) -> None:
    works_on_fridays(cast.berit, until=9)
    flag = acknowledge(flag=mark(cast), by=cast.berit, now=LATER)
    assert flag.next_step_at == LATER + timedelta(minutes=60)
    let_climb(LATER + timedelta(minutes=59))
    flag.refresh_from_db()
    assert flag.acknowledged_by == flag.owner == cast.berit


# Berit takes a flag for today on (four hours) while she is not there: when, her own hours, until when she has it.
NOT_THERE = {
    "after her own hours, before the clinic closes": (CLOSES - timedelta(minutes=10), (8, 12), CLOSES),
    "before her own hours of the day": (NOW + timedelta(minutes=55), (11, 12), NOW + timedelta(hours=2)),
    "at night, and not there in the morning": (NOW + timedelta(hours=10), (8, 15), MONDAY_AT_EIGHT),
}


@pytest.mark.parametrize("case", NOT_THERE)
def test_who_takes_a_flag_on_outside_of_their_hours_has_it_until_the_schedule_counts_again(
    cast: Cast, case: str
) -> None:
    at, (begins, ends), until = NOT_THERE[case]
    works_on_fridays(cast.berit, until=ends, begins=begins)
    flag = acknowledge(flag=mark(cast, 1), by=cast.berit, now=at)
    assert flag.next_step_at == until
    let_climb(until)
    flag.refresh_from_db()
    assert (flag.owner, flag.acknowledged_by) == (cast.cecilia, None)


def test_who_is_away_and_takes_a_flag_on_has_it_until_the_clinic_closes(cast: Cast) -> None:
    flag = mark(cast)
    hand_over(absence=ill_today(user=cast.tove, by=cast.tove, now=NOW + timedelta(minutes=5)), now=LATER)
    flag = acknowledge(flag=flag, by=cast.tove, now=LATER)
    let_climb(LATER + timedelta(minutes=1))
    flag.refresh_from_db()
    assert (flag.acknowledged_by, flag.next_step_at) == (cast.tove, LATER + timedelta(minutes=60))


def test_a_colleague_may_take_on_what_its_owner_has_left_also_before_a_sweep(cast: Cast) -> None:
    works_on_fridays(cast.berit, until=12)
    at_noon = NOW + timedelta(hours=2)
    flag = acknowledge(flag=mark(cast), by=cast.berit, now=at_noon - timedelta(minutes=10))
    with pytest.raises(AlreadyTaken):
        acknowledge(flag=flag, by=cast.cecilia, now=at_noon - timedelta(minutes=1))
    assert acknowledge(flag=flag, by=cast.cecilia, now=at_noon + timedelta(minutes=5)).owner == cast.cecilia


def test_a_colleague_who_comes_second_reads_who_took_it(cast: Cast) -> None:
    flag = mark(cast)
    with time_machine.travel(NOW + timedelta(minutes=31), tick=False):
        while escalate_one(NOW + timedelta(minutes=31)):
            pass
    late = NOW + timedelta(minutes=32)
    page(cast.berit, "flag-acknowledge", flag, {}, late)
    client = Client()
    with time_machine.travel(late, tick=False):
        client.force_login(cast.cecilia)
        answer = client.post(reverse("flag-acknowledge", args=[flag.code]), follow=True)
    assert "Berit tog flaggan kl. 10.32" in words(answer)


@pytest.mark.django_db(transaction=True)
def test_two_people_take_it_on_at_once_and_exactly_one_succeeds() -> None:
    cast = make_cast()
    flag, outcomes, start = mark(cast), [], threading.Barrier(2)

    def take(user: User) -> None:
        start.wait()
        try:
            acknowledge(flag=flag, by=user, now=LATER)
            outcomes.append("taken")
        except AlreadyTaken:
            outcomes.append("too late")
        finally:
            connection.close()

    threads = [threading.Thread(target=take, args=[user]) for user in (cast.berit, cast.cecilia)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["taken", "too late"]
    assert flag.events.filter(kind="acknowledged").count() == 1


def test_saving_keeps_the_flag_open_with_the_assessment_in_its_history(cast: Cast) -> None:
    flag = mark(cast)
    data = WRITTEN | {"next_contact_on": "2026-11-23", "contact_with": "Anna"}
    assert page(cast.berit, "flag-document", flag, data).status_code == 302
    flag.refresh_from_db()
    cast.annas.refresh_from_db()
    assert (flag.closed_at, flag.assessment, flag.acknowledged_by) == (None, WRITTEN["assessment"], cast.berit)
    assert str(cast.annas.next_contact_on) == "2026-11-23"
    assert 'value="Anna"' in words(page(cast.berit, "flag", flag))


def test_saving_without_an_assessment_is_refused_and_nothing_is_lost(cast: Cast) -> None:
    flag = mark(cast)
    answer = page(cast.berit, "flag-document", flag, {"assessment": " ", "action": "Ringer i eftermiddag."})
    assert "Skriv din bedömning med egna ord." in words(answer)
    assert "Ringer i eftermiddag." in words(answer)
    assert "Ringer i eftermiddag." in words(page(cast.berit, "flag", flag))


def test_not_reached_is_noted_the_clock_runs_and_the_text_stays(cast: Cast) -> None:
    flag = mark(cast)
    due = flag.next_step_at
    tried = {"tried": "Ringde två gånger.", "try_again_at": "2026-11-20T10:45"}
    page(cast.berit, "flag-not-reached", flag, tried | {"assessment": "Halvskriven tanke"})
    flag.refresh_from_db()
    assert (flag.next_step_at, flag.closed_at) == (due, None)
    assert flag.events.get(kind="not_reached").note == "Ringde två gånger."
    assert "Halvskriven tanke" in words(page(cast.berit, "flag", flag))


def test_a_colleagues_words_are_shown_but_never_put_in_ones_own_mouth(cast: Cast) -> None:
    plan_absence(user=cast.berit, starts_at=NOW, ends_at=LATER, stand_ins={}, by=cast.berit, now=NOW)
    flag = mark(cast, now=NOW + timedelta(minutes=1))
    page(cast.cecilia, "flag-document", flag, WRITTEN, NOW + timedelta(minutes=5))
    shown = words(page(cast.berit, "flag", flag, at=LATER))
    assert shown.count(WRITTEN["assessment"]) == 1


def test_the_form_saves_itself_as_it_is_written_and_the_page_brings_it_back(cast: Cast) -> None:
    flag, client = mark(cast), Client()
    url = reverse("autosave", args=[f"flag:{flag.code}"])
    with time_machine.travel(LATER, tick=False):
        client.force_login(cast.berit)
        assert f'data-autosave="{url}" data-version="0"' in words(client.get(reverse("flag", args=[flag.code])))
        assert client.post(url, {"assessment": "Halvskriven", "version": "0"}).json()["version"] == 1
        shown = words(client.get(reverse("flag", args=[flag.code])))
    assert "Halvskriven" in shown
    assert 'data-version="1"' in shown
