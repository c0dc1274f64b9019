"""How fast answers can be sent that touch a flag. One process, one thread, database with fsync."""

from __future__ import annotations

import time
from datetime import datetime
from itertools import cycle

from programs.models import Treatment
from tests.bench.world import measure

SECONDS = 3.0
SLOWEST = 150  # submits a second (architecture §8)


def seconds_of_submits(treatments: list[Treatment], now: datetime) -> list[float]:
    """Send with the verb for some seconds, each in its own transaction, to patients by turns. Return what each took."""
    patients, took, end = cycle(treatments), [], time.perf_counter() + SECONDS
    while (began := time.perf_counter()) < end:
        measure(next(patients), now, risk=2)
        took.append(time.perf_counter() - began)
    return took
