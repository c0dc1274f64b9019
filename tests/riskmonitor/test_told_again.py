"""New words about a flag that nobody has taken on: who is told of them, and that nobody loses the flag by it."""

from __future__ import annotations

from collections.abc import Callable
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
from tests.riskmonitor.test_absence_pages import words
from tests.riskmonitor.test_climbing import raise_now, told
from tests.riskmonitor.test_given_back import away_between, hand, name_tove, owner_of
from tests.riskmonitor.test_hub import ASKED, HOUR, as_hub, helps, mark
from tests.riskmonitor.test_hub_meanwhile import ask

MINUTE = timedelta(minutes=1)
DANGER = "Jag vill inte leva."
Story = Callable[[Cast], Flag]


def write(treatment: Treatment, at: datetime, text: str = DANGER) -> None:
    send_message(treatment=treatment, text=text, key=uuid4(), by=treatment.patient.user, now=at)
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


# -- whoever had the flag when the steps begin anew -------------------------------------------------------------------


def taken_on_and_written_about(cast: Cast) -> Flag:
    """Tove takes Anna's flag on at 10.01 and rings; at 10.02 Anna writes that she does not want to live."""
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.tove, now=NOW + MINUTE)
    write(cast.annas, NOW + 2 * MINUTE)
    return flag


def assigned_and_more_urgent(cast: Cast) -> Flag:
    """Tove is assigned a flag of `today` at 10.01; what Anna writes at 10.02 makes it `now`."""
    flag = raise_now(cast.annas, item9=1)
    hand(cast, cast.tove, 1)
    write(cast.annas, NOW + 2 * MINUTE)
    return flag


HAD = pytest.mark.parametrize("story", [taken_on_and_written_about, assigned_and_more_urgent])


@pytest.mark.hazard("H2c")
@HAD
def test_whoever_had_the_flag_is_told_when_its_steps_begin_anew(cast: Cast, story: Story) -> None:
    flag = story(cast)
    assert flag.events.filter(kind="realerted", at=NOW + 2 * MINUTE).count() == 1
    assert told_at(flag, NOW + 2 * MINUTE) == {"Berit", "Tove"}, "the first step calls as for a new flag"
    assert owner_of(flag) == "Berit"
    notice = Notice.objects.get(recipient=cast.tove, kind="flag_waits", created_at=NOW + 2 * MINUTE)
    page = words(ask(cast.tove, notice.path, at=NOW + 2 * MINUTE))
    assert str(flag.patient.code) in page, "her list leads to the flag"


@HAD
def test_without_remembering_who_had_it_only_the_steps_would_call(
    cast: Cast, story: Story, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.raising.tell_who_had_it", lambda flag, had, now: None)
    assert told_at(story(cast), NOW + 2 * MINUTE) == {"Berit"}


@HAD
def test_whoever_had_the_flag_is_told_of_what_comes_after_too(cast: Cast, story: Story) -> None:
    flag = story(cast)
    write(cast.annas, NOW + 3 * MINUTE, "Jag har tabletter hemma och tänker ta dem.")
    assert told_at(flag, NOW + 3 * MINUTE) >= {"Berit", "Tove"}


def test_whom_the_steps_call_again_is_told_once(cast: Cast) -> None:
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.berit, now=NOW + MINUTE)
    write(cast.annas, NOW + 2 * MINUTE)
    assert [each for each in told(flag) if each[1] == NOW + 2 * MINUTE] == [("Berit", NOW + 2 * MINUTE)]


def test_whoever_had_the_flag_is_told_also_when_the_steps_cannot_be_taken(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.tove, now=NOW + MINUTE)
    monkeypatch.setattr("riskmonitor.actions.climbing.climb", broken)
    write(cast.annas, NOW + 2 * MINUTE)
    assert told_at(flag, NOW + 2 * MINUTE) == {"Tove"}


def broken(*_args: object, **_kwargs: object) -> None:
    raise RuntimeError("the steps cannot be taken")


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
