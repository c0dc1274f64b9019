"""Every state that one flag can come to, in Python and in SPIN, and a broken function for each promise.

Two plans in each run, all eleven by `python -m tests.model`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from clinics.cover import coverage
from clinics.cover.coverage import People
from clinics.cover.working_time import WorkingTime
from riskmonitor.escalation.clinic_plans import default_steps
from riskmonitor.escalation.next_step import Climb, FlagState, next_step
from riskmonitor.escalation.plan_rules import SCOPES
from riskmonitor.escalation.steps import AT_ONCE, HUB_STEP, Audience, Step
from riskmonitor.rules import Kind
from tests.cast import NOW, Cast
from tests.model.plans_under_test import OFTEN, PLANS, Plan
from tests.model.promela import HOLD, MUST_FAIL, Spin, missing
from tests.model.promises import PROMISES, broken
from tests.model.world import Graph, World, explore
from tests.riskmonitor.test_hub import helps

QUICK = replace(PLANS["uncovered-now"], comers=(0, 3))  # therapist and lead come and go, where it must be quick
QUICK_HUB = replace(PLANS["now-hub"], comers=(3, 5))  # a clinic whose therapist is never there: the lead, and the hub
HOUR = timedelta(hours=1)
needs_spin = pytest.mark.skipif(missing() is not None, reason=f"{missing()} is not installed")


@cache
def visited(name: str) -> tuple[World, Graph]:
    world = World(PLANS[name], next_step)
    return world, explore(world)


@pytest.mark.slow
@pytest.mark.parametrize("name", OFTEN)
def test_every_state_keeps_every_promise(name: str) -> None:
    world, graph = visited(name)
    assert len(graph) > 5_000
    assert broken(world, graph) == {}


@needs_spin
@pytest.mark.slow
@pytest.mark.parametrize("name", OFTEN)
def test_spin_meets_the_same_states_and_no_error(name: str, tmp_path: Path) -> None:
    world, graph = visited(name)
    verdict = Spin(world, graph, tmp_path).safety()
    assert (verdict.errors, verdict.states) == (0, len(graph))


@needs_spin
@pytest.mark.slow
def test_what_must_come_comes_and_what_must_stay_possible_is(tmp_path: Path) -> None:
    spin = Spin(*visited("uncovered-now"), tmp_path, live=True)
    assert {formula: spin.formula(formula).errors for formula in HOLD} == dict.fromkeys(HOLD, 0)
    assert all(spin.formula(formula).errors for formula in MUST_FAIL)


# -- a broken function for each promise --------------------------------------------------------------------------------

Asked = tuple[FlagState, Sequence[Step], People, WorkingTime, datetime]
BROKEN: dict[str, Callable[..., Climb]] = {}


def breaks(promise: str) -> Callable[[Callable[..., Climb]], Callable[..., Climb]]:
    def keep(function: Callable[..., Climb]) -> Callable[..., Climb]:
        BROKEN[promise] = function
        return function

    return keep


@breaks("never_nobody_in_silence")
def says_nothing_when_nobody_is_there(*asked: *Asked) -> Climb:
    return replace(next_step(*asked), nobody=False)


@breaks("nobody_who_is_away_is_told")
def always_tells_the_therapist(*asked: *Asked) -> Climb:
    climb = next_step(*asked)
    return replace(climb, notify=tuple({*climb.notify, "therapist"})) if climb.notify else climb


@breaks("one_owner_who_is_here")
def leaves_the_flag_with_the_therapist(*asked: *Asked) -> Climb:
    return replace(next_step(*asked), owner="therapist")


@breaks("the_next_step_has_a_bound")
def waits_a_day_too_long(*asked: *Asked) -> Climb:
    climb = next_step(*asked)
    return climb if climb.nobody else replace(climb, next_step_at=climb.next_step_at + timedelta(days=1))


@breaks("taken_on_is_left_alone_until_it_lapses")
def climbs_past_whoever_took_it_on(
    flag: FlagState, *rest: *tuple[Sequence[Step], People, WorkingTime, datetime]
) -> Climb:
    return next_step(replace(flag, acknowledged_at=None), *rest)


@breaks("a_lapse_begins_again")
def never_lets_a_promise_lapse(*asked: *Asked) -> Climb:
    climb = next_step(*asked)
    if not climb.lapsed:
        return climb
    still = replace(asked[0], acknowledged_at=asked[-1])
    return replace(next_step(still, *asked[1:]), lapsed=False)


@breaks("no_step_is_forgotten")
def forgets_the_last_step(
    flag: FlagState, steps: Sequence[Step], *rest: *tuple[People, WorkingTime, datetime]
) -> Climb:
    return next_step(flag, steps[:-1], *rest)


@breaks("nobody_is_asked_before_their_time")
def asks_everybody_at_once(
    flag: FlagState, steps: Sequence[Step], *rest: *tuple[People, WorkingTime, datetime]
) -> Climb:
    return next_step(flag, [replace(step, wait=AT_ONCE) for step in steps], *rest)


@breaks("only_closed_is_an_end_and_not_for_ever")
def does_not_hear_of_a_new_flag(*asked: *Asked) -> Climb:
    climb, (flag, *_rest, now) = next_step(*asked), asked
    if flag.taken or climb.lapsed:
        return climb
    return replace(climb, taken=(), notify=(), owner=flag.owner, nobody=False, next_step_at=now + HOUR)


@breaks("it_reaches_somebody_in_the_plans_time")
def is_silent_after_the_last_step(*asked: *Asked) -> Climb:
    climb = next_step(*asked)
    return replace(climb, notify=(), owner=asked[0].owner) if climb.repeats else climb


@breaks("a_closed_account_is_as_an_absence")
def still_sees_closed_accounts(
    flag: FlagState, steps: Sequence[Step], people: People, *rest: *tuple[WorkingTime, datetime]
) -> Climb:
    opened = {code: replace(person, is_active=True) for code, person in people.members.items()}
    return next_step(flag, steps, replace(people, members=opened), *rest)


@pytest.mark.parametrize("promise", [promise.__name__ for promise in PROMISES])
def test_each_promise_is_broken_by_a_broken_function(promise: str) -> None:
    world = World(QUICK, BROKEN[promise])
    assert promise in broken(world, explore(world))


@pytest.mark.parametrize("plan", [QUICK, QUICK_HUB], ids=lambda plan: plan.name)
def test_the_function_itself_breaks_nothing_among_fewer_people(plan: Plan) -> None:
    world = World(plan, next_step)
    assert broken(world, explore(world)) == {}


# -- the hub -----------------------------------------------------------------------------------------------------------


def calls_nobody_of_the_hub(
    flag: FlagState, steps: Sequence[Step], people: People, *rest: *tuple[WorkingTime, datetime]
) -> Climb:
    """The step is there, and taken, and tells nobody."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(coverage, "hub", lambda *asked: [])
        return next_step(flag, steps, people, *rest)


