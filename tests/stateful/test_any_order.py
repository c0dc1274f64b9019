"""Everybody does what they like, in any order: the rows must say what the oracle says.

IKBT_EXAMPLES is how many stories are played (of 50 steps each), IKBT_SEED repeats a run; the seed is printed.
"""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from riskmonitor import escalation
from riskmonitor.actions import climbing, raising
from riskmonitor.models.flag import FlagSet
from riskmonitor.sweeps import screening
from tests.cast import Cast
from tests.stateful.machine import Flags

EXAMPLES = int(os.environ.get("IKBT_EXAMPLES", "15"))
SEED = int(os.environ.get("IKBT_SEED", random.randrange(2**32)))
WHOLE = os.environ.get("IKBT_NO_SKIPS") == "1"
STEPS = 50


def play(cast: Cast, examples: int = EXAMPLES, *, shrink: bool = True) -> None:
    print(f"{examples} stories of {STEPS} steps: IKBT_SEED={SEED}")
    how = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, database=None, print_blob=False,
        suppress_health_check=list(HealthCheck), phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
    )  # fmt: skip
    machine = type("Flags", (Flags,), {"cast": cast})
    run_state_machine_as_test(seed(SEED)(machine), settings=how)


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


BROKEN: dict[str, tuple[object, str, Callable[..., object]]] = {
    "a text that raises nothing": (screening, "_raise", raises_nothing),
    "an owner who left and is not missed": (FlagSet, "due", forgets_who_has_left),
    "a promise that never lapses": (climbing, "next_step", never_lapses),
    "a plan that is silent": (climbing, "next_step", is_silent_for_a_month),
    "an alarm that lowers the urgency": (raising, "realert", lets_go_at_each_finding),
}


@pytest.mark.skipif(not (WHOLE or EXAMPLES >= 200), reason="the oracle's five broken twins take a minute: .ci/run")
@pytest.mark.slow
@pytest.mark.parametrize("broken", BROKEN)
def test_the_oracle_sees_what_is_broken(cast: Cast, broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(*BROKEN[broken])
    with pytest.raises(AssertionError):
        play(cast, 60, shrink=False)
