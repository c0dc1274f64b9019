"""What no state may break (reliability: the promises of escalation), looked for in the whole transition table.

They are written from the words of the architecture, with none of the function's own arithmetic: what is due, who is
there and what a bound is are read off the plan and the state.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator

from tests.model.plans_under_test import Plan
from tests.model.world import AGAIN, BY_AUDIENCE, CODES, FREE, Edge, Graph, State, Told, World, clinicians

Promise = Callable[[World, Graph], Iterator[object]]


def broken(world: World, graph: Graph) -> dict[str, list[object]]:
    """Return the promises that some state breaks, each with its first examples; nothing when all hold."""
    found: dict[str, list[object]] = defaultdict(list)
    for promise in PROMISES:
        for example in promise(world, graph):
            found[promise.__name__].append(example)
            if len(found[promise.__name__]) == 3:
                break
    return dict(found)


def sweeps(graph: Graph) -> Iterator[tuple[Edge, Told]]:
    for edges in graph.values():
        for edge in edges:
            if edge.told is not None:
                yield edge, edge.told


def is_here(state: State, person: int) -> bool:
    return bool(state.here & 1 << person)


def answers_for_it(state: State) -> bool:
    """Tell whether somebody has taken the flag on, is here, and the promise has not lapsed."""
    return state.held != FREE and is_here(state, state.owner)


def never_nobody_in_silence(world: World, graph: Graph) -> Iterator[object]:
    """A sweep tells somebody, or says that nobody is there; else an owner who is here has time left."""
    for edge, told in sweeps(graph):
        waits = is_here(edge.after, edge.after.owner) and edge.after.next_in not in (0, AGAIN)
        if not (told.people or told.nobody or waits):
            yield edge
        if told.nobody and (told.people or edge.before.here & world.plan.askable):
            yield edge


def nobody_who_is_away_is_told(world: World, graph: Graph) -> Iterator[object]:
    """Nor the hub, of what only those who lead decide."""
    for edge, told in sweeps(graph):
        if told.people & ~(edge.before.here & world.plan.askable):
            yield edge


def one_owner_who_is_here(world: World, graph: Graph) -> Iterator[object]:
    """The owner is one of those who are told now, or the one of before; away only when nobody at all is there."""
    for edge, told in sweeps(graph):
        kept = edge.after.owner == edge.before.owner and not told.people
        if not kept and not told.people & 1 << edge.after.owner:
            yield edge
        if not told.nobody and not is_here(edge.after, edge.after.owner):
            yield edge


def the_next_step_has_a_bound(world: World, graph: Graph) -> Iterator[object]:
    """Held: the lapse. Else the next step comes no later than the plan says, and after the last one the repeat."""
    for edge, told in sweeps(graph):
        after, again = edge.after, edge.after.next_in == AGAIN
        left = [wait - after.elapsed for wait in world.plan.waits[after.taken :]]
        bound = world.plan.lapse if after.held != FREE else min(left, default=world.plan.repeat)
        if again != told.nobody or not (again or 0 < after.next_in <= bound):
            yield edge


def taken_on_is_left_alone_until_it_lapses(world: World, graph: Graph) -> Iterator[object]:
    """While somebody answers for it nothing is told and no step is taken, wherever the steps stood."""
    for state in graph:
        if not answers_for_it(state) or state.held == world.plan.lapse:
            continue
        for taken in (0, 1, len(world.plan.steps)):
            stood = state._replace(taken=taken, elapsed=max(world.plan.waits), late=False)
            stayed = stood._replace(taken=0, next_in=world.plan.lapse - state.held)
            if world.sweep(stood) != (stayed, Told(0, nobody=False, lapsed=False)):
                yield state


def a_lapse_begins_again(world: World, graph: Graph) -> Iterator[object]:
    """After the lapse, or when the one who took it on has gone: a new clock, the steps anew, and somebody is told."""
    for edge, told in sweeps(graph):
        before, after = edge.before, edge.after
        over = before.held != FREE and (before.held == world.plan.lapse or not is_here(before, before.owner))
        if told.lapsed != over:
            yield edge
        if over and (after.held, after.elapsed) != (FREE, 0):
            yield edge
        if over and not told.nobody and not (after.taken and told.people & first_present(world.plan, before)):
            yield edge


def first_present(plan: Plan, state: State) -> int:
    """Return a bit for each person of the plan's first audience with somebody here; if none, for all who are here."""
    for step in plan.steps:
        there = [person for person in BY_AUDIENCE[step.audience] if is_here(state, person)]
        if there:
            return sum(1 << person for person in there)
    return state.here & plan.askable


