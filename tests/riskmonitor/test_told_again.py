"""New words about a flag that nobody has taken on: who is told of them, and that nobody loses the flag by it."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from django.db.models import QuerySet

from clinics.models import User
from messaging.actions import send_message
from messaging.models import Notice
from programs.models import Treatment
from riskmonitor.actions import acknowledge, assign
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, told
from tests.riskmonitor.test_given_back import away_between, hand, name_tove, owner_of
from tests.riskmonitor.test_hub import ASKED, HOUR, as_hub, helps, mark

MINUTE = timedelta(minutes=1)
DANGER = "Jag vill inte leva."


def write(treatment: Treatment, at: datetime) -> None:
    send_message(treatment=treatment, text=DANGER, key=uuid4(), by=treatment.patient.user, now=at)
    while screen_one(at):
        pass


def told_at(flag: Flag, at: datetime) -> set[str]:
    return {name for name, when in told(flag) if when == at}


# -- whoever was assigned the flag and has not confirmed ---------------------------------------------------------------


def assigned_while_berit_is_ill(cast: Cast) -> Flag:
    """Told at 10.00, ill at 10.05; Tove is assigned the flag at 10.06, Anna writes at 10.07, Berit is back at 10.08."""
    flag = raise_now(cast.annas)

    def meanwhile() -> None:
        hand(cast, cast.tove, 6)
        write(cast.annas, NOW + 7 * MINUTE)

    away_between(cast, 5, 8, meanwhile)
    return flag


def test_whoever_was_assigned_the_flag_is_told_of_new_danger(cast: Cast) -> None:
    flag = assigned_while_berit_is_ill(cast)
    assert "Tove" in told_at(flag, NOW + 7 * MINUTE)
    assert Notice.objects.filter(recipient=cast.tove, kind="flag_waits", created_at=NOW + 7 * MINUTE).count() == 1


def test_if_only_those_whom_steps_have_called_were_told_the_owner_would_not_know(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""

    def called_by_steps(flag: Flag) -> QuerySet[User]:
        return User.objects.filter(pk__in=flag.events.filter(kind="notified").values("to"))

    monkeypatch.setattr("riskmonitor.actions.telling_again._told_so_far", called_by_steps)
    flag = assigned_while_berit_is_ill(cast)
    assert "Tove" not in told_at(flag, NOW + 7 * MINUTE)


def test_new_danger_takes_an_assigned_flag_from_nobody(cast: Cast) -> None:
    flag = assigned_while_berit_is_ill(cast)
    assert owner_of(flag) == "Tove"
    assert cast.tove.grants.filter(ends_at=None).exists()
    assert not flag.events.filter(kind="realerted").exists(), "the steps have not begun anew"


def test_nor_does_naming_others_after_it(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    hand(cast, cast.cecilia, 1)
    write(cast.annas, NOW + 2 * MINUTE)
    name_tove(cast, 3)
    assert owner_of(flag) == "Cecilia"


def test_if_each_notice_counted_as_a_call_the_flag_would_be_taken_away(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""

    def last_word(flag: Flag) -> bool:
        came = flag.events.filter(to=flag.owner, kind__in=["assigned", "notified"])
        return came.order_by("pk").last().kind == "assigned"

    monkeypatch.setattr("riskmonitor.actions.handing._is_assigned", last_word)
    assert owner_of(assigned_while_berit_is_ill(cast)) == "Berit"


def test_more_urgent_danger_begins_the_steps_anew_and_says_so(cast: Cast) -> None:
    flag = raise_now(cast.annas, item9=1)
    hand(cast, cast.tove, 1)
    write(cast.annas, NOW + 2 * MINUTE)
    assert flag.events.filter(kind="realerted", at=NOW + 2 * MINUTE).count() == 1
    assert told_at(flag, NOW + 2 * MINUTE) == {"Berit"}, "the first step calls, as for a new flag"


# -- only those who can do something about it --------------------------------------------------------------------------


def taken_on_after_the_hub_was_asked(cast: Cast) -> Flag:
    """Everybody of Eken and the hub are told of Erik; at 13.00 Cecilia takes the flag on, and the hub reads no more."""
    helps(cast)
    return acknowledge(flag=as_hub(mark(cast)), by=cast.cecilia, now=ASKED)


def test_after_a_lapse_only_those_who_were_called_since_are_told_of_new_words(cast: Cast) -> None:
    flag = as_hub(taken_on_after_the_hub_was_asked(cast), ASKED + HOUR + MINUTE)
    write(cast.eriks, ASKED + HOUR + 2 * MINUTE)
    assert told_at(flag, ASKED + HOUR + 2 * MINUTE) == {"Berit"}


def test_if_a_lapse_did_not_count_people_of_the_round_before_would_be_told(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.telling_again.BEGUN_ANEW", ())
    flag = as_hub(taken_on_after_the_hub_was_asked(cast), ASKED + HOUR + MINUTE)
    write(cast.eriks, ASKED + HOUR + 2 * MINUTE)
    assert told_at(flag, ASKED + HOUR + 2 * MINUTE) > {"Berit"}


def handed_on_after_the_hub_was_asked(cast: Cast) -> Flag:
    """As above, and Cecilia hands it to Tove, who has not confirmed when Erik writes at 13.02."""
    flag = taken_on_after_the_hub_was_asked(cast)
    flag = assign(flag=flag, to=cast.tove, by=cast.cecilia, now=ASKED + MINUTE)
    write(cast.eriks, ASKED + 2 * MINUTE)
    return flag


def test_who_may_not_read_any_more_is_not_told_and_who_leads_is(cast: Cast) -> None:
    told_then = told_at(handed_on_after_the_hub_was_asked(cast), ASKED + 2 * MINUTE)
    assert {"Berit", "Cecilia", "Tove", "Lena"} <= told_then
    assert not told_then & {"David", "Siv"}
    lena = Notice.objects.get(recipient=cast.lena, created_at=ASKED + 2 * MINUTE)
    assert lena.path == "/clinic/flags/", "she leads, and does not read what Erik writes"


def test_without_asking_who_may_read_the_hub_would_be_told(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.telling_again._may_read", lambda person, flag, now: True)
    assert told_at(handed_on_after_the_hub_was_asked(cast), ASKED + 2 * MINUTE) >= {"David", "Siv"}
