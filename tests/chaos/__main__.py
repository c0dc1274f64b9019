"""Run the chaos: `python -m tests.chaos [--short | --full] [--submits N] [--faults N] [--seed N]`.

Or a red twin: `--red-twin [NAME] [--whole]`. The names stand in twins.py; `every` runs them all.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path

from ikbt import engines
from tests.chaos.place import make_throwaway, without_rules
from tests.chaos.twins import TWINS, Twin
from tests.throwaway import SETTINGS

EVERY = "every"
SHORT, USUAL, FULL = (250, 16, 48), (1000, 30, 120), (10_000, 75, 825)  # submits, faults, seconds
OF_A_TWIN = (200, 0, 20)
PATIENTS = 200


def options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--short", action="store_true", help="250 submits and 16 faults, as CI does")
    size.add_argument("--full", action="store_true", help="10,000 submits and 75 faults")
    parser.add_argument(
        "--red-twin", nargs="?", const="sweeps", choices=[*TWINS, EVERY], help="without one remedy: it must fail"
    )
    parser.add_argument("--whole", action="store_true", help="the red twin's faults with nothing missing: it must hold")
    parser.add_argument("--submits", type=int)
    parser.add_argument("--faults", type=int)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(100_000))
    given = parser.parse_args()
    submits, faults, seconds = SHORT if given.short else FULL if given.full else USUAL
    if given.red_twin:
        submits, faults, seconds = OF_A_TWIN
    given.seconds = seconds * (given.faults / faults if given.faults and faults else 1)
    given.submits, given.faults = given.submits or submits, given.faults or faults
    return given


def prepare(rest: ExitStack, twin: Twin | None) -> tuple[engines.Engines, Path]:
    """Start throw-away engines that keep their promises to the disk, and set Django up on them."""
    folder = Path(rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-chaos-")))
    (folder / "static").mkdir()
    pair = rest.enter_context(engines.throwaway(fsync=True))
    os.environ.update(
        SETTINGS, IKBT_ENV_FILE=os.devnull, IKBT_DATA=str(folder), DATABASE_URL=make_throwaway(pair, twin),
        REDIS_URL=pair.redis_url, DJANGO_SETTINGS_MODULE="ikbt.settings", LOG_LEVEL="ERROR", EMAIL_PORT="1",
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command
    from django.utils import timezone

    from riskmonitor.actions import activate_shipped

    call_command("migrate", verbosity=0)
    activate_shipped(now=timezone.now())
    if twin:
        without_rules(os.environ["DATABASE_URL"], twin)
    return pair, folder


def main() -> int:
    given = options()
    if given.red_twin == EVERY:
        return every_twin(given.seed)
    twin = TWINS.get(given.red_twin)
    if twin and given.whole:
        twin = twin.whole()
    with ExitStack() as rest:
        pair, folder = prepare(rest, twin)
        from tests.chaos import load
        from tests.chaos.faults import Faults, plan
        from tests.chaos.patients import make_patients
        from tests.chaos.stack import Stack
        from tests.chaos.verdict import Run, judge

        submits = load.plan(make_patients(min(PATIENTS, given.submits)), given.submits, given.seed)
        names = twin.faults if twin else plan(given.faults, given.seed)
        print(f"seed {given.seed}: {given.submits} risky, {len(names)} faults in {given.seconds:.0f} s", flush=True)
        through = ["-m", "tests.chaos.boot", *([twin.patch] if twin and twin.patch else []), "--"]
        only, restarts = (twin.only, twin.restarts) if twin else (None, True)
        stack = rest.enter_context(Stack(folder, only, through=through, restarts=restarts))
        faults = Faults(stack, pair)
        trouble = threading.Thread(target=faults.run, args=(names, given.seconds))
        trouble.start()
        patience = load.GIVE_UP_SECONDS if restarts else load.GIVE_UP_SECONDS / 15
        outcome = load.send_all(stack.port, submits, given.seconds, patience)
        trouble.join()
        return judge(Run(submits, names, outcome, faults), twin)


def every_twin(seed: int) -> int:
    """Run each red twin in a process of its own. Return how many did not fail as they must."""
    command = [sys.executable, "-m", "tests.chaos", "--seed", str(seed), "--red-twin"]
    wrong = []
    for name in TWINS:
        print(f"\n== red twin: {name}", flush=True)
        if subprocess.run([*command, name], check=False).returncode:
            wrong.append(name)
    print(f"\n{len(TWINS) - len(wrong)} of {len(TWINS)} red twins failed as they must. {' '.join(wrong)}".rstrip())
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
