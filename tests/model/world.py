"""A world small enough to visit every state of it: one flag, six people, a clinic that opens and closes.

The decisions are those of the real `next_step`: each abstract state is turned into the arguments of one call, with real
moments, and what comes back is turned into the next state. `explore` visits all states that any order of events can
reach; its edges are the one transition table that the promises (`promises.py`) and SPIN (`promela.py`) look at.

Time is counted in slots of working time that divide every wait of the plan and the lapse. Being away stands for every
way of not being there: absent, outside the own hours, not competent. That a closed account does the same is a promise
of its own. `AGAIN` is the try that follows a few minutes after nobody was there: less than a slot.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from math import ceil
from typing import NamedTuple
from zoneinfo import ZoneInfo

from clinics.cover.coverage import Assignment, Clinician, Interval, People
from clinics.cover.working_time import Hours, WorkingTime
from riskmonitor.escalation.next_step import RETRY_MINUTES, Climb, FlagState
from riskmonitor.escalation.steps import Audience, Step
from tests.model.plans_under_test import DAY, Plan

Decide = Callable[[FlagState, Sequence[Step], People, WorkingTime, datetime], Climb]

Graph = dict["State", list["Edge"]]

PROGRAMME = "depression"
CODES = ("therapist", "substitute", "colleague", "lead", "deputy", "helper")  # the helper is of the hub
BY_AUDIENCE = {  # whom each audience may turn to, in the order of who would own the flag
    Audience.THERAPIST: (0,),
    Audience.SUBSTITUTE: (1,),
    Audience.TEAM: (2,),
    Audience.LEAD: (3, 4),
    Audience.DEPUTY: (4, 3),
    Audience.HUB: (5,),
}
AGAIN, FREE = 99, 98  # the values of `next_in` and of `held` that are no number of slots
OPENS, AT_NOON, AT_NIGHT = 8, 240, timedelta(hours=12)
TODAY = datetime(2026, 11, 25, OPENS, tzinfo=UTC)
clinic = WorkingTime(Hours(dict.fromkeys(range(7), ((time(OPENS), time(17)),)), tz=ZoneInfo("UTC")))
assignment = Assignment(PROGRAMME, "therapist", "substitute")


class State(NamedTuple):
    """`here` has a bit for each person; `held` is the slots since the flag was taken on.

    `next_in` is the slots until the next step; `late`: the sweep that was due did not come for a slot. While the flag
    is held, `taken` and `elapsed` are 0: that they do not matter then is a promise of its own.
    """

    is_open: bool
    here: int
    is_closed: bool = False
    taken: int = 0
    owner: int = 0
    elapsed: int = 0
    held: int = FREE
    next_in: int = 0
    late: bool = False


class Told(NamedTuple):
    """What one decision said: to whom (a bit each), that nobody is there, that the promise has lapsed."""

    people: int
    nobody: bool
    lapsed: bool


class Edge(NamedTuple):
    event: str
    before: State
    after: State
    told: Told | None  # for a sweep


def clinicians(here: int, *, closed_accounts: bool = False) -> People:
    """Return the six; whoever is not here is absent, or without an account."""
    away = (Interval(datetime(2020, 1, 1, tzinfo=UTC)),)
    members = {}
    for index, code in enumerate(CODES):
        treats, decides = code not in ("lead", "deputy"), code != "deputy"
        person = Clinician(code, code.title(), frozenset({PROGRAMME}), may_treat=treats, may_decide=decides)
        person = replace(person, from_hub=code == "helper")
        if not here & 1 << index:
            person = replace(person, is_active=False) if closed_accounts else replace(person, absences=away)
        members[code] = person
    return People(members, lead="lead", deputy="deputy")


CASTS = [clinicians(here) for here in range(2 ** len(CODES))]


@dataclass
class World:
    """All that can happen to one flag under one plan, with decisions by `decide`."""

    plan: Plan
    decide: Decide
    answers: dict[State, tuple[State, Told]] = field(default_factory=dict)

    def now(self, state: State) -> datetime:
        """Noon when open. When closed, evening: the clinic closed a minute after a whole slot."""
        return TODAY + (timedelta(minutes=AT_NOON) if state.is_open else AT_NIGHT)

    def ago(self, state: State, slots: int) -> datetime:
        """Return the moment so many slots of working time before now."""
        minutes = AT_NOON - slots * self.plan.slot if state.is_open else DAY - 1 - slots * self.plan.slot
        days, minutes = divmod(minutes, DAY)
        return TODAY + timedelta(days=days, minutes=minutes)

    def asked(self, state: State) -> FlagState:
        """Return the flag of the state as the function is given it."""
        held = state.held != FREE
        return FlagState(
            kind=self.plan.kind,
            urgency=self.plan.urgency,
            clock_from=self.ago(state, state.elapsed),
            assignment=assignment,
            taken=frozenset(step.position for step in self.plan.steps[: state.taken]),
            owner=CODES[state.owner],
            acknowledged_at=self.ago(state, state.held) if held else None,
            next_step_at=self.now(state) if state.next_in in (0, AGAIN) else self.ago(state, -state.next_in),
        )

    def sweep(self, state: State, people: People | None = None) -> tuple[State, Told]:
        """Ask the function once and return the state that is stored, with what was said."""
        now, flag = self.now(state), self.asked(state)
        climb = self.decide(flag, self.plan.steps, people or CASTS[state.here], clinic, now)
        said = Told(sum(1 << CODES.index(code) for code in climb.notify), climb.nobody, climb.lapsed)
        taken = frozenset(climb.taken) if climb.lapsed else flag.taken | frozenset(climb.taken)
        in_order = [step.position for step in self.plan.steps[: len(taken)]]
        if sorted(taken) != in_order:
            raise AssertionError(f"steps are taken out of order: {sorted(taken)}")
        held = FREE if climb.lapsed else state.held
        after = state._replace(
            taken=0 if held != FREE else len(taken),
            owner=CODES.index(climb.owner or ""),
            elapsed=0 if climb.lapsed else state.elapsed,
            held=held,
            next_in=self._slots_until(climb.next_step_at, now),
            late=False,
        )
        return after, said

    def _slots_until(self, moment: datetime, now: datetime) -> int:
        minutes = clinic.minutes_between(now, moment)
        if minutes == RETRY_MINUTES:
            return AGAIN
        return ceil(minutes / self.plan.slot) if minutes > 0 else 0

    def edges(self, state: State) -> Iterator[Edge]:
        """Yield everything that can happen next."""
        if not state.is_closed and state.next_in == 0:
            punctual = state._replace(late=False)  # being late is no argument of the function
            if punctual not in self.answers:
                self.answers[punctual] = self.sweep(punctual)
            yield Edge("sweep", state, *self.answers[punctual])
        for event, after in self._events(state):
            yield Edge(event, state, after, None)

    def _events(self, state: State) -> Iterator[tuple[str, State]]:
        yield "clinic opens or closes", state._replace(is_open=not state.is_open)
        for person in self.plan.comers:
            yield f"{CODES[person]} comes or goes", self._moved(state, person)
        if state.is_closed:
            yield "raise", self._begun(state, owner=0)
            return
        yield "new finding", self._begun(state, owner=state.owner)
        yield "close", State(state.is_open, state.here, is_closed=True)
        if state.is_open and not state.late:
            yield "a slot passes", self._later(state)
        if state.is_open and state.next_in == AGAIN:
            yield "minutes pass", state._replace(next_in=0)
        for person in range(len(CODES)):
            if state.here & self.plan.askable & 1 << person and (state.held == FREE or state.owner == person):
                held = state._replace(taken=0, elapsed=0, owner=person, held=0, next_in=self.plan.lapse, late=False)
                yield "taken on", held

    def _moved(self, state: State, person: int) -> State:
        """Somebody comes or goes; the flag of an owner who goes is due at once."""
        here = state.here ^ 1 << person
        leaves = not here & 1 << person and state.owner == person and not state.is_closed
        return state._replace(here=here, next_in=0 if leaves else state.next_in)

    def _begun(self, state: State, owner: int) -> State:
        return State(state.is_open, state.here, owner=owner)

    def _later(self, state: State) -> State:
        """One slot of working time passes; a sweep that is due then may be late by this slot, and no more."""
        is_held = state.held != FREE
        return state._replace(
            elapsed=0 if is_held else self.plan.folded(state.elapsed + 1),
            held=min(state.held + 1, self.plan.lapse) if is_held else FREE,
            next_in=0 if state.next_in in (0, AGAIN) else state.next_in - 1,
            late=state.next_in == 0,
        )


def explore(world: World) -> Graph:
    """Return every state that can be reached from a flag that is raised, with all its edges; breadth first."""
    first = State(is_open=True, here=sum(1 << person for person in world.plan.comers))
    found: Graph = {}
    queue, seen = deque([first]), {first}
    while queue:
        state = queue.popleft()
        found[state] = list(world.edges(state))
        for edge in found[state]:
            if edge.after not in seen:
                seen.add(edge.after)
                queue.append(edge.after)
    return found
