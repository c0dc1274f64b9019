"""Lying bars, a group for each row, in one drawing for telephone and screen: the words stand above. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programs.charts.shapes import as_text

WIDTH = 340.0
TOP = 24.0  # a row's words
THICK = 14.0  # a bar
GAP = 10.0  # between rows
ROOM = 44.0  # right of the longest bar, for its number
LONGEST = 40  # letters of a row's words


@dataclass(frozen=True)
class Bar:
    """A row: its words, and one value for each series; None = nothing was said. Values are 0 or more."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class DrawnBar:
    y: str
    text_y: str
    text_x: str
    length: str
    value: float | None
    tone: int


@dataclass(frozen=True)
class DrawnRow:
    label: str
    label_y: str
    bars: tuple[DrawnBar, ...]


@dataclass(frozen=True)
class Bars:
    """Bars with their table. ``id`` must be unique on the page; ``series`` names what each bar of a row is."""

    id: str
    title: str
    note: str
    series: tuple[str, ...]
    rows: tuple[Bar, ...]
    width: str
    height: str
    thick: str
    drawn: tuple[DrawnRow, ...]


def bars(
    *, id: str, title: str, series: Sequence[str], bars: Sequence[Bar], high: float | None = None, note: str = ""
) -> Bars:
    """All rows under each other; ``high`` is the end of the scale, without it the largest value is.

    Raises ValueError without rows, or when a row has not one value for each series.
    """
    if not bars:
        raise ValueError("Bars need at least one row.")
    if any(len(bar.values) != len(series) for bar in bars):
        raise ValueError("Each row needs one value for each series.")
    most = high or max((value for bar in bars for value in bar.values if value is not None), default=0) or 1
    step = TOP + len(series) * (THICK + 2) + GAP
    rows = tuple(_row(bar, step * place, most) for place, bar in enumerate(bars))
    return Bars(
        id, title, note, tuple(series), tuple(bars), as_text(WIDTH), as_text(step * len(bars)), as_text(THICK), rows
    )


def _row(bar: Bar, top: float, most: float) -> DrawnRow:
    drawn = []
    for place, value in enumerate(bar.values):
        y = top + TOP + place * (THICK + 2)
        length = min((value or 0) / most, 1) * (WIDTH - ROOM)
        drawn.append(DrawnBar(as_text(y), as_text(y + 11.5), as_text(length + 6), as_text(length), value, place + 1))
    label = bar.label if len(bar.label) <= LONGEST else bar.label[: LONGEST - 1].rstrip() + "…"
    return DrawnRow(label, as_text(top + 17), tuple(drawn))
