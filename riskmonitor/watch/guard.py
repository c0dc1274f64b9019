"""The second net: the safety sweeps of the worker, in a process that needs no broker; and alone what watches the chain.

That is the auditor, the canaries, the nightly look back, and the word to the outside. Two guards do all of it, in turns
or each for itself. With one dead the other goes on, and the missing pulse and the silence outside tell of it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections, connection
from django.utils import timezone

from messaging.sweeps import send_email, send_push, send_sms
from programs.sweeps import delete_old_drafts
from riskmonitor import sweeps
from riskmonitor.watch.chain import beat
from riskmonitor.watch.dead_mans_switch import EVERY, Switch

log = structlog.get_logger(__name__)
Sweep = Callable[[datetime], object]


@dataclass
class Round:
    """One sweep and how often it is due. `again` runs it until it says that nothing is left."""

    sweep: Sweep
    every: timedelta
    again: bool = True
    due_at: datetime = field(default_factory=lambda: timezone.now())

    def run(self, now: datetime, stopping: threading.Event) -> None:
        if now < self.due_at:
            return
        self.due_at = now + self.every
        while self.sweep(timezone.now()) and self.again and not stopping.is_set():
            pass


def safety_rounds(switch: Switch) -> list[Round]:
    """Return what the guard does, the most pressing first."""
    often = timedelta(seconds=settings.GUARD_SECONDS)
    return [
        Round(sweeps.screen_one, often),
        Round(sweeps.escalate_one, often),
        Round(sweeps.remind_due, often, again=False),
        Round(sweeps.miss_flags, often, again=False),  # one batch, then the pressing rounds again
        Round(sweeps.flag_marked_draft, timedelta(minutes=1)),
        Round(sweeps.watch_canaries, often, again=False),
        Round(sweeps.end_due_membership, often),
        Round(sweeps.end_left_access, timedelta(minutes=1), again=False),
        Round(sweeps.notice_silence, timedelta(minutes=5), again=False),
        Round(sweeps.check_cover, timedelta(minutes=5), again=False),
        Round(sweeps.check_break_off, timedelta(minutes=5), again=False),
        Round(delete_old_drafts, timedelta(hours=1), again=False),
        Round(sweeps.rescan_some, often, again=False),  # likewise
        Round(switch.audit, timedelta(seconds=10), again=False),
    ]


def outward_rounds(switch: Switch) -> list[Round]:
    """Return the sweeps that talk to servers elsewhere, which may be slow: each has a thread of its own."""
    often = timedelta(seconds=settings.GUARD_SECONDS)
    notices = [Round(sweep, often) for sweep in (send_email, send_push, send_sms)]
    canary = Round(sweeps.carry_canary, often, again=False)
    return [*notices, canary, Round(switch.tell_outside, EVERY, again=False)]


class Guard:
    """Run the rounds until told to stop, and give the pulse of `name`. A database that goes away is waited for."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.stopping = threading.Event()
        self.switch = Switch()

    def run(self) -> None:
        outward = [
            threading.Thread(target=self._turn, args=([each], None), name=each.sweep.__name__, daemon=True)
            for each in outward_rounds(self.switch)
        ]
        for thread in outward:
            thread.start()
        self._turn(safety_rounds(self.switch), self.name)
        for thread in outward:
            thread.join(timeout=15)

    def stop(self, *_signal: object) -> None:
        self.stopping.set()

    def _turn(self, rounds: list[Round], process: str | None) -> None:
        while not self.stopping.is_set():
            close_old_connections()
            for each in rounds:
                self._run_one(each)
            if process:
                self._beat(process)
            self.stopping.wait(1)
        connection.close()

    def _run_one(self, each: Round) -> None:
        """Run one round; whatever it throws, the others still run."""
        try:
            each.run(timezone.now(), self.stopping)
        except (DatabaseError, InterfaceError) as error:
            log.warning("guard.database_away", sweep=each.sweep.__name__, error=type(error).__name__)
            connection.close()
        except Exception:
            log.exception("guard.sweep_failed", sweep=each.sweep.__name__)

    def _beat(self, process: str) -> None:
        try:
            beat(process)
        except (DatabaseError, InterfaceError):
            connection.close()
