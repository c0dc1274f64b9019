"""Simulate: `python -m tests.alarm_load [--treatments N] [--weeks N] [--seed N]`. Ends with 1 if a sign has no flag."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from ikbt import engines
from tests.throwaway import SETTINGS


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--treatments", type=int, default=1500)
    parser.add_argument("--weeks", type=int, default=52, help="over how many weeks they start; 1: all at once")
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    return parser.parse_args()


def prepare(rest: ExitStack) -> None:
    """Start throw-away engines and set Django up on them."""
    folder = Path(rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-alarms-")))
    (folder / "static").mkdir()
    pair = rest.enter_context(engines.throwaway())
    os.environ.update(
        SETTINGS, IKBT_ENV_FILE=os.devnull, IKBT_DATA=str(folder), DATABASE_URL=pair.database_url,
        REDIS_URL=pair.redis_url, DJANGO_SETTINGS_MODULE="ikbt.settings", LOG_LEVEL="CRITICAL",
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from riskmonitor.actions import activate_shipped

    rest.callback(connection.close)
    call_command("migrate", verbosity=0)
    activate_shipped(now=timezone.now())


def main() -> int:
    given, began = options(), time.monotonic()
    with ExitStack() as rest:
        prepare(rest)
        from tests.alarm_load.figures import as_text
        from tests.alarm_load.simulation import simulate

        print(f"seed {given.seed}: {given.treatments} treatments that start over {given.weeks} weeks", flush=True)
        load = simulate(range(given.treatments), given.weeks, given.seed)
        print(as_text(load))
        print(f"simulated in {time.monotonic() - began:.0f} s")
        return 1 if load.suppressed else 0


if __name__ == "__main__":
    sys.exit(main())
