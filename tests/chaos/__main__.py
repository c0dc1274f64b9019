"""Run the chaos: `python -m tests.chaos [--short] [--red-twin] [--submits N] [--faults N] [--seed N]`."""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path

from ikbt import engines
from tests.throwaway import SETTINGS

AFTER_LAST_FAULT = 60.0
ENOUGH_RECEIPTS = 0.95
LONGEST_SUBMIT = 5.0  # a hang, not a speed: a page that waits for a broker takes longer


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--short", action="store_true", help="250 submits and 10 faults, as CI does")
    parser.add_argument("--red-twin", action="store_true", help="only wake-ups, no sweeps: it must lose some")
    parser.add_argument("--submits", type=int)
    parser.add_argument("--faults", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    given = parser.parse_args()
    given.submits = given.submits or (250 if given.short else 1000)
    given.faults = given.faults or (10 if given.short else 30)
    return given


def prepare(rest: ExitStack) -> tuple[engines.Engines, Path]:
    """Start throw-away engines that keep their promises to the disk, and set Django up on them."""
    folder = Path(rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-chaos-")))
    (folder / "static").mkdir()
    pair = rest.enter_context(engines.throwaway(fsync=True))
    os.environ.update(
        SETTINGS, IKBT_ENV_FILE=os.devnull, IKBT_DATA=str(folder), DATABASE_URL=pair.database_url,
        REDIS_URL=pair.redis_url, DJANGO_SETTINGS_MODULE="ikbt.settings", LOG_LEVEL="ERROR", EMAIL_PORT="1",
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from riskmonitor.actions import activate_shipped

    call_command("migrate", verbosity=0)
    activate_shipped(now=timezone.now())
    return pair, folder


def main() -> int:
    given = options()
    with ExitStack() as rest:
        pair, folder = prepare(rest)
        from tests.chaos.faults import Faults, plan
        from tests.chaos.load import plan as plan_submits
        from tests.chaos.load import send_all
        from tests.chaos.patients import make_patients
        from tests.chaos.stack import Stack

        patients = make_patients(min(100, given.submits))
        submits = plan_submits(patients, given.submits, given.seed)
        names = plan(given.faults, given.seed)
        seconds = given.faults * 3.0
        print(f"seed {given.seed}: {given.submits} risky texts, {len(names)} faults in {seconds:.0f} s", flush=True)
        only = {"web", "worker-safety"} if given.red_twin else None
        stack = rest.enter_context(Stack(folder, only))
        faults = Faults(stack, pair)
        trouble = threading.Thread(target=faults.run, args=(names, seconds))
        trouble.start()
        outcome = send_all(stack.port, submits, seconds)
        trouble.join()
        return judge(given, submits, names, outcome, faults, stack)


def judge(given: argparse.Namespace, submits: list, names: list, outcome, faults, stack) -> int:
    """Wait for what is on its way, print the figures, and return 0 only when nothing was lost."""
    from django.db import connection

    from tests.chaos.ledger import read_ledger, unscreened

    connection.close()  # the one that set things up was cut off with the first restart
    while unscreened(submits, outcome.receipts) and time.time() < faults.last_at + AFTER_LAST_FAULT:
        time.sleep(0.5)
    waited = time.time() - faults.last_at
    ledger = read_ledger(submits, outcome.receipts)
    planned = len(names) - (_without_process(names) if given.red_twin else 0)
    print(f"submits {len(submits)}, receipts {len(outcome.receipts)}, tried again {outcome.retries}")
    print("faults " + ", ".join(f"{name} {count}" for name, count in sorted(faults.happened.items())))
    print(f"processes started again {stack.restarts}")
    print(f"submit s: {quantiles(outcome.seconds)}; sent to flagged s: {quantiles(ledger.waits)}")
    print(f"{waited:.0f} s after the last fault: lost {ledger.lost}, doubled {ledger.doubled}, ghost {ledger.ghost}")
    failures = []
    if faults.happened.total() < planned:
        failures.append(f"only {faults.happened.total()} of {planned} faults happened")
    if len(outcome.receipts) < ENOUGH_RECEIPTS * len(submits):
        failures.append("too few receipts")
    if given.red_twin:
        failures += [] if ledger.lost else ["the red twin lost nothing: the test proves nothing"]
    elif ledger.lost or ledger.doubled or ledger.ghost or ledger.unstored:
        failures.append("something was lost, doubled or invented")
    if not given.red_twin and max(outcome.seconds, default=0) > LONGEST_SUBMIT:
        failures.append(f"a submit took longer than {LONGEST_SUBMIT} s")
    for failure in failures:
        print(f"FAILED: {failure}")
    if not failures:
        print("red twin: lost some, as it must" if given.red_twin else "nothing lost")
    return 1 if failures else 0


def _without_process(names: list[str]) -> int:
    return sum(name in {"guard killed", "beat killed"} for name in names)


def quantiles(values: list[float]) -> str:
    ordered = sorted(values)
    if not ordered:
        return "none"
    parts = {f"p{q}": ordered[min(len(ordered) - 1, len(ordered) * q // 100)] for q in (50, 95, 99)}
    return " ".join(f"{name} {value:.2f}" for name, value in parts.items()) + f" max {ordered[-1]:.2f}"


if __name__ == "__main__":
    sys.exit(main())
