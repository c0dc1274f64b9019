"""A steady pace: how much of an activity is right this week. Pure.

1. The baseline is the mean of three tries, in minutes.
2. The quota is a share of the baseline (80 per cent), the same on good days and bad.
3. It rises by a share (10 per cent) for each finished week in which the activity was done. A week without it does not
   raise anything: nobody is to come back from a flare to a larger quota.
The shares, with their sources, stand in library/pacing.yaml.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

SETTINGS = Path(__file__).parents[1] / "library" / "pacing.yaml"


@dataclass(frozen=True)
class PacingSettings:
    """quota and rise in per cent."""

    tries: int
    quota: int
    rise: int


@functools.cache
def settings(path: Path = SETTINGS) -> PacingSettings:
    listed = yaml.safe_load(path.read_text(encoding="utf-8"))["pacing"]
    return PacingSettings(**{name: fact["value"] for name, fact in listed.items()})


def baseline(tries: Sequence[int]) -> float:
    """Return the mean of the tries, in minutes; ValueError when there are not as many as the settings say."""
    if len(tries) != settings().tries:
        raise ValueError(f"a baseline is the mean of {settings().tries} tries")
    return sum(tries) / len(tries)


def raises(began: date, done_on: Iterable[date], today: date) -> int:
    """Return how many finished weeks since the baseline the activity was done in; weeks are counted from its day."""
    weeks = {(day - began).days // 7 for day in done_on if day >= began}
    return sum(1 for week in weeks if week < (today - began).days // 7)


def quota(base: float, risen: int) -> int:
    """Return the minutes of this week, at least one, rounded down: rather too little than too much.

    Only the end is rounded, not the weeks between, so that a small quota rises too.
    """
    share = settings().quota / 100 * (1 + settings().rise / 100) ** risen
    return max(int(base * share + 1e-9), 1)