def has_lost_the_hub_step(
    flag: FlagState, steps: Sequence[Step], *rest: *tuple[People, WorkingTime, datetime]
) -> Climb:
    return next_step(flag, [step for step in steps if step.audience is not Audience.HUB], *rest)


def asks_the_hub_as_the_team(
    flag: FlagState, steps: Sequence[Step], people: People, *rest: *tuple[WorkingTime, datetime]
) -> Climb:
    ours = {code: replace(person, from_hub=False) for code, person in people.members.items()}
    return next_step(flag, steps, replace(people, members=ours), *rest)


def asks_the_hub_who_stands_in(
    flag: FlagState, steps: Sequence[Step], *rest: *tuple[People, WorkingTime, datetime]
) -> Climb:
    return next_step(replace(flag, kind=Kind.SUICIDE), steps, *rest)


BROKEN_HUB = {
    calls_nobody_of_the_hub: {"never_nobody_in_silence", "no_step_is_forgotten"},
    has_lost_the_hub_step: {"no_step_is_forgotten"},
    asks_the_hub_as_the_team: {"no_step_is_forgotten"},
}


def test_to_ask_the_hub_who_stands_in_breaks_a_promise() -> None:
    world = World(replace(PLANS["uncovered-hub"], comers=(3, 5)), asks_the_hub_who_stands_in)
    assert "nobody_who_is_away_is_told" in broken(world, explore(world))


@pytest.mark.parametrize("function", BROKEN_HUB, ids=lambda function: function.__name__)
def test_a_broken_hub_breaks_a_promise(function: Callable[..., Climb]) -> None:
    world = World(QUICK_HUB, function)
    assert set(broken(world, explore(world))) >= BROKEN_HUB[function]


def test_the_plan_with_a_hub_is_that_of_a_clinic_that_has_one(cast: Cast) -> None:
    helps(cast)
    assert default_steps(cast.eken, SCOPES["now"], NOW) == PLANS["now-hub"].steps
    assert HUB_STEP in PLANS["now-hub"].steps


@needs_spin
@pytest.mark.parametrize("promise", ["never_nobody_in_silence", "nobody_who_is_away_is_told", "a_lapse_begins_again"])
def test_spin_finds_the_broken_functions_too(promise: str, tmp_path: Path) -> None:
    world = World(QUICK, BROKEN[promise])
    assert Spin(world, explore(world), tmp_path).safety().errors


@needs_spin
def test_spin_finds_a_flag_that_is_silent_for_ever(tmp_path: Path) -> None:
    world = World(QUICK, is_silent_after_the_last_step)
    assert Spin(world, explore(world), tmp_path, live=True).formula("heard_of_again").errors
