"""What `manage.py screen_text` costs for many texts: the CPU seconds of the whole command, its start among them."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.riskmonitor.test_labelled_texts import HALVES, RISKY, half

ROOT = Path(__file__).parents[2]
TEXTS, LENGTH = 10_000, 500  # as many texts of so many characters …
SLOWEST = 20.0  # … on one core, in seconds


@dataclass(frozen=True)
class Screened:
    """One run of the command. Seconds of CPU, not of the clock: others may be using the machine."""

    texts: int
    flagged: int
    seconds: float


def screened() -> Screened:
    """Let the command read all texts, in a process of its own. Raise CalledProcessError where it fails."""
    lines = "\n".join(json.dumps({"id": number, "text": text}) for number, text in enumerate(put_together()))
    command = [sys.executable, "-W", "ignore", str(ROOT / "manage.py"), "screen_text"]
    before = _seconds_of_children()
    done = subprocess.run(command, input=lines, capture_output=True, text=True, check=True, cwd=ROOT)
    seconds = _seconds_of_children() - before
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    return Screened(len(answers), sum(each["flagged"] for each in answers), seconds)


def _seconds_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def put_together() -> Iterator[str]:
    """Yield texts made of labelled ones, always the same: every other one begins with danger, the rest is harmless.

    Some of the harmless ones have words that sound like danger, so that more than half are flagged.
    """
    labelled = [each for name in HALVES for each in half(name)]
    risky = [each.text for each in labelled if each.label in RISKY]
    harmless = [each.text for each in labelled if each.label not in RISKY]
    chance = Random(TEXTS)
    for number in range(TEXTS):
        yield _of_length([chance.choice(risky)] if number % 2 else [], harmless, chance)


def _of_length(parts: list[str], more: Sequence[str], chance: Random) -> str:
    while len(text := " ".join(parts)) < LENGTH:
        parts.append(chance.choice(more))
    return text[:LENGTH]
