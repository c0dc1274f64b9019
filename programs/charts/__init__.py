"""Geometry of the charts, as text ready for an SVG template. Pure: no Django, no models.

Every coordinate is a string with a full stop, made here: in a Swedish template the number 12.5 would print as 12,5
and break the drawing. Lengths are in the units of the viewBox, where one unit is about one CSS pixel. Each trend comes
in two drawings, so that the letters are as large on a telephone as on a screen.
"""

from __future__ import annotations

from programs.charts.bars import Bar, Bars, bars
from programs.charts.shapes import Band, Event, Point, Trend
from programs.charts.small import Day, Sparkline, Strip, sparkline, strip
from programs.charts.trends import trend

__all__ = [
    "Band",
    "Bar",
    "Bars",
    "Day",
    "Event",
    "Point",
    "Sparkline",
    "Strip",
    "Trend",
    "bars",
    "sparkline",
    "strip",
    "trend",
]
