"""The plans whose every state is visited: the default ones, with and without a hub, and one with all audiences."""

from __future__ import annotations

from dataclasses import dataclass

from riskmonitor.escalation.steps import AT_ONCE, DEFAULT_PLANS, HOURLY, HUB_STEP, LAPSE, Audience, Step, Wait
from riskmonitor.rules import Kind, Urgency

DAY = 540  # working minutes of the model's clinic: 8.00 to 17.00, every day of the week
OWN = (0, 1, 2, 3, 4)  # the people of the clinic
WITH_HUB = (*OWN, 5)  # and the one of the clinic that helps out


@dataclass(frozen=True)
class Plan:
    """A plan under test: its steps, the urgency that rules the lapse, minutes in a slot, and who comes and goes.

    The others are never there: without the hub's person it is a clinic without a hub.
    """

    name: str
    urgency: Urgency
    steps: tuple[Step, ...]
    slot: int
    comers: tuple[int, ...] = OWN
    kind: Kind = Kind.SUICIDE

    def slots(self, wait: Wait) -> int:
        """Return the wait in slots; raise ValueError where that is no whole number."""
        minutes = wait.minutes if wait.minutes is not None else (wait.days or 0) * DAY
        if minutes % self.slot:
            raise ValueError(f"{wait} is not a whole number of slots")
        return minutes // self.slot

    @property
    def askable(self) -> int:
        """Return a bit for each person who may be told: who stands in for whom is not decided by the hub."""
        return sum(1 << person for person in (OWN if self.kind is Kind.UNCOVERED else WITH_HUB))

    @property
    def waits(self) -> list[int]:
        return [self.slots(step.wait) for step in self.steps]

    @property
    def lapse(self) -> int:
        return self.slots(LAPSE[self.urgency])

    @property
    def repeat(self) -> int:
        repeats = [step.repeat for step in self.steps if step.repeat]
        return self.slots(repeats[-1])

    @property
    def bound(self) -> int:
        """The longest that an open flag may be silent: the plan's last wait, a repeat, or the lapse."""
        return max(*self.waits, self.repeat, self.lapse)

    def folded(self, elapsed: int) -> int:
        """Return the elapsed slots; past the last wait only the place in the repeat's rhythm matters."""
        last = max(self.waits)
        return elapsed if elapsed < last else last + (elapsed - last) % self.repeat


ALL_SIX = (
    Step(0, Audience.THERAPIST, AT_ONCE),
    Step(1, Audience.SUBSTITUTE, Wait(minutes=30)),
    Step(2, Audience.TEAM, Wait(minutes=30)),
    Step(3, Audience.LEAD, Wait(minutes=60), HOURLY),
    Step(4, Audience.DEPUTY, Wait(minutes=90)),
    Step(5, Audience.HUB, Wait(minutes=120), HOURLY),
)
PLANS = {
    plan.name: plan
    for plan in (
        Plan("now", Urgency.NOW, DEFAULT_PLANS[None, Urgency.NOW], 30),
        Plan("today", Urgency.TODAY, DEFAULT_PLANS[None, Urgency.TODAY], 60),
        Plan("week", Urgency.WEEK, DEFAULT_PLANS[None, Urgency.WEEK], 540),
        Plan("uncovered-now", Urgency.NOW, DEFAULT_PLANS[Kind.UNCOVERED, Urgency.NOW], 30, kind=Kind.UNCOVERED),
        Plan("uncovered-today", Urgency.TODAY, DEFAULT_PLANS[Kind.UNCOVERED, Urgency.TODAY], 30, kind=Kind.UNCOVERED),
        Plan("uncovered-week", Urgency.WEEK, DEFAULT_PLANS[Kind.UNCOVERED, Urgency.WEEK], 30, kind=Kind.UNCOVERED),
        Plan("now-hub", Urgency.NOW, (*DEFAULT_PLANS[None, Urgency.NOW], HUB_STEP), 30, WITH_HUB),
        # Without a step of its own the hub is asked when everybody else is away.
        Plan("today-hub", Urgency.TODAY, DEFAULT_PLANS[None, Urgency.TODAY], 60, WITH_HUB),
        Plan("week-hub", Urgency.WEEK, DEFAULT_PLANS[None, Urgency.WEEK], 540, WITH_HUB),
        Plan("uncovered-hub", Urgency.NOW, DEFAULT_PLANS[Kind.UNCOVERED, Urgency.NOW], 30, WITH_HUB, Kind.UNCOVERED),
        Plan("all-six", Urgency.NOW, ALL_SIX, 30, WITH_HUB),
    )
}
OFTEN = ("now-hub", "uncovered-now")  # in every test run; the others have the same steps at many more moments
