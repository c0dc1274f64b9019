"""How many answers a second can be sent that raise or renew a flag. One process, one thread, fsync on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from itertools import cycle

from programs.models import Treatment
from tests.bench.world import measure

SECONDS = 3.0
SLOWEST = 150  # submits a second (architecture §8)


def submits_a_second(treatments: list[Treatment], now: datetime) -> float:
    """Send with the verb, each in its own transaction, to patients by turns; each finding is stored with a flag."""
    patients = cycle(treatments)
    return _a_second(lambda: measure(next(patients), now, risk=2))


def _a_second(act: Callable[[], object]) -> float:
    done, began = 0, time.perf_counter()
    while (took := time.perf_counter() - began) < SECONDS:
        act()
        done += 1
    return done / took
