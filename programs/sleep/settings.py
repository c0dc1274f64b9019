"""The numbers of library/sleep.yaml, each with its source. Pure."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).parent.parent / "library" / "sleep.yaml"


@dataclass(frozen=True)
class NightSettings:
    """longest_in_bed: minutes; back_days: how many days back a night may be told."""

    zone: str
    longest_in_bed: int
    back_days: int


@dataclass(frozen=True)
class WeekSettings:
    nights_needed: int
    nights_looked_at: int


@dataclass(frozen=True)
class WindowSettings:
    """Minutes, but for widen_from and keep_from (per cent), careful_over_age (years) and days_between."""

    over_sleep: int
    floor: int
    careful_floor: int
    careful_over_age: int
    step: int
    widen_from: int
    keep_from: int
    dozing: int
    longest: int
    round_to: int
    days_between: int


@dataclass(frozen=True)
class SleepSettings:
    """sources: "window.floor" to where the number comes from."""

    night: NightSettings
    week: WeekSettings
    window: WindowSettings
    sources: Mapping[str, str]


@functools.cache
def settings(file: Path = FILE) -> SleepSettings:
    """Return the settings; raises TypeError for a missing or unknown number, KeyError for one without source."""
    groups: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(file.read_text(encoding="utf-8"))
    values = {group: {name: each["value"] for name, each in listed.items()} for group, listed in groups.items()}
    return SleepSettings(
        night=NightSettings(**values["night"]),
        week=WeekSettings(**values["week"]),
        window=WindowSettings(**values["window"]),
        sources={
            f"{group}.{name}": each["source"] for group, listed in groups.items() for name, each in listed.items()
        },
    )
