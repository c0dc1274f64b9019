"""What each tool says of the week, and what its chart and panel hold: entries in, values out, no database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from programs.charts import Bars, Trend
from programs.forms.tools import moved
from programs.toolkit import Look, part_of
from programs.toolkit.entries import Recorded
from programs.tools import tools
from tests.programs.whole_entries import WHOLE

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


def look(tool: str, *entries: dict[str, Any], **params: str | int) -> Look:
    """Return a look at entries, the newest first, one day apart."""
    recorded = [Recorded(str(number), NOW - timedelta(days=number), data) for number, data in enumerate(entries)]
    return Look(tools()[tool], recorded, NOW, "sv", params)


def worry(**told: str) -> dict[str, Any]:
    return {"worry": "Bilen"} | told


def step(*words: str) -> dict[str, Any]:
    return {"steps": [{"step": each, "fear": number + 3} for number, each in enumerate(words)]}


def trial(words: str, peak: int | None = None) -> dict[str, Any]:
    return {"step": words, "prediction": "Jag svimmar"} | ({} if peak is None else {"peak": peak})


def area(name: str, importance: int, lived: int) -> dict[str, Any]:
    return {"area": name, "importance": importance, "lived": lived}


@pytest.mark.parametrize(
    ("tool", "entries", "sentence"),
    [
        ("thought_record", [], ""),
        ("thought_record", [WHOLE["thought_record"]], "De senaste sju dagarna: du skrev här 1 gång."),
        ("worry_time", [worry()], "De senaste sju dagarna har du skrivit upp 1 orostanke."),
        (
            "worry_time", [worry(matters="no"), worry(then="let_go"), worry(then="act")],
            "De senaste sju dagarna har du skrivit upp 3 orostankar. 2 av dem kunde du släppa.",
        ),
        ("exposure_ladder", [step("Kö")], ""),
        ("exposure_ladder", [trial("Kö"), step("Kö")], "De senaste sju dagarna har du övat 1 gång."),
        (
            "body_exercise", [{"exercise": "spin", "fear": 6}, {"exercise": "run", "fear": 8}],
            "De senaste sju dagarna: 2 övningar. Den högsta rädslan var 8 av 10.",
        ),
        (
            "tally", [{"of": "checks", "count": 4}, {"of": "checks", "count": 3}],
            "De senaste sju dagarna: 7 gånger på 2 dagar.",
        ),
        (
            "practice", [{"kind": "rest", "minutes": 5}, {"kind": "rest", "minutes": 10}],
            "De senaste sju dagarna har du övat 2 gånger, 15 minuter sammanlagt.",
        ),
        (
            "pacing", [WHOLE["pacing:day"], WHOLE["pacing:baseline"]],
            "De senaste sju dagarna: uppskrivet 1 gång. Slutade när tiden var ute: 1.",
        ),
        (
            "load_log", [WHOLE["load_log"], {"what": "Bad", "recovery": 30}],
            "De senaste sju dagarna: 60 minuter krav och 40 minuter återhämtning.",
        ),
        ("strengths", [WHOLE["strengths"]], "De senaste sju dagarna: 1 ny. Sammanlagt finns 1 här."),
        ("values", [area("work", 3, 3), area("work", 4, 4)], "De senaste sju dagarna har du tittat på 1 del av livet."),
    ],
)  # fmt: skip
def test_the_week_in_a_sentence(tool: str, entries: list[dict[str, Any]], sentence: str) -> None:
    assert part_of(tool).week(look(tool, *entries)) == sentence


@pytest.mark.parametrize("tool", sorted(tool.id for tool in tools().values() if tool.built))
def test_nothing_recorded_is_no_sentence_no_chart_and_no_fault(tool: str) -> None:
    part, empty = part_of(tool), look(tool)
    assert part.week(empty) == ""
    assert part.chart(empty) is None
    for kind in empty.schema.kinds:
        part.initial(empty, kind)
        part.timer(empty, kind)
        part.choices(empty, kind)
    if part.panel:
        part.panel(empty)


def rows(tool: str, *entries: dict[str, Any]) -> list[tuple[str, tuple[float | None, ...]]]:
    chart = part_of(tool).chart(look(tool, *entries))
    assert isinstance(chart, Bars)
    return [(bar.label, bar.values) for bar in chart.rows]


def test_the_compass_shows_the_newest_of_each_area_with_the_largest_gap_first() -> None:
    entries = [area("work", 5, 4), area("friends", 9, 2), area("work", 9, 0), area("home", 2, 8)]
    assert rows("values", *entries) == [("Vänner", (9, 2)), ("Arbete och studier", (5, 4)), ("Hem och vardag", (2, 8))]
    panel = part_of("values").panel
    assert panel is not None
    assert panel(look("values", *entries))["gaps"] == [("Vänner", 7, ""), ("Arbete och studier", 1, "")]


def test_belief_before_and_after_stands_side_by_side_and_half_told_ones_are_left_out() -> None:
    half = {"situation": "Mötet", "thought": "Alla såg", "belief": 80}
    assert rows("thought_record", half, WHOLE["thought_record"]) == [("Chefen gick förbi", (90, 30))]


def test_expected_fear_stands_beside_the_latest_trial_of_the_same_step() -> None:
    entries = [trial("Kö"), trial("Kö", 5), trial("Kö", 9), trial("Bio", 7), step("Kö", "Buss")]
    assert rows("exposure_ladder", *entries) == [("Kö", (3, 5)), ("Buss", (4, None))]


def test_the_ladder_counts_the_trials_of_each_step() -> None:
    panel = part_of("exposure_ladder").panel
    assert panel is not None
    shown = panel(look("exposure_ladder", trial("Kö"), trial("Kö"), step("Kö", "Buss")))
    assert [(row["step"], row["trials"]) for row in shown["rows"]] == [("Kö", 2), ("Buss", 0)]


def test_a_pace_is_a_share_of_the_newest_level_and_its_times_stand_beside_it() -> None:
    long_day = WHOLE["pacing:day"] | {"done": 40, "date": "2026-11-19"}
    entries = [WHOLE["pacing:day"], long_day, WHOLE["pacing:baseline"]]
    panel = part_of("pacing").panel
    assert panel is not None
    (pace,) = panel(look("pacing", *entries))["paces"]
    assert (pace.activity, pace.base, pace.quota, pace.spread) == ("Dammsuga", 15, 12, (12, 40))
    assert [values for _label, values in rows("pacing", *entries)] == [(40, 12), (12, 12)]


def test_demands_and_recovery_are_summed_by_day_and_a_day_of_which_nothing_was_written_is_left_out() -> None:
    before = {"what": "Kö", "demand": 20, "date": "2026-11-17"}
    found = rows("load_log", WHOLE["load_log"], {"what": "Bad", "recovery": 30, "date": "2026-11-20"}, before)
    assert found == [("tis 17/11", (20, 0)), ("fre 20/11", (60, 40))]


def test_a_day_that_was_counted_to_nought_is_shown_and_old_days_are_not() -> None:
    none, old = {"of": "checks", "count": 0, "date": "2026-11-19"}, {"of": "checks", "count": 9, "date": "2026-10-01"}
    assert rows("tally", none, old) == [("tors 19/11", (0,))]
    assert part_of("tally").chart(look("tally", old)) is None


def test_one_old_piece_of_evidence_is_shown_another_each_day() -> None:
    panel = part_of("strengths").panel
    assert panel is not None
    entries = [{"happened": str(number)} for number in range(4)]
    seen = set()
    for day in range(3):
        there = look("strengths", *entries)
        seen.add(panel(Look(there.schema, there.entries, NOW + timedelta(days=day)))["old"].title)
    assert seen == {"1", "2", "3"}
    assert panel(look("strengths", entries[0]))["old"] is None


def test_only_worries_that_have_not_been_taken_up_wait_for_the_worry_time() -> None:
    panel = part_of("worry_time").panel
    assert panel is not None
    waiting = panel(look("worry_time", worry(), worry(matters="yes"), worry(worry="Hyran")))["waiting"]
    assert waiting == [("2", "Hyran"), ("0", "Bilen")]


@pytest.mark.parametrize(
    ("tool", "kind", "entries", "params", "expected"),
    [
        ("practice", "", [], {}, (180, "minutes", True)),
        ("practice", "", [], {"minutes": 10, "kind": "rest"}, (600, "minutes", False)),
        ("body_exercise", "", [], {}, (60, "seconds", False)),
        ("exposure_ladder", "trial", [], {}, (1200, "minutes", False)),
        ("pacing", "day", [WHOLE["pacing:baseline"]], {}, (720, "done", False)),
        ("pacing", "day", [], {}, None),
        ("exposure_ladder", "steps", [], {}, None),
        ("goals", "", [], {}, None),
    ],
)  # fmt: skip
def test_the_clock_of_a_tool(
    tool: str, kind: str, entries: list[dict[str, Any]], params: dict[str, str | int], expected: tuple[Any, ...] | None
) -> None:
    found = tools()[tool].kind(kind)
    assert found is not None
    timer = part_of(tool).timer(look(tool, *entries, **params), found)
    assert (timer and (timer.seconds, timer.fills, timer.breath)) == expected


def test_a_trend_keeps_the_newest_entries_in_the_order_of_their_days() -> None:
    chart = part_of("mood_log").chart(look("mood_log", *({"activity": "x", "mood": n % 11} for n in range(30))))
    assert isinstance(chart, Trend)
    assert [point.value for point in chart.points] == [float(n % 11) for n in reversed(range(21))]


@pytest.mark.parametrize(
    ("how", "order"),
    [
        ("steps.1.up", "bac"), ("steps.0.down", "bac"), ("steps.2.up", "acb"), ("steps.0.up", "abc"),
        ("steps.2.down", "abc"), ("steps.9.up", "abc"), ("steps.-1.up", "abc"), ("steps.٣.up", "abc"),
        ("steps.1.sideways", "abc"), ("other.1.up", "abc"), ("", "abc"), ("steps.1", "abc"), ("steps.1e1.up", "abc"),
    ],
)  # fmt: skip
def test_a_row_moves_one_place_and_nothing_else_moves(how: str, order: str) -> None:
    entry = {"steps": [{"step": each} for each in "abc"]}
    assert "".join(row["step"] for row in moved(entry, how)["steps"]) == order
    assert "".join(row["step"] for row in entry["steps"]) == "abc"
