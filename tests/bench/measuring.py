"""Time with the floor in between, and count questions. Measured apart, floor and page lie by a factor of two."""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.bench.cases import Act, Case

MOST_QUESTIONS = 12
WARM_UP = 2  # rounds that are not counted
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")
GOOD = {200, 204, 302, 303}


@dataclass
class Timed:
    """Seconds of one case and of the floor visited right before each, pair by pair."""

    case: Case
    seconds: list[float] = field(default_factory=list)
    floor_seconds: list[float] = field(default_factory=list)

    @property
    def ratio(self) -> float:
        return statistics.median(page / bare for page, bare in zip(self.seconds, self.floor_seconds, strict=True))


@dataclass(frozen=True)
class Asked:
    """The questions put to the database with one row and with many; transaction control is none."""

    few: list[str]
    many: list[str]

    @property
    def differs(self) -> bool:
        return len(self.few) != len(self.many)

    @property
    def is_too_much(self) -> bool:
        return max(len(self.few), len(self.many)) > MOST_QUESTIONS


def time_all(cases: Sequence[Case], rounds: int) -> list[Timed]:
    """Visit floor, page, floor, page … through all cases, `rounds` times, after some to warm up."""
    timed = [Timed(case) for case in cases]
    for number in range(rounds + WARM_UP):
        for each in timed:
            bare, page = _seconds(each.case.floor), _seconds(each.case.usual)
            if number >= WARM_UP:
                each.floor_seconds.append(bare)
                each.seconds.append(page)
    return timed


def questions(case: Case) -> Asked:
    """Count in a second visit: the first writes what is written once a minute or once an hour."""
    return Asked(_questions(case.few), _questions(case.many))


def quantile(values: Sequence[float], percent: int) -> float:
    """Return the value below which so many percent lie; of one value, that value."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _questions(act: Act) -> list[str]:
    act()
    with CaptureQueriesContext(connection) as asked:
        act()
    return [query["sql"] for query in asked if not query["sql"].startswith(CONTROL)]


def _seconds(act: Act) -> float:
    began = time.perf_counter()
    answer = act()
    took = time.perf_counter() - began
    if answer.status_code not in GOOD:
        raise RuntimeError(f"{answer.request['PATH_INFO']} answered {answer.status_code}")
    return took
