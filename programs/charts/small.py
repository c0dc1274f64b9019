"""Charts the size of a word or a row: the sparkline and the diary strip. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programs.charts.shapes import as_text


@dataclass(frozen=True)
class Sparkline:
    """A line the size of a word. ``title`` says in words what it shows."""

    id: str
    title: str
    path: str
    last_x: str
    last_y: str


def sparkline(*, id: str, title: str, values: Sequence[float]) -> Sparkline | None:
    """A line of 96 × 28 through the values in order, scaled to their own range; None with fewer than two values."""
    if len(values) < 2:
        return None
    lowest, span = min(values), max(values) - min(values)
    places = [
        (4 + 88 * step / (len(values) - 1), 14.0 if not span else 23 - 18 * (value - lowest) / span)
        for step, value in enumerate(values)
    ]
    path = " ".join(f"{as_text(x)},{as_text(y)}" for x, y in places)
    return Sparkline(id, title, path, as_text(places[-1][0]), as_text(places[-1][1]))


@dataclass(frozen=True)
class Day:
    """One box of a diary strip: None = nothing written that day."""

    label: str
    value: float | None


@dataclass(frozen=True)
class DrawnDay:
    x: str
    middle: str
    label: str
    value: float | None


@dataclass(frozen=True)
class Strip:
    id: str
    title: str
    width: str
    days: tuple[DrawnDay, ...]


def strip(*, id: str, title: str, days: Sequence[Day]) -> Strip:
    """Boxes of 40 × 40 in a row, one per day, with the day's name beneath."""
    drawn = tuple(
        DrawnDay(as_text(46.0 * step), as_text(46.0 * step + 20), day.label, day.value) for step, day in enumerate(days)
    )
    return Strip(id, title, as_text(max(46.0 * len(days) - 6, 40)), drawn)
