"""Geometry of the charts, as text ready for an SVG template. Pure: no Django, no models.

Every coordinate is a string with a full stop, made here: in a Swedish template the number 12.5 would print as 12,5
and break the drawing. Lengths are in the units of the viewBox, where one unit is about one CSS pixel. Each trend comes
in two drawings, so that the letters are as large on a telephone as on a screen.
"""

from __future__ import annotations

from followup.charts.shapes import Band, Event, Point, Trend
from followup.charts.small import Day, Sparkline, Strip, sparkline, strip
from followup.charts.trends import trend

__all__ = ["Band", "Day", "Event", "Point", "Sparkline", "Strip", "Trend", "sparkline", "strip", "trend"]
