"""The geometry of the charts, and that their drawings hold in Swedish, where 12.5 is written 12,5."""

from __future__ import annotations

import itertools
import re
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.utils import translation

from programs.charts import Band, Day, Event, Point, Trend, sparkline, strip, trend
from programs.charts.trends import LETTER

PHQ9 = [
    Band(0, 4, "Inga eller minimala"),
    Band(5, 9, "Lindriga"),
    Band(10, 14, "Medelsvåra"),
    Band(15, 19, "Ganska svåra"),
    Band(20, 27, "Svåra"),
]


def weeks(*values: float) -> list[Point]:
    return [Point(week, f"v {week}", value) for week, value in enumerate(values)]


def phq9(*values: float, events: list[Event] | None = None) -> Trend:
    return trend(
        id="t",
        title="Nedstämdhet",
        points=weeks(*values),
        low=0,
        high=27,
        bands=PHQ9,
        events=events or [],
        note="Lägre är bättre.",
    )


def numbers(text: str) -> list[float]:
    return [float(number) for number in re.split("[ ,]", text)]


@pytest.mark.parametrize(
    ("value", "y"),
    [(0, 250.0), (27, 26.0), (13.5, 138.0), (-3, 250.0), (40, 26.0)],
)
def test_a_value_stands_at_its_height_and_never_outside_the_scale(value: float, y: float) -> None:
    assert float(phq9(value, 0).wide.points[0].y) == y


@pytest.mark.parametrize(("size", "width", "height"), [("narrow", 340, 230), ("wide", 640, 280)])
def test_both_sizes_hold_all_they_draw(size: str, width: float, height: float) -> None:
    drawing = getattr(phq9(*range(27, 0, -2)), size)
    assert (drawing.width, drawing.height) == (str(width), str(height))
    xs, ys = numbers(drawing.path)[::2], numbers(drawing.path)[1::2]
    assert xs == sorted(xs)
    assert min(xs) > float(drawing.left)
    assert max(xs) < float(drawing.right) < width
    assert min(ys) >= float(drawing.top)
    assert max(ys) <= float(drawing.bottom) < height


def test_a_week_without_a_measure_leaves_its_place_empty() -> None:
    points = [Point(0, "v 0", 18), Point(1, "v 1", 17), Point(4, "v 4", 12)]
    first, second, last = (float(p.x) for p in trend(id="t", title="", points=points, low=0, high=27).wide.points)
    assert last - second == pytest.approx(3 * (second - first), abs=0.2)


def test_points_are_drawn_in_the_order_of_time() -> None:
    late_first = [Point(2, "v 2", 9), Point(0, "v 0", 18)]
    assert [p.label for p in trend(id="t", title="", points=late_first, low=0, high=27).points] == ["v 0", "v 2"]


def test_one_single_value_stands_in_the_middle() -> None:
    drawing = phq9(12).wide
    assert float(drawing.points[0].x) == (float(drawing.left) + float(drawing.right)) / 2


def test_the_bands_cover_the_scale_without_gap_or_overlap() -> None:
    drawing = phq9(12, 9).narrow
    edges = [(float(band.y), float(band.y) + float(band.height)) for band in drawing.bands]
    assert edges[0][1] == pytest.approx(float(drawing.bottom))
    assert edges[-1][0] == pytest.approx(float(drawing.top))
    for lower, upper in itertools.pairwise(edges):
        assert lower[0] == pytest.approx(upper[1], abs=0.11)
    assert [band.tone for band in drawing.bands] == [0, 1, 2, 3, 4]


def test_every_band_has_its_words_beside_it_and_inside_the_drawing() -> None:
    drawing = phq9(12, 9).narrow
    assert [" ".join(line.text for line in band.lines) for band in drawing.bands] == [band.label for band in PHQ9]
    assert all(len(line.text) <= 12 for band in drawing.bands for line in band.lines)


def test_fifty_values_do_not_run_into_each_other() -> None:
    points = phq9(*[value % 27 for value in range(50)]).narrow.points
    labels = [float(point.x) for point in points if point.shows_label]
    assert len(labels) >= 2
    assert all(b - a >= 34 for a, b in itertools.pairwise(labels))
    shown = [point.value for point in points if point.shows_value]
    assert shown[0] == 0
    assert {0, 26} <= set(shown)
    assert points[-1].shows_value
    assert len(shown) < 16


