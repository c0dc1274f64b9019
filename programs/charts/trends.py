"""A series over time, with the bands of its instrument and the events of the treatment. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from programs.charts.shapes import (
    Band,
    Drawing,
    DrawnBand,
    DrawnEvent,
    DrawnLine,
    DrawnPoint,
    Event,
    Point,
    Tick,
    Trend,
    as_text,
)

LETTER = 7.2  # width of one letter at 13 units, generous
LINE = 14.0  # height of a line of text
GAP = 34.0  # least distance between two labels under the axis; long labels keep more


@dataclass(frozen=True)
class _Frame:
    """The plot's area inside a drawing, and how values become places in it."""

    size: str
    width: float
    height: float
    left: float
    right: float
    top: float
    bottom: float
    first: float
    last: float
    low: float
    high: float

    def x(self, at: float) -> float:
        if self.last <= self.first:
            return (self.left + self.right) / 2
        inset = 16.0  # the first value never covers the scale
        return self.left + inset + (self.right - self.left - 2 * inset) * (at - self.first) / (self.last - self.first)

    def y(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.bottom - (self.bottom - self.top) * min(max(share, 0.0), 1.0)


def trend(
    *,
    id: str,
    title: str,
    points: Sequence[Point],
    low: float,
    high: float,
    bands: Sequence[Band] = (),
    events: Sequence[Event] = (),
    note: str = "",
) -> Trend:
    """Both drawings of a series. ``low`` and ``high`` are the ends of the scale; values outside are drawn at its edge.

    Raises ValueError without points or when the scale has no height.
    """
    if not points:
        raise ValueError("A trend needs at least one point.")
    if high <= low:
        raise ValueError("The scale must rise: high must be above low.")
    ordered = tuple(sorted(points, key=lambda point: point.at))
    gutters = (114.0, 150.0) if bands else (10.0, 10.0)
    sizes = (("narrow", 340.0, 230.0, gutters[0]), ("wide", 640.0, 280.0, gutters[1]))
    narrow, wide = (
        _draw(_frame(size, width, height, gutter, ordered, low, high), ordered, bands, events)
        for size, width, height, gutter in sizes
    )
    return Trend(id=id, title=title, note=note, points=ordered, narrow=narrow, wide=wide)


def _frame(
    size: str, width: float, height: float, gutter: float, points: Sequence[Point], low: float, high: float
) -> _Frame:
    return _Frame(
        size, width, height, 32.0, width - gutter, 26.0, height - 30.0, points[0].at, points[-1].at, low, high
    )


def _draw(frame: _Frame, points: Sequence[Point], bands: Sequence[Band], events: Sequence[Event]) -> Drawing:
    within = [event for event in events if frame.first <= event.at <= frame.last]
    return Drawing(
        size=frame.size,
        width=as_text(frame.width),
        height=as_text(frame.height),
        left=as_text(frame.left),
        right=as_text(frame.right),
        top=as_text(frame.top),
        bottom=as_text(frame.bottom),
        plot_width=as_text(frame.right - frame.left),
        plot_height=as_text(frame.bottom - frame.top),
        tick_x=as_text(frame.left - 6),
        band_x=as_text(frame.right + 6),
        label_y=as_text(frame.bottom + 19),
        letter_y=as_text(frame.top - 10),
        path=" ".join(f"{as_text(frame.x(point.at))},{as_text(frame.y(point.value))}" for point in points),
        points=_points(frame, points, [frame.x(event.at) for event in within]),
        bands=tuple(_band(frame, bands, place) for place in range(len(bands))),
        events=tuple(
            DrawnEvent(as_text(frame.x(event.at)), chr(ord("A") + place % 26), event.label)
            for place, event in enumerate(within)
        ),
        ticks=_ticks(frame, bands),
    )


def _points(frame: _Frame, points: Sequence[Point], lines: Sequence[float]) -> tuple[DrawnPoint, ...]:
    """All points; values and labels are left out where they would run into each other, and stand beside event lines."""
    notable = {0, len(points) - 1}
    values = [point.value for point in points]
    notable |= {values.index(min(values)), values.index(max(values))}
    drawn: list[DrawnPoint] = []
    gap = max(GAP, LETTER * max(len(point.label) for point in points))
    label_from, value_from = -gap, -gap
    last_x = frame.x(points[-1].at)
    for place, point in enumerate(points):
        x, y = frame.x(point.at), frame.y(point.value)
        is_last = place == len(points) - 1
        shows_label = is_last or (x - label_from >= gap and last_x - x >= gap)
        shows_value = place in notable or (x - value_from >= 22 and last_x - x >= 22)
        label_from = x if shows_label else label_from
        value_from = x if shows_value else value_from
        text_x = x + (13 if any(abs(x - line) < 8 for line in lines) else 0)
        text_y = y - 10 if y - 10 > frame.top - 8 else y + 20
        half = LETTER * len(point.label) / 2  # a label at the end of the axis is moved in, never cut
        label_x = min(max(x, half), frame.width - half)
        places = as_text(x), as_text(y), as_text(text_x), as_text(text_y), as_text(label_x)
        drawn.append(DrawnPoint(*places, point.label, point.value, shows_value, shows_label))
    return tuple(drawn)


def _band(frame: _Frame, bands: Sequence[Band], place: int) -> DrawnBand:
    """A band reaches half way to its neighbours, so that the bands together cover the scale without a seam."""
    band = bands[place]
    floor = frame.low if place == 0 else (bands[place - 1].high + band.low) / 2
    ceiling = frame.high if place == len(bands) - 1 else (band.high + bands[place + 1].low) / 2
    top, bottom = frame.y(ceiling), frame.y(floor)
    texts = _wrap(band.label, frame.width - frame.right - 6) if bottom - top >= 1.9 * LINE else (band.label,)
    first = (top + bottom) / 2 + 4.5 - LINE * (len(texts) - 1) / 2
    lines = tuple(DrawnLine(as_text(first + LINE * step), text) for step, text in enumerate(texts))
    return DrawnBand(as_text(top), as_text(bottom - top), round(place * 4 / max(len(bands) - 1, 1)), band.label, lines)


def _wrap(text: str, width: float) -> tuple[str, ...]:
    """The text in one line if it fits, else in two as even as its spaces allow."""
    spaces = [place for place, letter in enumerate(text) if letter == " "]
    if len(text) * LETTER <= width or not spaces:
        return (text,)
    middle = min(spaces, key=lambda place: max(place, len(text) - place - 1))
    return text[:middle], text[middle + 1 :]


def _ticks(frame: _Frame, bands: Sequence[Band]) -> tuple[Tick, ...]:
    """The scale's ends and where each band begins; without bands the ends and the middle."""
    inner = [band.low for band in bands[1:]] or [(frame.low + frame.high) / 2]
    kept: list[float] = []
    for value in [frame.low, *inner, frame.high]:
        if not kept or abs(frame.y(kept[-1]) - frame.y(value)) >= LINE - 2:
            kept.append(value)
    return tuple(Tick(as_text(frame.y(value)), as_text(frame.y(value) + 4.5), value) for value in kept)
