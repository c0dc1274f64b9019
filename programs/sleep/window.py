"""The sleep window that a diary leads to, with its arithmetic. Pure.

A proposal is arithmetic on the patient's own diary by the rules of library/sleep.yaml, where the sources stand. It is
shown to the therapist, who confirms, changes or declines it; nothing of it applies before that.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from .settings import WindowSettings, settings
from .week import SleepWeek

DAY = 24 * 60  # minutes


class Reason(StrEnum):
    """Why the window should be as proposed."""

    START = "start"  # no window yet: mean sleep and a little more
    WIDER = "wider"  # efficiency is high
    SAME = "same"
    NARROWER = "narrower"  # efficiency is low
    DOZING = "dozing"  # sleepy by day or at the wheel: wider, and a call


@dataclass(frozen=True)
class Careful:
    """What the rules ask beside the diary. age in years; drives: a vehicle or a machine every day."""

    age: int
    drives: bool = False
    dozes: bool = False


@dataclass(frozen=True)
class Proposal:
    """minutes: proposed; before: the window now, if any; wished: what the rule gave before floor and rounding."""

    reason: Reason
    week: SleepWeek
    minutes: int
    before: int | None
    wished: int
    floor: int

    @property
    def is_held_up(self) -> bool:
        """Say whether the floor decided: the rule alone would have given less."""
        return self.wished < self.floor


def floor_for(careful: Careful) -> int:
    """Return the least number of minutes in bed."""
    rules = settings().window
    is_careful = careful.age > rules.careful_over_age or careful.drives
    return rules.careful_floor if is_careful else rules.floor


_CHANGE: Mapping[Reason, Callable[[WindowSettings], int]] = {
    Reason.WIDER: lambda rules: rules.step,
    Reason.SAME: lambda rules: 0,
    Reason.NARROWER: lambda rules: -rules.step,
    Reason.DOZING: lambda rules: rules.dozing,
}


def propose(week: SleepWeek, before: int | None, careful: Careful) -> Proposal:
    """Return the window that the rules give for a week, the window until now, and what asks for care."""
    rules, floor = settings().window, floor_for(careful)
    reason = _reason(rules, week, before, careful)
    if before is None:
        wished = round(week.sleep) + rules.over_sleep + (rules.dozing if reason == Reason.DOZING else 0)
    else:
        wished = before + _CHANGE[reason](rules)
    minutes = min(max(_up(wished, rules.round_to), floor), max(rules.longest, before or 0))
    return Proposal(reason, week, minutes, before, wished, floor)


def _reason(rules: WindowSettings, week: SleepWeek, before: int | None, careful: Careful) -> Reason:
    if careful.dozes:
        return Reason.DOZING
    if before is None:
        return Reason.START
    rounded = math.floor(week.efficiency + 0.5)  # as it is shown: 84.6 reads as 85
    if rounded >= rules.widen_from:
        return Reason.WIDER
    return Reason.SAME if rounded >= rules.keep_from else Reason.NARROWER


def _up(minutes: int, to: int) -> int:
    return -(-minutes // to) * to


def bed_time(rise: str, minutes: int) -> str:
    """Return when the window opens, on the clock: rise "06:30" and 330 minutes give "01:00"."""
    hours, rest = divmod((int(rise[:2]) * 60 + int(rise[3:]) - minutes) % DAY, 60)
    return f"{hours:02d}:{rest:02d}"


def is_due(*, nights: int, decided_on: date | None, today: date) -> bool:
    """Say whether a proposal waits for the therapist: nights enough, and a week since the last decision."""
    rested = decided_on is None or today - decided_on >= timedelta(days=settings().window.days_between)
    return rested and nights >= settings().week.nights_needed