def test_long_labels_keep_their_distance_too() -> None:
    days = [Point(day, "tors 12/11", 5) for day in range(7)]
    points = trend(id="t", title="", points=days, low=0, high=10).narrow.points
    labels = [float(point.x) for point in points if point.shows_label]
    assert all(b - a >= 7 * len("tors 12/11") for a, b in itertools.pairwise(labels))


def test_events_are_lettered_in_order_and_those_outside_are_left_out() -> None:
    chart = phq9(18, 15, 12, events=[Event(1, "Nytt avsnitt"), Event(2, "Vikarie"), Event(9, "Efteråt")])
    assert [(event.letter, event.label) for event in chart.events] == [("A", "Nytt avsnitt"), ("B", "Vikarie")]
    beside = chart.wide.points[1]
    assert float(beside.text_x) > float(beside.x)


def test_a_trend_without_points_or_without_height_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one point"):
        trend(id="t", title="", points=[], low=0, high=27)
    with pytest.raises(ValueError, match="must rise"):
        trend(id="t", title="", points=weeks(1), low=5, high=5)


def test_a_sparkline_needs_two_values_and_stays_in_its_box() -> None:
    assert sparkline(id="s", title="", values=[4]) is None
    spark = sparkline(id="s", title="", values=[18, 17, 9])
    assert spark is not None
    assert numbers(spark.path) == [4, 5, 48, 7, 92, 23]
    flat = sparkline(id="s", title="", values=[5, 5])
    assert flat is not None
    assert flat.path == "4,14 92,14"


def coordinates(svg: str) -> list[str]:
    """All attributes of an SVG that must be numbers."""
    root = ElementTree.fromstring(svg)
    names = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "width", "height", "font-size", "stroke-width"}
    single = [value for element in root.iter() for name, value in element.attrib.items() if name in names]
    pairs = [pair for element in root.iter() for pair in element.attrib.get("points", "").split()]
    return [*single, *root.attrib["viewBox"].split(), *(place for pair in pairs for place in pair.split(","))]


@pytest.mark.parametrize("size", ["narrow", "wide"])
def test_a_trend_drawn_in_swedish_has_points_in_its_places_and_commas_in_its_words(size: str) -> None:
    chart = phq9(18, 12.5, 9, events=[Event(1, "Nytt avsnitt")])
    with translation.override("sv"):
        svg = render_to_string("charts/trend.html", {"trend": chart, "drawing": getattr(chart, size)})
    assert len(coordinates(svg)) > 40
    assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in coordinates(svg))
    assert ">12,5</text>" in svg
    assert "v 1: 12,5." in svg
    assert f'id="t-{size}-title"' in svg
    assert 'role="img"' in svg
    assert "style=" not in svg


def test_the_small_charts_drawn_in_swedish_hold_too() -> None:
    days = strip(id="d", title="Humör", days=[Day("Må", 6.5), Day("Ti", None)])
    with translation.override("sv"):
        drawn = render_to_string("charts/strip.html", {"strip": days})
        line = render_to_string("charts/sparkline.html", {"spark": sparkline(id="s", title="x", values=[3, 2.5, 1])})
    for svg in (drawn, line):
        assert all(re.fullmatch(r"-?\d+(\.\d+)?", number) for number in coordinates(svg))
    assert "Må: 6,5. Ti: –." in drawn


def test_each_trend_comes_with_a_table_of_the_same_values() -> None:
    with translation.override("sv"):
        page = render_to_string("charts/trend_with_table.html", {"trend": phq9(18, 12.5)})
    assert page.count("<svg") == 2
    assert "Visa som tabell" in page
    assert re.findall(r'<td class="num">([^<]+)</td>', page) == ["18", "12,5"]
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_last_label_under_the_axis_stays_inside_the_drawing() -> None:
    days = [Point(at=day, label="ons 18/11", value=5) for day in range(3)]
    last = trend(id="a", title="A", points=days, low=0, high=10).narrow.points[-1]
    assert float(last.label_x) < float(last.x)
    assert float(last.label_x) + LETTER * len(last.label) / 2 <= 340
