"""One night of the sleep diary: from clock times to minutes in bed, minutes of sleep and sleep efficiency. Pure.

Terms as in the consensus sleep diary (Carney et al., Sleep 2012;35:287-302): time in bed is from going to bed to
rising; sleep is from lights out to the last waking, less the minutes it took to fall asleep and the minutes awake in
the night; efficiency is sleep of time in bed, in per cent. Minutes are real ones: the night when the clocks go forward
is an hour shorter than the clock says, the night when they go back an hour longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from programs.fields import FieldFault

from .settings import settings

HALF_A_DAY = timedelta(hours=12)
NEEDED = ("date", "bed", "rise", "to_sleep", "awake")


@dataclass(frozen=True)
class Night:
    """One night, called by the date of its morning; bed and rise are clock times. Minutes; 0 <= sleep <= in_bed."""

    on: date
    bed: str
    rise: str
    in_bed: int
    sleep: int

    @property
    def efficiency(self) -> float:
        """Return sleep of time in bed, in per cent: 0 to 100."""
        return 100 * self.sleep / self.in_bed


def night(entry: Mapping[str, Any]) -> Night | list[FieldFault]:
    """Return the night of a cleaned entry (ids as in library/tools.yaml), or why its times cannot be.

    Lights out counts as going to bed where it is left out, the last waking as rising.
    """
    missing = [FieldFault(name, "required") for name in NEEDED if entry.get(name) is None]
    return missing or _counted(entry)


def _counted(entry: Mapping[str, Any]) -> Night | list[FieldFault]:
    on = date.fromisoformat(entry["date"])
    bed, rise = entry["bed"], entry["rise"]
    rise_at = _morning(on, rise)
    woke_at = _before(rise_at, entry.get("last_waking", rise), _morning)
    out_at = _before(woke_at, entry.get("lights_out", bed), _evening)
    bed_at = _before(out_at, bed, _evening)
    if rise_at - woke_at > HALF_A_DAY:
        return [FieldFault("last_waking", "waking_after_rise")]
    if out_at - bed_at > HALF_A_DAY:
        return [FieldFault("lights_out", "lights_out_before_bed")]
    in_bed, asleep = _minutes(rise_at - bed_at), _minutes(woke_at - out_at)
    if in_bed > settings().night.longest_in_bed:
        return [FieldFault("rise", "too_long_in_bed")]
    if in_bed == 0:
        return [FieldFault("rise", "no_time_in_bed")]
    sleep = asleep - entry["to_sleep"] - entry["awake"]
    if sleep < 0:
        return [FieldFault("awake", "awake_longer_than_night")]
    return Night(on, bed, rise, in_bed, sleep)


def faults(entry: Mapping[str, Any]) -> list[FieldFault]:
    """Return why the entry's times cannot be, nothing when they can."""
    found = night(entry)
    return found if isinstance(found, list) else []


def too_late(entry: Mapping[str, Any], today: date) -> list[FieldFault]:
    """Return a fault for a night that has not ended yet, or that ended too long ago to be remembered."""
    on = date.fromisoformat(entry["date"])
    if on > today:
        return [FieldFault("date", "night_to_come")]
    if (today - on).days > settings().night.back_days:
        return [FieldFault("date", "night_too_old")]
    return []


def _before(later: datetime, clock: str, place: Callable[[date, str], datetime]) -> datetime:
    """Return the last moment at or before `later` when the clock showed this."""
    day = later.astimezone(_zone()).date()
    same_day = place(day, clock)
    return same_day if same_day <= later else place(day - timedelta(days=1), clock)


def _evening(day: date, clock: str) -> datetime:
    """Return the moment in UTC. Of an hour that comes twice it is the first: the clock is moved later in the night."""
    return datetime.combine(day, time.fromisoformat(clock), tzinfo=_zone()).astimezone(UTC)


def _morning(day: date, clock: str) -> datetime:
    """Return the moment in UTC. Of an hour that comes twice it is the second: the clock was moved in the night.

    A time that the clock jumped over is read from a clock that was not moved.
    """
    local = datetime.combine(day, time.fromisoformat(clock), tzinfo=_zone())
    return max(local.astimezone(UTC), local.replace(fold=1).astimezone(UTC))


def _zone() -> ZoneInfo:
    return ZoneInfo(settings().night.zone)


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds()) // 60
