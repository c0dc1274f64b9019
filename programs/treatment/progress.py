"""How far a patient has come, and which one step comes next (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

QUIET = timedelta(days=5)  # after so long without a sign the smallest step is offered


class Kind(StrEnum):
    """The next step, in the order in which they are asked."""

    FOLLOW_UP = "follow_up"  # the questions after a marked risk item wait for answers
    ASKED_AGAIN = "asked_again"  # a question about suicide was left out, and is asked by itself
    MEASURE = "measure"
    CONTINUE = "continue"  # a module that was begun
    NEW_MODULE = "new_module"
    DAILY_LOG = "daily_log"
    DONE = "done"  # for this week


@dataclass(frozen=True)
class ModuleState:
    """One module on the way. `pages` are slugs in order; `last_page` "" means not begun; `minutes` to read and do.

    `is_gated`: a checklist before it is not ticked. `has_short`: it has a five-minute version.
    `due_on`: the day agreed on.
    """

    code: str
    number: int
    title: str
    pages: tuple[str, ...]
    last_page: str
    opened_at: datetime | None
    sent_at: datetime | None
    minutes: int
    due_on: date | None = None
    has_short: bool = False
    is_gated: bool = False

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None

    @property
    def waits(self) -> bool:
        """Open, and not sent yet."""
        return self.is_open and self.sent_at is None and not self.is_gated

    @property
    def pages_done(self) -> int:
        """Return how many pages lie behind: those before the one where the patient was last, all when sent."""
        if self.sent_at:
            return len(self.pages)
        return self.pages.index(self.last_page) if self.last_page in self.pages else 0


@dataclass(frozen=True)
class NextStep:
    kind: Kind
    module: ModuleState | None = None


def next_step(
    *,
    follow_up_waits: bool,
    measure_waits: bool,
    modules: Sequence[ModuleState],
    log_waits: bool,
    question_waits: bool = False,
) -> NextStep:
    """Return the one step that comes first. `log_waits`: a daily log is in use, and today has no row in it."""
    if follow_up_waits:
        return NextStep(Kind.FOLLOW_UP)
    if question_waits:
        return NextStep(Kind.ASKED_AGAIN)
    if measure_waits:
        return NextStep(Kind.MEASURE)
    waiting = [module for module in modules if module.waits]
    for begun, kind in ((True, Kind.CONTINUE), (False, Kind.NEW_MODULE)):
        for module in waiting:
            if bool(module.last_page) is begun:
                return NextStep(kind, module)
    return NextStep(Kind.DAILY_LOG if log_waits else Kind.DONE)


def smallest_step(modules: Sequence[ModuleState]) -> ModuleState | None:
    """Return the module whose five-minute version is offered: the first that waits, else the latest that is open."""
    offered = [module for module in modules if module.is_open and module.has_short and not module.is_gated]
    return next((module for module in offered if module.waits), offered[-1] if offered else None)


def is_quiet(last_sign_at: datetime, now: datetime) -> bool:
    """Say whether so long has gone without a sign of the patient that the smallest step is offered."""
    return now - last_sign_at >= QUIET