def no_step_is_forgotten(world: World, graph: Graph) -> Iterator[object]:
    """Every step whose wait is over is taken by the sweep, and a step's people who are here are told when it is."""
    for edge, told in sweeps(graph):
        before, after = edge.before, edge.after
        if answers_for_it(before) and before.held < world.plan.lapse:
            continue
        due = sum(wait <= after.elapsed for wait in world.plan.waits)
        if after.taken < due:
            yield edge
        for step in world.plan.steps[0 if told.lapsed else before.taken : after.taken]:
            audience = [person for person in BY_AUDIENCE[step.audience] if is_here(before, person)]
            if audience and not any(told.people & 1 << person for person in audience):
                yield edge


def nobody_is_asked_before_their_time(world: World, graph: Graph) -> Iterator[object]:
    """A step is taken before its wait is over only while nobody is there of those that were taken with it before."""
    for edge, told in sweeps(graph):
        here = False
        for index in range(0 if told.lapsed else edge.before.taken, edge.after.taken):
            if here and world.plan.waits[index] > edge.after.elapsed:
                yield edge
            audience = BY_AUDIENCE[world.plan.steps[index].audience]
            here = here or any(is_here(edge.before, person) for person in audience)


def only_closed_is_an_end_and_not_for_ever(world: World, graph: Graph) -> Iterator[object]:
    """From every open flag the system goes on by itself; a closed one can be raised again and then reaches somebody."""
    for state, edges in graph.items():
        if state.is_closed:
            raised = [edge.after for edge in edges if edge.event == "raise"]
            if not any(_speaks(graph, after) for after in raised):
                yield state
        elif not any(edge.after != state for edge in edges if edge.event in SYSTEM):
            yield state


def it_reaches_somebody_in_the_plans_time(world: World, graph: Graph) -> Iterator[object]:
    """With nobody acting, each flag is heard of again within the bound; from its start every audience within the plan.

    Nobody acting: people neither come nor go, sweeps are punctual, time passes and the clinic opens.
    """
    audiences = [BY_AUDIENCE[step.audience] for step in world.plan.steps]
    for state in graph:
        if state.is_closed:
            continue
        told, slots = _alone(graph, state, world.plan.bound)
        if not told:
            yield state
        if state.taken == 0 and state.held == FREE and slots == 0:
            asked, _slots = _alone(graph, state, max(world.plan.waits), stop=False)
            for audience in audiences:
                there = {person for person in audience if is_here(state, person)}
                if there and not any(asked & 1 << person for person in there):
                    yield state


SYSTEM = ("sweep", "a slot passes", "minutes pass", "clinic opens or closes")
SAID_NOBODY = 1 << 30


def _alone(graph: Graph, state: State, most: int, *, stop: bool = True) -> tuple[int, int]:
    """Return who is told within so many slots when nobody acts, and after how many; `stop` at the first who is."""
    told = slots = 0
    for _step in range(6 * most + 12):
        edges = {edge.event: edge for edge in graph[state]}
        edge = edges.get("sweep") or (edges["a slot passes"] if state.is_open else edges["clinic opens or closes"])
        slots += edge.event == "a slot passes"
        if slots > most:
            break
        if edge.told is not None:
            told |= edge.told.people | (SAID_NOBODY if edge.told.nobody else 0)
        if told and stop:
            break
        state = edge.after
    return told, slots


def _speaks(graph: Graph, state: State) -> bool:
    return any(edge.told and (edge.told.people or edge.told.nobody) for edge in graph[state])


def a_closed_account_is_as_an_absence(world: World, graph: Graph) -> Iterator[object]:
    closed = [clinicians(here, closed_accounts=True) for here in range(2 ** len(CODES))]
    for edge, told in sweeps(graph):
        if not edge.before.late and world.sweep(edge.before, closed[edge.before.here]) != (edge.after, told):
            yield edge


PROMISES: tuple[Promise, ...] = (
    never_nobody_in_silence,
    nobody_who_is_away_is_told,
    one_owner_who_is_here,
    the_next_step_has_a_bound,
    taken_on_is_left_alone_until_it_lapses,
    a_lapse_begins_again,
    no_step_is_forgotten,
    nobody_is_asked_before_their_time,
    only_closed_is_an_end_and_not_for_ever,
    it_reaches_somebody_in_the_plans_time,
    a_closed_account_is_as_an_absence,
)
