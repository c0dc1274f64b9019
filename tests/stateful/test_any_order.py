"""Everybody does what they like, in any order: the rows must say what the oracle says.

IKBT_EXAMPLES is how many stories are played (of 50 steps each), IKBT_SEED repeats a run; the seed is printed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from riskmonitor.actions import climbing, raising, reopening
from riskmonitor.escalation import next_step as escalation
from riskmonitor.flags import flag_history
from riskmonitor.models.flag import FlagSet
from riskmonitor.sweeps import screening
from tests.cast import Cast
from tests.stateful import machine
from tests.stateful.machine import Flags

EXAMPLES = int(os.environ.get("IKBT_EXAMPLES", "5"))
SEED = int(os.environ.get("IKBT_SEED", random.randrange(2**32)))
STEPS = int(os.environ.get("IKBT_STEPS", "50"))


def play(cast: Cast) -> None:
    print(f"{EXAMPLES} stories of {STEPS} steps: IKBT_SEED={SEED}")
    how = settings(
        max_examples=EXAMPLES, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink],
    )  # fmt: skip
    stories = type("Flags", (Flags,), {"cast": cast})
    run_state_machine_as_test(seed(SEED)(stories), settings=how)


@pytest.mark.slow
def test_in_any_order_the_rows_say_what_the_oracle_says(cast: Cast) -> None:
    play(cast)


def raises_nothing(*_found: Any, **_more: Any) -> None:
    """Screen, and keep it to oneself."""


def forgets_who_has_left(flags: FlagSet, now: datetime) -> FlagSet:
    return flags.open().filter(next_step_at__lte=now).order_by("next_step_at")


def never_lapses(flag: escalation.FlagState, *rest: Any) -> escalation.Climb:
    if flag.acknowledged_at is None:
        return escalation.next_step(flag, *rest)
    held = escalation.next_step(replace(flag, acknowledged_at=rest[-1]), *rest)
    return replace(held, lapsed=False)


def is_silent_for_a_month(*asked: Any) -> escalation.Climb:
    return replace(escalation.next_step(*asked), next_step_at=asked[-1] + timedelta(days=30))


def lets_go_at_each_finding(flag: Any, urgency: Any, now: datetime) -> None:
    flag.acknowledged_at = flag.acknowledged_by = None
    flag.urgency = "today"
    flag.save(update_fields=["acknowledged_at", "acknowledged_by", "urgency"])


def lets_anybody_confirm(events: Sequence[Any]) -> Any:
    handed = flag_history.handed_on(events)
    taken = next((each.at for each in events if each.kind in flag_history.TAKEN_ON), None)
    return handed and replace(handed, confirmed_at=taken)


def opens_a_lesser_one(flag: Any) -> None:
    """Open the flag again, with more time than it had."""
    flag.outcome = flag.assessment = flag.action = flag.contact_with = ""
    flag.contact_at = flag.next_contact_on = flag.closed_at = flag.closed_by = None
    flag.urgency = "week"


@dataclass(frozen=True)
class Broken:
    """What is patched, and the shortest story in which it does harm: rules of the machine with what they are given."""

    patched: tuple[object, str, Callable[..., object]]
    story: tuple[tuple[str, dict[str, Any]], ...]


def marks(item9: int) -> tuple[str, dict[str, Any]]:
    return "send_a_measure", {"who": "annas", "item9": item9, "twice": False}


def wait(minutes: int) -> tuple[str, dict[str, Any]]:
    return "time_passes", {"minutes": minutes}


BROKEN = {
    "a text that raises nothing": Broken(
        (screening, "raise_flags", raises_nothing),
        (("write", {"who": "annas", "text": 1}), ("screen_the_oldest", {})),
    ),
    "an owner who left and is not missed": Broken(
        (FlagSet, "due", forgets_who_has_left),
        (marks(1), ("hand_to", {"who": "annas", "by": "cecilia"}), ("close_an_account", {"who": "cecilia"}), wait(30)),
    ),
    "a promise that never lapses": Broken(
        (climbing, "next_step", never_lapses),
        (marks(2), ("take_on", {"who": "annas", "by": "berit"}), wait(240), ("sweep", {})),
    ),
    "a plan that is silent": Broken(
        (climbing, "next_step", is_silent_for_a_month), (marks(2), wait(31), ("sweep", {}))
    ),
    "a receipt that anybody gives": Broken(
        (machine, "handed_on", lets_anybody_confirm),
        (marks(2), ("hand_to", {"who": "annas", "by": "cecilia"}), ("take_on", {"who": "annas", "by": "berit"})),
    ),
    "a flag that is opened again as a lesser one": Broken(
        (reopening, "_forget_the_closing", opens_a_lesser_one),
        (
            marks(2),
            ("close", {"who": "annas", "by": "berit", "outcome": "contacted"}),
            ("reopen", {"who": "annas", "by": "cecilia", "reason": "Oro."}),
        ),
    ),
    "an alarm that lowers the urgency": Broken((raising, "realert", lets_go_at_each_finding), (marks(1), marks(3))),
}


def tell(cast: Cast, story: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Play one story, and hold the rows against the oracle after each step."""
    played = type("Flags", (Flags,), {"cast": cast})()
    try:
        played.berits_patients_wait()
        for name, given in story:
            getattr(played, name)(**given)
            played.holds()
    finally:
        played.teardown()


@pytest.mark.parametrize("name", BROKEN)
def test_the_oracle_sees_what_is_broken(cast: Cast, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[name].patched)
    with pytest.raises(AssertionError):
        tell(cast, BROKEN[name].story)


@pytest.mark.parametrize("name", BROKEN)
def test_the_same_story_holds_when_nothing_is_broken(cast: Cast, name: str) -> None:
    tell(cast, BROKEN[name].story)


AWAY_TOMORROW = ("plan_an_absence", {"who": "tove", "days": 1, "length": 1})
# What 2,000 stories of 50 steps found (twice, IKBT_SEED=20261122), told as briefly as it can be.
FOUND = {
    "who goes while the clinic is closed is away from the closing before": (
        wait(930), ("plan_an_absence", {"who": "berit", "days": 2, "length": 1}), marks(1), wait(1440),
    ),
    "who is back the same day does not hold what was let go": (
        wait(930), marks(2), ("take_on", {"who": "annas", "by": "cecilia"}), ("fall_ill_today", {"who": "tove"}),
        ("fall_ill_today", {"who": "berit"}), ("fall_ill_today", {"who": "cecilia"}),
        ("come_back", {"who": "cecilia"}),
    ),
    "who takes a flag on and is away tomorrow holds it until the clinic closes": (
        marks(1), wait(240), wait(1), AWAY_TOMORROW, ("take_on", {"who": "annas", "by": "tove"}), wait(240),
    ),
    "who is handed a flag and is away tomorrow has it until the clinic closes": (
        marks(1), AWAY_TOMORROW, ("hand_to", {"who": "annas", "by": "tove"}), wait(930),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
def test_a_story_that_chance_has_found_holds(cast: Cast, name: str) -> None:
    tell(cast, FOUND[name])
