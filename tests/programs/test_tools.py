"""Tools: the closed list, what an entry may hold, and which of it is free text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.fields import LONG_MAX, REASONS, Field, FieldFault
from programs.tools import texts, tools, validate_entry
from tests.programs.whole_entries import WHOLE

IDS = {
    "goals", "map", "mood_log", "week_planner", "values", "problem_solving", "thought_record", "experiment",
    "worry_time", "exposure_ladder", "body_exercise", "tally", "practice", "sleep_diary", "pacing", "load_log",
    "strengths", "relapse_plan",
}  # fmt: skip
UNBUILT = {tool.id for tool in tools().values() if not tool.built}
BUILT = IDS - UNBUILT


def fields_of(fields: tuple[Field, ...]) -> list[Field]:
    return [inner for field in fields for inner in (field, *fields_of(field.fields))]


def test_the_list_of_tools_is_closed_and_says_which_are_built() -> None:
    assert set(tools()) == IDS
    assert {name.partition(":")[0] for name in WHOLE} == BUILT
    assert all(bool(tool.fields) == tool.built for tool in tools().values())


def test_every_field_that_is_named_in_a_form_is_there() -> None:
    for tool in tools().values():
        for kind in tool.kinds:
            later = (*kind.follow_up.fields, kind.follow_up.until) if kind.follow_up else ()
            about = [kind.about] if kind.about else []
            named = [*about, *kind.quick, *later, *(name for names in kind.quick_when.values() for name in names)]
            assert all(kind.field(name) for name in named), (tool.id, kind.id)
            required = {field.id for field in kind.fields if field.required}
            assert required <= set(kind.quick), (tool.id, kind.id, "what is required stands at the top")
            assert all(use in {f"{n}={v}" for n, vs in tool.params.items() for v in vs} for use in kind.quick_when)


def test_every_name_and_label_is_in_swedish_and_english() -> None:
    for tool in tools().values():
        assert set(tool.name) == {"sv", "en"}
        for field in fields_of(tool.fields):
            shown = [field.label, *(option.words for option in field.options)]
            shown += [words for words in (field.low, field.high) if words]
            assert all(set(words) == {"sv", "en"} for words in shown), (tool.id, field.id)


@pytest.mark.parametrize("name", sorted(WHOLE))
def test_a_whole_entry_is_taken_as_it_is_and_its_kind_is_known(name: str) -> None:
    tool, _colon, kind = name.partition(":")
    assert validate_entry(tool, WHOLE[name]) == WHOLE[name]
    assert validate_entry(tool, WHOLE[name], kind) == WHOLE[name]
    assert tools()[tool].kind_of(WHOLE[name]).id == kind
    assert set(WHOLE[name]) == {field.id for field in tools()[tool].kind_of(WHOLE[name]).fields}


@pytest.mark.parametrize(
    ("tool", "change", "expected"),
    [
        ("week_planner", {"what": ""}, [("what", "required")]),
        ("week_planner", {"what": " \0 "}, [("what", "required")]),
        ("week_planner", {"day": "tisdag"}, [("day", "not_a_choice")]),
        ("week_planner", {"day": None}, [("day", "required")]),
        ("week_planner", {"kind": "dance"}, [("kind", "not_a_choice")]),
        ("week_planner", {"minutes": 0}, [("minutes", "out_of_range")]),
        ("week_planner", {"minutes": -10}, [("minutes", "out_of_range")]),
        ("week_planner", {"minutes": 10**9}, [("minutes", "out_of_range")]),
        ("week_planner", {"minutes": "tio"}, [("minutes", "not_a_number")]),
        ("week_planner", {"minutes": True}, [("minutes", "not_a_number")]),
        ("week_planner", {"before": 11}, [("before", "out_of_range")]),
        ("week_planner", {"time": "24:00"}, [("time", "not_a_time")]),
        ("week_planner", {"time": "9.30"}, [("time", "not_a_time")]),
        ("week_planner", {"what": 7}, [("what", "not_text")]),
        ("week_planner", {"what": "x" * 301}, [("what", "too_long")]),
        ("week_planner", {"colour": "red"}, [("colour", "unknown")]),
        ("mood_log", {"date": "2026-02-30"}, [("date", "not_a_date")]),
        ("mood_log", {"date": 20261121}, [("date", "not_a_date")]),
        ("mood_log", {"mood": None, "activity": ""}, [("activity", "required"), ("mood", "required")]),
        ("mood_log", {"note": "x" * (LONG_MAX + 1)}, [("note", "too_long")]),
        ("goals", {"goals": []}, [("goals", "too_few_rows")]),
        ("goals", {"goals": [{"goal": "ett"}] * 4}, [("goals", "too_many_rows")]),
        ("goals", {"goals": "ett"}, [("goals", "not_rows")]),
        ("goals", {"goals": ["ett"]}, [("goals", "not_rows")]),
        ("goals", {"goals": [{"goal": "ett"}, {"close": 5}]}, [("goals.1.goal", "required")]),
        ("map", {"feelings": [{"name": "oro", "strength": 101}]}, [("feelings.0.strength", "out_of_range")]),
        ("values", {"area": "money", "lived": -1}, [("area", "not_a_choice"), ("lived", "out_of_range")]),
        ("tally", {"count": -1}, [("count", "out_of_range")]),
        ("practice", {"minutes": 181}, [("minutes", "out_of_range")]),
        ("body_exercise", {"seconds": "3600"}, [("seconds", "out_of_range")]),
        ("load_log", {"demand": 1441}, [("demand", "out_of_range")]),
        ("pacing:baseline", {"third": None}, [("third", "required")]),
        ("pacing:day", {"done": -5}, [("done", "out_of_range")]),
        ("exposure_ladder:trial", {"likely": 101, "peak": 11}, [("likely", "out_of_range"), ("peak", "out_of_range")]),
        ("sleep_diary", {"to_sleep": -1}, [("to_sleep", "out_of_range")]),
        ("sleep_diary", {"awake": 961}, [("awake", "out_of_range")]),
        ("sleep_diary", {"bed": "25:00"}, [("bed", "not_a_time")]),
        ("sleep_diary", {"date": "i natt"}, [("date", "not_a_date")]),
        ("sleep_diary", {"awake": 400}, [("awake", "awake_longer_than_night")]),
        ("sleep_diary", {"lights_out": "22:50"}, [("lights_out", "lights_out_before_bed")]),
        ("relapse_plan", dict.fromkeys(WHOLE["relapse_plan"], ""), [("", "empty")]),
        ("exposure_ladder:steps", {"steps": [{"fear": 4}]}, [("steps.0.step", "required")]),
        ("exposure_ladder:steps", {"steps": [{"step": "ett"}] * 11}, [("steps", "too_many_rows")]),
    ],
)
def test_what_cannot_be_taken_is_told_by_field_and_reason(
    tool: str, change: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    found = validate_entry(tool.partition(":")[0], WHOLE[tool] | change, tool.partition(":")[2])
    assert found == [FieldFault(field, reason) for field, reason in expected]
    assert {reason for _, reason in expected} <= set(REASONS)


def test_what_a_form_sends_is_cleaned() -> None:
    sent = {"what": "  Gå ut\0 ", "day": "mon", "minutes": " 10 ", "place": "", "before": None, "kind": ""}
    assert validate_entry("week_planner", sent) == {"what": "Gå ut", "day": "mon", "minutes": 10}
    rows = {"goals": [{"goal": "", "sign": ""}, {"goal": "Läsa", "close": "3"}]}
    assert validate_entry("goals", rows) == {"goals": [{"goal": "Läsa", "close": 3}]}


def test_markup_in_an_answer_is_kept_as_text() -> None:
    script = "<script>alert(1)</script>"
    assert validate_entry("week_planner", {"what": script, "day": "mon"}) == {"what": script, "day": "mon"}


def test_free_text_is_found_also_in_rows() -> None:
    assert texts("goals", WHOLE["goals"]) == [
        ("goals.0.goal", "Gå till biblioteket"),
        ("goals.0.sign", "Jag har kollat tiderna"),
    ]
    assert [path for path, _ in texts("week_planner", WHOLE["week_planner"])] == ["what", "place", "obstacle", "plan_b"]
    assert [path for path, _ in texts("map", WHOLE["map"])] == [
        "situation", "thoughts", "feelings.0.name", "feelings.1.name", "body", "did", "at_once", "later",
    ]  # fmt: skip
    assert texts("mood_log", {"activity": " ", "note": 7}) == []


def test_a_tool_that_is_not_built_or_not_known_takes_no_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = {"map": replace(tools()["map"], built=False)}
    with monkeypatch.context() as patched:
        patched.setattr("programs.tools.tools", lambda: planned)
        with pytest.raises(ValueError, match="not built"):
            validate_entry("map", {})
    with pytest.raises(KeyError):
        validate_entry("weekplanner", {})


def test_a_module_may_ask_for_the_whole_thought_diary_at_once() -> None:
    kind = tools()["thought_record"].kinds[0]
    assert kind.quick_for({}) == kind.quick_for({"form": "catch", "min": 2}) == ("situation", "thought")
    assert "other_view" in kind.quick_for({"form": "full"})


@pytest.mark.parametrize(
    ("tool", "data", "kind"),
    [
        ("exposure_ladder", {}, "steps"),
        ("exposure_ladder", {"steps": [{"step": "Kö"}]}, "steps"),
        ("exposure_ladder", {"step": "Kö", "prediction": "x"}, "trial"),
        ("pacing", {"activity": "Dammsuga"}, "baseline"),
        ("pacing", {"activity": "Dammsuga", "done": 0}, "day"),
        ("pacing", {"activity": "Dammsuga", "done": None, "first": 3}, "baseline"),
        ("pacing", {"done": 3, "first": 3}, "baseline"),  # fits neither: the first kind names the faults
        ("goals", {"unknown": 1}, ""),
    ],
)
def test_the_kind_of_an_entry_shows_in_what_is_filled_in(tool: str, data: dict[str, Any], kind: str) -> None:
    assert tools()[tool].kind_of(data).id == kind


def test_parameters_have_a_closed_list_or_a_range() -> None:
    planner = tools()["week_planner"]
    assert planner.allows("kind", "rest")
    assert planner.allows("min", 7)
    assert not planner.allows("kind", "dance")
    assert not planner.allows("min", 8)
    assert not planner.allows("min", "many")
    assert not planner.allows("colour", "red")


def test_gates_follow_the_tool_and_its_parameters() -> None:
    assert tools()["body_exercise"].gates_for({}) == ("medical-ok",)
    assert tools()["exposure_ladder"].gates_for({"kind": "movement"}) == ("exposure-ok", "movement-ok")
    assert tools()["sleep_diary"].gates_for({}) == ()
    assert tools()["sleep_diary"].gates_for({"window": "yes"}) == ("sleep-window-ok",)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KNOWN = st.sampled_from(sorted({field.id for tool in BUILT for field in tools()[tool].fields}))


@given(st.sampled_from(sorted(BUILT)), st.dictionaries(KNOWN | st.text(), JSON, max_size=6))
def test_no_entry_whatever_is_sent_raises(tool: str, data: dict[str, Any]) -> None:
    taken = validate_entry(tool, data)
    texts(tool, data)
    if isinstance(taken, dict):
        assert validate_entry(tool, taken) == taken
