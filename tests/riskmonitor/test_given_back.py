"""An absence that is taken back gives the flags back that it had moved, with the clock that they had."""

from __future__ import annotations

from datetime import timedelta

import pytest

from clinics.actions import end_absence, ill_today
from riskmonitor.actions import acknowledge, hand_over
from riskmonitor.models import Flag
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until, told

MINUTE = timedelta(minutes=1)


def away_between(cast: Cast, start: int, end: int, meanwhile=None) -> None:
    """Berit is ill from one minute after ten until another, and takes it back."""
    absence = ill_today(user=cast.berit, by=cast.berit, now=NOW + start * MINUTE)
    hand_over(absence=absence, now=NOW + start * MINUTE)
    if meanwhile:
        meanwhile()
    ended = end_absence(absence=absence, by=cast.berit, now=NOW + end * MINUTE)
    hand_over(absence=ended, now=NOW + end * MINUTE)


def owner_of(flag: Flag) -> str:
    flag.refresh_from_db()
    return flag.owner.first_name


def test_flags_come_back_with_their_clock_and_climb_on_as_if_nothing_had_been(cast: Cast) -> None:
    flags = [raise_now(cast.annas), raise_now(cast.eriks)]
    due = [flag.due_at for flag in flags]

    def with_the_substitute() -> None:
        assert [owner_of(flag) for flag in flags] == ["Cecilia", "Cecilia"]

    away_between(cast, 5, 6, with_the_substitute)
    assert [owner_of(flag) for flag in flags] == ["Berit", "Berit"]
    assert [flag.due_at for flag in flags] == due
    sweep_until(NOW + 31 * MINUTE, start=NOW + 6 * MINUTE)
    assert owner_of(flags[0]) == "Cecilia"
    assert told(flags[0])[-1] == ("Cecilia", NOW + 30 * MINUTE)


def test_without_the_control_they_would_stay(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.actions.covering._give_back", lambda absence, now: None)
    flag = raise_now(cast.annas)
    away_between(cast, 5, 6)
    assert owner_of(flag) == "Cecilia"


def test_the_substitutes_access_ends_with_it(cast: Cast) -> None:
    raise_now(cast.annas)
    away_between(cast, 5, 6)
    assert not cast.cecilia.grants.filter(ends_at=None).exists()


def test_a_flag_that_the_substitute_has_taken_on_stays_there(cast: Cast) -> None:
    flag = raise_now(cast.annas)

    def take_it_on() -> None:
        acknowledge(flag=Flag.objects.get(), by=cast.cecilia, now=NOW + 6 * MINUTE)

    away_between(cast, 5, 7, take_it_on)
    assert owner_of(flag) == "Cecilia"


def test_a_flag_whose_time_to_climb_has_come_anyway_goes_on(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    away_between(cast, 5, 31)
    assert owner_of(flag) == "Cecilia"
    names = [name for name, _at in told(flag)]
    assert names.count("Berit") == names.count("Cecilia") == 1, "nobody is told again"


def test_a_flag_that_was_raised_meanwhile_comes_too(cast: Cast) -> None:
    away_between(cast, 5, 20, lambda: raise_now(cast.annas, NOW + 10 * MINUTE))
    assert owner_of(Flag.objects.get()) == "Berit"


def test_other_flags_are_left_alone(cast: Cast) -> None:
    """Nils is David's patient: his flag has nothing to do with Berit."""
    flag = raise_now(cast.nilss)
    before = told(flag)
    away_between(cast, 5, 6)
    assert told(flag) == before
