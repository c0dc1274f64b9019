"""Who must look at a flag next, and when (pure).

All waits are working time of the clinic, counted from the flag's `clock_from` and not from the step before. An audience
without a present person is skipped in the same run, the last step repeats until someone answers, and a flag is never
silent: `next_step_at` is always later than `now`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from clinics.cover import coverage as cover
from clinics.cover.coverage import Assignment, Clinician, Link, People
from clinics.cover.working_time import WorkingTime
from riskmonitor.escalation.steps import DEFAULT_PLANS, HOURLY, Audience, Step, Wait, due_at, lapse_at, plan
from riskmonitor.rules import Kind, Urgency

__all__ = [
    "DEFAULT_PLANS", "Audience", "Climb", "FlagState", "Kind", "Step", "Urgency", "Wait",
    "due_at", "lapse_at", "next_step", "plan",
]  # fmt: skip

RETRY_MINUTES = 5  # working minutes until the next try when nobody at all is present
RETRY = timedelta(minutes=RETRY_MINUTES)  # wall time, for a clinic whose hours are broken


@dataclass(frozen=True)
class FlagState:
    """What is known of an open flag. `taken` are the positions taken or skipped; `owner` is None before it is raised.

    `next_step_at` is the stored one; without it a repeat counts as due.
    """

    kind: Kind
    urgency: Urgency
    clock_from: datetime
    assignment: Assignment
    taken: frozenset[int] = frozenset()
    owner: str | None = None
    acknowledged_at: datetime | None = None
    next_step_at: datetime | None = None


@dataclass(frozen=True)
class Climb:
    """What to store now. Nothing to tell anybody when `notify` is empty and `nobody` is False.

    `taken` are the positions to mark as taken, the skipped ones included; `audience` is None when the flag stays where
    it is. `nobody`: no audience of the plan has a present person, the owner is the last one or, for a new flag, the one
    who would have been. `lapsed`: the acknowledgement is void, all steps are untaken and `clock_from` is new.
    """

    taken: tuple[int, ...]
    audience: Audience | None
    owner: str | None
    notify: tuple[str, ...]
    may_decide: bool
    next_step_at: datetime
    clock_from: datetime
    nobody: bool = False
    repeats: bool = False
    lapsed: bool = False


def next_step(flag: FlagState, steps: Sequence[Step], people: People, clinic: WorkingTime, now: datetime) -> Climb:
    """Return the flag's next climb; also the first one, when it is raised (`taken` empty).

    1. An acknowledged flag is held until the acknowledgement lapses or its owner is away; then all begins again.
    2. Steps whose wait is over are taken together: all their people are told, the latest step's person owns the flag.
    3. If none of them has a present person, or the owner is away, the following steps are taken at once.
    4. After the last step the steps with a repeat come again; if they reach nobody, any present person is told.

    Raise ValueError for a plan without steps.
    """
    if not steps:
        raise ValueError("a plan needs a step")
    return _Climber(flag, sorted(steps, key=lambda step: step.position), people, clinic, now).climb()


def repeats_at(
    flag: FlagState, steps: Sequence[Step], people: People, clinic: WorkingTime, now: datetime
) -> datetime | None:
    """Return when a plan that is at its end comes again by these hours, None while a step is left or it is taken on."""
    if flag.acknowledged_at is not None or any(step.position not in flag.taken for step in steps):
        return None
    return _Climber(flag, sorted(steps, key=lambda step: step.position), people, clinic, now).next_repeat()


Reached = tuple[Audience, list[Clinician]]  # an audience and its present people, the owner first
CHAIN_FROM_ITS_END = (Audience.LEAD, Audience.TEAM, Audience.SUBSTITUTE, Audience.THERAPIST, Audience.HUB)


@dataclass
class _Climber:
    flag: FlagState
    steps: list[Step]
    people: People
    clinic: WorkingTime
    now: datetime
    lapsed: bool = False

    def climb(self) -> Climb:
        """Decide as `next_step` says."""
        if self.flag.acknowledged_at is not None:
            lapse = lapse_at(self.flag.urgency, self.flag.acknowledged_at, self.clinic)
            if self.now < lapse and self._owner_is_present():
                return self._stay(lapse)
            self.flag = replace(self.flag, clock_from=self.now, taken=frozenset(), acknowledged_at=None)
            self.lapsed = True
        pending = [step for step in self.steps if step.position not in self.flag.taken]
        due = [step for step in pending if self._due(step) <= self.now]
        if not self.flag.taken:
            return self._take(pending, due or pending[:1])
        wakes = min(map(self._due, pending)) if pending else self.flag.next_step_at
        if not due and wakes is not None and self.now < wakes and self._owner_is_present():
            return self._stay(wakes)
        return self._take(pending, due)

    def _take(self, pending: list[Step], due: list[Step]) -> Climb:
        """Take the due steps; while they reach nobody, go on with the next ones."""
        taken: list[int] = []
        reached: list[Reached] = []
        for step in due + [step for step in pending if step not in due]:
            if step not in due and reached:
                break
            taken.append(step.position)
            reached += self._reach(step.audience)
        if not reached:
            return self._repeat(taken)
        left = [self._due(step) for step in pending if step.position not in taken]
        return self._move(taken, reached, min(left) if left else self.next_repeat())

    def _repeat(self, taken: list[int]) -> Climb:
        """The plan is at its end: tell those who repeat again, else anyone in the chain from its end, or the hub."""
        reached = [found for step in self._repeating() for found in self._reach(step.audience)]
        for audience in () if reached else CHAIN_FROM_ITS_END:
            reached = self._reach(audience)
            if reached:
                break
        if reached:
            return replace(self._move(taken, reached, self.next_repeat()), repeats=True)
        named = (self.flag.owner, self.flag.assignment.therapist, self.flag.assignment.substitute, self.people.lead)
        owner = next((code for code in named if code is not None), None)
        again = Wait(minutes=RETRY_MINUTES).after(self.now, self.clinic)
        return self._climb(tuple(taken), None, owner, (), again, nobody=True)

    def _move(self, taken: list[int], reached: list[Reached], next_at: datetime) -> Climb:
        """Tell everyone reached, once; the first person of the latest audience owns the flag."""
        audience, people = reached[-1]
        told = dict.fromkeys(person.code for _audience, persons in reached for person in persons)
        return self._climb(tuple(taken), audience, people[0].code, tuple(told), next_at)

    def _stay(self, next_at: datetime) -> Climb:
        return self._climb((), None, self.flag.owner, (), next_at)

    def _climb(
        self,
        taken: tuple[int, ...],
        audience: Audience | None,
        owner: str | None,
        notify: tuple[str, ...],
        next_at: datetime,
        *,
        nobody: bool = False,
    ) -> Climb:
        person = self.people.get(owner)
        return Climb(
            taken=taken,
            audience=audience,
            owner=owner,
            notify=notify,
            may_decide=person is not None and person.may_decide,
            next_step_at=next_at if next_at > self.now else self.now + RETRY,
            clock_from=self.flag.clock_from,
            nobody=nobody,
            lapsed=self.lapsed,
        )

    def _reach(self, audience: Audience) -> list[Reached]:
        people = self._present(audience)
        return [(audience, people)] if people else []

    def _present(self, audience: Audience) -> list[Clinician]:
        """Return the present people of the audience, the one who would own the flag first.

        The team's owner is somebody who was not asked already: therapist and substitutes are told, but stand last.
        """
        assignment, people, clinic, now = self.flag.assignment, self.people, self.clinic, self.now
        named = list(cover.named(assignment, people, clinic, now))
        leads = list(cover.leads(people, clinic, now))
        if audience is Audience.THERAPIST:
            return [each.person for each in named if each.link is Link.THERAPIST]
        if audience is Audience.SUBSTITUTE:
            return [each.person for each in named if each.link is Link.SUBSTITUTE][:1]
        if audience is Audience.TEAM:
            asked = {each.person.code for each in named}
            team = cover.team(assignment.programme, people, clinic, now)
            others = [person for person in team if person.code not in asked]
            return others + [person for person in team if person.code in asked] if others else []
        if audience is Audience.LEAD:
            return [each.person for each in leads[:1]]
        if audience is Audience.DEPUTY:
            return [each.person for each in leads[-1:]]
        if self.flag.kind is Kind.UNCOVERED:
            return []  # who stands in for whom is decided by those who lead
        return cover.hub(assignment.programme, people, clinic, now)

    def _owner_is_present(self) -> bool:
        owner = self.people.get(self.flag.owner)
        return owner is not None and cover.present(owner, self.now, self.clinic)

    def _due(self, step: Step) -> datetime:
        return step.wait.after(self.flag.clock_from, self.clinic)

    def _repeating(self) -> list[Step]:
        return [step for step in self.steps if step.repeat] or self.steps[-1:]

    def next_repeat(self) -> datetime:
        """Return the first moment after now in the last step's rhythm, which starts when its own wait is over."""
        last = self._repeating()[-1]
        repeat, base = last.repeat or HOURLY, self._due(last)
        if base > self.now:  # taken early, since others were away: never wait longer than one repeat
            return min(base, repeat.after(self.now, self.clinic))
        if repeat.days:
            count = max(1, self.clinic.days_between(base, self.now) // repeat.days - 1)
            found = Wait(days=count * repeat.days).after(base, self.clinic)
            while base < found <= self.now:
                count += 1
                found = Wait(days=count * repeat.days).after(base, self.clinic)
            return found
        minutes = repeat.minutes or 0
        count = int(self.clinic.minutes_between(base, self.now) // minutes) + 1
        return Wait(minutes=count * minutes).after(base, self.clinic)
