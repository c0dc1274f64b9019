"""What goes into a trend and what comes out of it: all coordinates as text. Pure."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Point:
    """One measure: when (weeks or days from the start), what stands under the axis, and the value."""

    at: float
    label: str
    value: float


@dataclass(frozen=True)
class Band:
    """A range of the instrument, both ends included, with its name. Bands are given from low to high."""

    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Event:
    """Something that happened in the treatment, shown as a lettered line."""

    at: float
    label: str


@dataclass(frozen=True)
class DrawnPoint:
    x: str
    y: str
    text_x: str
    text_y: str
    label_x: str
    label: str
    value: float
    shows_value: bool
    shows_label: bool


@dataclass(frozen=True)
class DrawnLine:
    """A line of text and where it begins."""

    y: str
    text: str


@dataclass(frozen=True)
class DrawnBand:
    y: str
    height: str
    tone: int
    label: str
    lines: tuple[DrawnLine, ...]


@dataclass(frozen=True)
class DrawnEvent:
    x: str
    letter: str
    label: str


@dataclass(frozen=True)
class Tick:
    y: str
    text_y: str
    value: float


@dataclass(frozen=True)
class Drawing:
    """One size of a trend. ``size`` is "narrow" or "wide" and is also the CSS class that shows or hides it."""

    size: str
    width: str
    height: str
    left: str
    right: str
    top: str
    bottom: str
    plot_width: str
    plot_height: str
    tick_x: str
    band_x: str
    label_y: str
    letter_y: str
    path: str
    points: tuple[DrawnPoint, ...]
    bands: tuple[DrawnBand, ...]
    events: tuple[DrawnEvent, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True)
class Trend:
    """A series over time in both sizes. ``id`` must be unique on the page; ``note`` says which direction is better."""

    id: str
    title: str
    note: str
    points: tuple[Point, ...]
    narrow: Drawing
    wide: Drawing

    @property
    def drawings(self) -> tuple[Drawing, Drawing]:
        return self.narrow, self.wide

    @property
    def events(self) -> tuple[DrawnEvent, ...]:
        return self.wide.events


def as_text(number: float) -> str:
    """A coordinate: at most one decimal, always a full stop."""
    return f"{number:.1f}".removesuffix(".0")
