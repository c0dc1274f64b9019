"""What is asked when: a table over a whole treatment and the year after it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.instruments import load_instruments
from programs.measures import schedule
from programs.measures.schedule import (
    WEEKLY_QUESTIONS,
    Asking,
    Occasion,
    Way,
    asked_now,
    asking,
    last_day,
    minutes_for,
    period_start,
    plan_of,
    weekly_burden,
)
from programs.tools import LIBRARY

ALL = load_instruments(LIBRARY / "instruments")
SHOWN = {name: each for name, each in ALL.items() if each.has_wording}
ITEMS = {name: len(each.items) for name, each in ALL.items()}
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FACTS: dict[str, Any] = {
    "primary": "phq9", "risk": "phq9",
    "schedule": {
        "screening": ["phq9", "gad7", "audit"], "start": ["primary", "gad7", "bbq", "goals"], "weekly": ["primary"],
        "mid": {"after": "varden", "ask": ["gad7", "goals", "side_effects"]},
        "end": ["primary", "gad7", "bbq", "goals", "side_effects"],
        "follow_up": [{"weeks": 4, "ask": ["primary"]}, {"weeks": 12, "ask": ["primary"]},
                      {"weeks": 26, "ask": ["primary", "gad7", "bbq"]}, {"weeks": 52, "ask": ["primary", "gad7"]}],
    },
}  # fmt: skip
PLAN = plan_of(FACTS, "phq9", ITEMS)
RUNNING = Way(START, START)
END = START + 10 * WEEK
ENDED = replace(RUNNING, ended_at=END)


def ask(way: Way, now: datetime, **sent: datetime) -> Asking:
    return asking(PLAN, way, SHOWN, sent, now)


def names(found: Asking) -> list[str]:
    return [each.instrument.id for each in found.waiting]


@pytest.mark.parametrize(
    ("way", "after", "waiting", "skipped"),
    [
        (Way(START), -DAY, ["phq9", "gad7"], ("audit",)),  # before it starts
        (RUNNING, 0 * DAY, ["phq9", "gad7", "goals"], ("bbq",)),
        (RUNNING, 6 * DAY, ["phq9", "gad7", "goals"], ("bbq",)),
        (RUNNING, 7 * DAY, ["phq9"], ()),
        (replace(RUNNING, mid_at=START + 4 * WEEK), 4 * WEEK, ["phq9", "gad7", "goals", "side_effects"], ()),
        (replace(RUNNING, mid_at=START + 4 * WEEK), 6 * WEEK, ["phq9"], ()),  # two weeks later it is let be
        (replace(RUNNING, done_at=START + 8 * WEEK), 8 * WEEK, ["phq9", "gad7", "goals", "side_effects"], ("bbq",)),
        (ENDED, 10 * WEEK, ["phq9", "gad7", "goals", "side_effects"], ("bbq",)),
        (ENDED, 14 * WEEK, ["phq9"], ()),  # 4 weeks after the end
        (ENDED, 20 * WEEK, [], ()),
        (ENDED, 22 * WEEK, ["phq9"], ()),  # 12 weeks
        (ENDED, 36 * WEEK, ["phq9", "gad7"], ("bbq",)),  # 26 weeks
        (ENDED, 61 * WEEK, ["phq9", "gad7"], ()),  # from a week before 52 weeks
        (ENDED, 66 * WEEK, [], ()),  # four weeks after it
    ],
)
def test_each_occasion_asks_what_the_programme_says(
    way: Way, after: timedelta, waiting: list[str], skipped: tuple[str, ...]
) -> None:
    found = ask(way, START + after)
    assert (names(found), found.skipped) == (waiting, skipped)


@pytest.mark.parametrize(
    ("sent_after", "asked_after", "waits"),
    [
        (timedelta(hours=1), 6 * DAY, False),
        (3 * DAY, 7 * DAY - timedelta(seconds=1), False),
        (3 * DAY, 7 * DAY, True),  # a new period begins to the second
        (6 * DAY, 7 * DAY, False),  # asked within three days
        (6 * DAY, 9 * DAY - timedelta(seconds=1), False),
        (6 * DAY, 9 * DAY, True),  # only put off: the question about suicide is never left out for a week
        (7 * DAY, 13 * DAY, False),
        (7 * DAY, 70 * DAY, True),
    ],
)
def test_the_weekly_measure_is_asked_once_in_seven_days_and_never_within_three(
    sent_after: timedelta, asked_after: timedelta, waits: bool
) -> None:
    assert ("phq9" in names(ask(RUNNING, START + asked_after, phq9=START + sent_after))) is waits


@pytest.mark.parametrize(("before", "waits"), [(2, False), (3, False), (4, True)])
def test_what_was_answered_up_to_three_days_before_the_end_is_not_asked_again(before: int, waits: bool) -> None:
    found = ask(ENDED, END + 5 * DAY, gad7=END - before * DAY)
    assert ("gad7" in names(found)) is waits


def test_an_instrument_is_asked_once_although_two_occasions_want_it() -> None:
    found = ask(RUNNING, START)
    assert (found.waiting[0].instrument.id, found.waiting[0].occasion) == ("phq9", Occasion.START)
    assert names(found).count("phq9") == 1


def test_the_question_about_suicide_is_asked_every_week_whatever_the_main_measure_is() -> None:
    own = plan_of({"primary": "sleep_week", "risk": "phq9"}, "sleep_week", ITEMS)
    for shown in (SHOWN, ALL):
        found = asking(own, RUNNING, shown, {}, START + WEEK)
        assert names(found) == ["sleep_week", "phq9"]
    wrong = replace(own, risk="gad7")  # has no such question
    assert names(asking(wrong, RUNNING, SHOWN, {}, START + WEEK)) == ["sleep_week", "phq9"]


def test_red_twin_without_the_rule_a_week_would_pass_without_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schedule, "_with_risk", lambda occasion, asks, plan, shown: asks)
    own = plan_of({"primary": "sleep_week", "risk": "phq9"}, "sleep_week", ITEMS)
    assert names(asking(own, RUNNING, SHOWN, {}, START + WEEK)) == ["sleep_week"]


def test_a_main_measure_with_the_question_stands_alone_and_without_wording_the_risk_measure_stands_in() -> None:
    gated = plan_of({"primary": "phq9", "risk": "phq9"}, "madrs_s", ITEMS)
    assert names(asking(gated, RUNNING, ALL, {}, START + WEEK)) == ["madrs_s"]
    without = asking(gated, RUNNING, SHOWN, {}, START + WEEK)
    assert (names(without), without.skipped) == (["phq9"], ("madrs_s",))


def test_a_long_main_measure_is_asked_at_start_middle_and_end_and_the_short_one_weekly() -> None:
    plan = plan_of(FACTS | {"primary": "gad7"}, "lsas_sr", ITEMS)
    assert (plan.start[0], plan.weekly, plan.mid[0], plan.end[0]) == ("lsas_sr", ("gad7",), "lsas_sr", "lsas_sr")


def test_questions_and_minutes_are_told_and_a_week_keeps_its_budget() -> None:
    found = ask(RUNNING, START + WEEK)
    assert (found.questions, found.minutes) == (9, 2)
    assert (minutes_for(1), minutes_for(20), WEEKLY_QUESTIONS) == (1, 5, 20)
    assert weekly_burden(PLAN, SHOWN) == 9
    assert weekly_burden(plan_of({"primary": "sleep_week"}, "sleep_week", ITEMS), SHOWN) == 12


def test_the_last_day_is_four_weeks_after_the_last_follow_up() -> None:
    assert last_day(PLAN, END) == END + 56 * WEEK
    assert last_day(replace(PLAN, follow_up=()), END) == END + 4 * WEEK
    assert last_day(plan_of({"primary": "phq9"}, "phq9", ITEMS), END) == END


def test_periods_are_counted_from_the_start_also_before_it() -> None:
    assert period_start(START, START + 15 * DAY) == START + 14 * DAY
    assert period_start(START, START - DAY) == START


@given(st.integers(0, 70 * 24), st.integers(0, 70 * 24))
def test_nothing_is_ever_asked_within_three_days_of_its_answer(sent: int, later: int) -> None:
    at = START + timedelta(hours=sent)
    now = at + timedelta(hours=later % 72)
    for way in (RUNNING, ENDED):
        assert "phq9" not in names(asking(PLAN, way, SHOWN, {"phq9": at}, now))


@given(st.integers(10, 70 * 24))
def test_while_it_runs_ten_days_never_pass_without_the_question_about_suicide(hours: int) -> None:
    now = START + timedelta(hours=hours)
    last = now - timedelta(days=10)
    assert "phq9" in names(asking(PLAN, RUNNING, SHOWN, {"phq9": last}, now))


@pytest.mark.parametrize("way", [Way(START), RUNNING, replace(RUNNING, mid_at=START + 4 * WEEK), ENDED])
@pytest.mark.parametrize("primary", ["phq9", "gad7"])
def test_what_waits_hangs_on_nothing_that_is_not_asked_now(way: Way, primary: str) -> None:
    plan = plan_of(FACTS | {"primary": primary}, primary, ITEMS)
    for day in range(-7, 500):
        now = START + day * DAY
        named = set(asked_now(plan, way, now))
        few = {name: each for name, each in SHOWN.items() if name in named}
        assert asking(plan, way, few, {}, now) == asking(plan, way, SHOWN, {}, now)
    assert set(asked_now(plan, way, START + 3 * WEEK)) < set(plan.wanted)
