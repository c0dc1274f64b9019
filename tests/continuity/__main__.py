"""`make continuity`: 100,000 calendars, 300 of them minute by minute. Prints the seed, counts and the time."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from random import Random

from tests.continuity.calendars import make_calendar
from tests.continuity.simulation import Found, Run

CHUNK = 500


def run(numbers: range, *, seed: int, by_minute: int) -> Found:
    """Run the calendars with these numbers; the first `by_minute` of all are asked minute by minute too."""
    total = Found()
    for number in numbers:
        dice = Random(f"{seed}:{number}")
        found = Run(make_calendar(dice), dice, by_minute=number < by_minute).go()
        found.broken = [f"calendar {number}: {each}" for each in found.broken]
        total.add(found)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="make continuity", description=__doc__)
    parser.add_argument("--calendars", type=int, default=100_000)
    parser.add_argument("--by-minute", type=int, default=300)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--processes", type=int, default=min(2, os.cpu_count() or 1))
    options = parser.parse_args()
    print(
        f"seed {options.seed}: {options.calendars} calendars, {options.by_minute} of them minute by minute", flush=True
    )
    began, total = time.perf_counter(), Found()
    chunk = max(1, min(CHUNK, options.calendars // options.processes))
    ranges = [range(n, min(n + chunk, options.calendars)) for n in range(0, options.calendars, chunk)]
    with ProcessPoolExecutor(options.processes) as pool:
        for found in pool.map(partial(run, seed=options.seed, by_minute=options.by_minute), ranges):
            total.add(found)
    for name, count in sorted(total.counts.items()):
        print(f"{count:>12,}  {name}")
    print(f"{len(total.broken):>12,}  promises broken, in {time.perf_counter() - began:.0f} s")
    for each in total.broken[:20]:
        print(each)
    return 1 if total.broken else 0


if __name__ == "__main__":
    sys.exit(main())
