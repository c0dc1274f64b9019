"""Changed opening hours count for open flags at once: what comes nearer does, and no promise moves away."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest

from clinics.actions import change_week, set_day
from clinics.cover.working_time import STOCKHOLM
from clinics.models import Absence
from riskmonitor.actions import acknowledge, check_clinic, let_hours_count
from riskmonitor.models import Flag, FlagEvent
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until, told

MINUTE = timedelta(minutes=1)
USUAL = [(day, time(8), time(17)) for day in range(5)]
SATURDAYS = (5, time(10), time(14))


def at(text: str) -> datetime:
    """Return a local moment of the cast's weekend: "fri 16:50"."""
    day, clock = text.split()
    days = {"fri": 20, "sat": 21, "mon": 23, "tue": 24, "wed": 25}
    return datetime.fromisoformat(f"2026-11-{days[day]}T{clock}").replace(tzinfo=STOCKHOLM).astimezone(UTC)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(STOCKHOLM):%a %H:%M}".lower()


def open_saturdays(cast: Cast, now: datetime) -> None:
    change_week(clinic=cast.eken, week=[*USUAL, SATURDAYS], by=cast.lena, now=now)
    let_hours_count(clinic=cast.eken, now=now)


def close_on(cast: Cast, day: date, now: datetime) -> None:
    set_day(clinic=cast.eken, day=day, opening=None, by=cast.lena, now=now)
    let_hours_count(clinic=cast.eken, now=now)


def clocks(flag: Flag) -> tuple[str, str, str]:
    flag.refresh_from_db()
    return local(flag.clock_from), local(flag.due_at), local(flag.next_step_at)


@pytest.mark.hazard("H18d")
@pytest.mark.parametrize(
    ("raised", "before", "after"),
    [
        ("fri 16:50", ("fri 16:50", "mon 08:50", "mon 08:20"), ("fri 16:50", "sat 10:50", "sat 10:20")),
        ("fri 17:30", ("mon 08:00", "mon 09:00", "mon 08:30"), ("sat 10:00", "sat 11:00", "sat 10:30")),
    ],
)
def test_a_clinic_that_opens_on_saturday_answers_on_saturday(
    cast: Cast, raised: str, before: tuple[str, str, str], after: tuple[str, str, str]
) -> None:
    flag = raise_now(cast.annas, at(raised))
    assert clocks(flag) == before
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(flag) == after
    sweep_until(at("sat 13:30"), start=at("sat 09:00"))
    firsts = dict(reversed([(name, local(when)) for name, when in told(flag)]))
    start = {"fri 16:50": ("sat 10:20", "sat 10:50", "sat 11:50")}.get(raised, ("sat 10:30", "sat 11:00", "sat 12:00"))
    assert (firsts["Cecilia"], firsts["Tove"], firsts["Lena"]) == start


def test_without_the_control_the_earlier_deadline_is_lost(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: hours are saved, and nobody counts the flags anew."""
    flag = raise_now(cast.annas, at("fri 17:30"))
    monkeypatch.setattr("riskmonitor.actions.hours.bring_nearer", lambda flag, now: None)
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(flag) == ("mon 08:00", "mon 09:00", "mon 08:30")


def test_a_step_that_is_due_by_the_new_hours_comes_at_once(cast: Cast) -> None:
    flag = raise_now(cast.annas, at("fri 16:50"))
    change_week(clinic=cast.eken, week=[*USUAL[:4], (4, time(8), time(20))], by=cast.lena, now=at("fri 17:25"))
    let_hours_count(clinic=cast.eken, now=at("fri 17:25"))
    assert [name for name, _when in told(flag)] == ["Berit", "Cecilia"]
    assert clocks(flag) == ("fri 16:50", "fri 17:50", "fri 17:50")


def test_a_repeat_comes_nearer_too(cast: Cast) -> None:
    flag = raise_now(cast.annas, at("fri 14:45"))
    sweep_until(at("fri 16:59"), start=at("fri 14:45"))
    assert clocks(flag)[2] == "mon 08:45"
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(flag)[2] == "sat 10:45"
    assert [name for name, _when in told(flag)].count("Lena") == 1, "nobody is told again because hours changed"


def test_a_promise_to_act_lapses_by_the_new_hours(cast: Cast) -> None:
    flag = acknowledge(flag=raise_now(cast.annas, at("fri 16:30")), by=cast.berit, now=at("fri 16:30"))
    assert clocks(flag)[2] == "mon 08:30"
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(flag)[2] == "sat 10:30"
    assert flag.acknowledged_by == cast.berit


def test_a_deadline_stands_when_the_clinic_closes_and_the_steps_wait_for_its_opening(cast: Cast) -> None:
    flag = raise_now(cast.annas, at("fri 16:50"))
    close_on(cast, date(2026, 11, 23), at("fri 18:00"))
    assert clocks(flag) == ("fri 16:50", "mon 08:50", "tue 08:20"), "what was promised is not moved"
    sweep_until(at("tue 11:00"), start=at("mon 07:00"), step=20 * MINUTE)
    assert list(dict.fromkeys(name for name, _when in told(flag))) == ["Berit", "Cecilia", "Tove", "Lena"]
    assert all(when >= at("tue 08:20") for name, when in told(flag) if name != "Berit")


def test_there_and_back_again_leaves_no_flag_later_than_it_was(cast: Cast) -> None:
    flag = raise_now(cast.annas, at("fri 16:50"))
    open_saturdays(cast, at("fri 18:00"))
    change_week(clinic=cast.eken, week=USUAL, by=cast.lena, now=at("fri 18:05"))
    let_hours_count(clinic=cast.eken, now=at("fri 18:05"))
    assert clocks(flag) == ("fri 16:50", "sat 10:50", "mon 08:20")


def test_other_clinics_and_closed_flags_keep_their_clocks(cast: Cast) -> None:
    elsewhere = raise_now(cast.nilss, at("fri 17:30"))
    before = clocks(elsewhere)
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(elsewhere) == before


def test_a_gap_that_falls_on_a_closed_day_is_none(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia):
        Absence.objects.create(
            user=user, starts_at=at("mon 00:00"), ends_at=at("tue 00:00"), created_at=NOW, created_by=user
        )
    check_clinic(cast.eken, NOW)
    assert Flag.objects.open().filter(kind="uncovered", clinic=cast.eken).count() == 2
    close_on(cast, date(2026, 11, 23), NOW)
    assert not Flag.objects.open().filter(kind="uncovered", clinic=cast.eken).exists()


def test_a_flag_that_cannot_be_counted_stands_due_and_does_not_undo_the_hours(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag = raise_now(cast.annas, at("fri 16:50"))

    def broken(*args: object) -> None:
        raise RuntimeError("no count")

    monkeypatch.setattr("riskmonitor.actions.climbing.repeats_at", broken)
    open_saturdays(cast, at("fri 18:00"))
    assert clocks(flag) == ("fri 16:50", "mon 08:50", "sat 10:20")
    assert not flag.events.filter(kind=FlagEvent.Kind.NOBODY).exists()
