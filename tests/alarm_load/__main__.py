"""Simulate: `python -m tests.alarm_load [--treatments N] [--weeks N] [--seed N]`. Ends with 1 if a sign has no flag."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from contextlib import ExitStack

from tests.throwaway import whole_platform


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--treatments", type=int, default=1500)
    parser.add_argument("--weeks", type=int, default=52, help="over how many weeks they start; 1: all at once")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    return parser.parse_args()


def main() -> int:
    given, began = options(), time.monotonic()
    with ExitStack() as rest:
        whole_platform(rest, log_level="CRITICAL")
        from tests.alarm_load.figures import as_text
        from tests.alarm_load.simulation import simulate

        print(f"seed {given.seed}: {given.treatments} treatments that start over {given.weeks} weeks", flush=True)
        load = simulate(range(given.treatments), given.weeks, given.seed)
        print(as_text(load))
        print(f"simulated in {time.monotonic() - began:.0f} s")
        return 1 if load.suppressed else 0


if __name__ == "__main__":
    sys.exit(main())
