"""The parts of a trend that repeat, each the one place of its markup.

They are tags, since a page draws two trends with some thirty marks, and a template takes ten times as long for them.
Colours stand twice: as attributes for the PDF, which reads no style sheet inside a drawing, and as classes for the
browser's dark mode. Numbers come as text from programs.charts, so that no language breaks them; words are escaped.
"""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from programs.charts.shapes import DrawnBand, DrawnPoint, Tick
from programs.numbers import written

register = template.Library()

FILLS = ["#e8f3ec", "#f3f4e3", "#fbeed9", "#f9e2d6", "#f6d5d5"]  # by the band's tone
BAND = '<rect class="b{}" fill="{}" x="{}" y="{}" width="{}" height="{}"/>{}'
BAND_LINE = '<text class="quiet" fill="#4a5a5f" x="{}" y="{}">{}</text>'
TICK = '<text class="quiet" fill="#4a5a5f" x="{}" y="{}" text-anchor="end">{}</text>'
DOT = '<circle class="f1 halo" cx="{}" cy="{}" r="5" fill="#0b5a6b" stroke="#ffffff" stroke-width="1.5"/>'
VALUE = '<text fill="#1d2a2e" font-size="14" font-weight="700" x="{}" y="{}" text-anchor="middle">{}</text>'
LABEL = '<text class="quiet" fill="#4a5a5f" x="{}" y="{}" text-anchor="middle">{}</text>'


@register.filter
def in_words(points: Iterable[DrawnPoint]) -> str:
    """Return what the points say to who hears the chart, such as "wk 1: 18. wk 2: 12,5. "."""
    return "".join(f"{point.label}: {written(point.value)}. " for point in points)


@register.simple_tag
def trend_bands(bands: Iterable[DrawnBand], left: str, width: str, text_x: str) -> SafeString:
    """Return the bands with their names beside them, one in a line of the page."""
    return mark_safe("\n".join(_band(band, left, width, text_x) for band in bands))  # noqa: S308 as said above


def _band(band: DrawnBand, left: str, width: str, text_x: str) -> str:
    lines = "".join(BAND_LINE.format(text_x, line.y, escape(line.text)) for line in band.lines)
    return BAND.format(band.tone, FILLS[band.tone], left, band.y, width, band.height, lines)


@register.simple_tag
def trend_ticks(ticks: Iterable[Tick], x: str) -> SafeString:
    """Return the numbers of the scale."""
    return mark_safe("".join(TICK.format(x, tick.text_y, written(tick.value)) for tick in ticks))  # noqa: S308 as above


@register.simple_tag
def trend_points(points: Iterable[DrawnPoint], label_y: str) -> SafeString:
    """Return the dots, with their values and labels where there is room for them."""
    return mark_safe("".join(mark for point in points for mark in _marks(point, label_y)))  # noqa: S308 as above


def _marks(point: DrawnPoint, label_y: str) -> Iterable[str]:
    yield DOT.format(point.x, point.y)
    if point.shows_value:
        yield VALUE.format(point.text_x, point.text_y, written(point.value))
    if point.shows_label:
        yield LABEL.format(point.label_x, label_y, escape(point.label))
