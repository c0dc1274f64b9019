"""Answers to a module's questions: shapes, what cannot be taken, and what is free text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from programs.library_format.answers import answer_faults, answer_lines, text_fields
from programs.library_format.blocks import Option, Question

OPTIONS = (Option("musik", "Lyssna på musik"), Option("ute", "Sitta ute"))


def question(kind: str, **more: Any) -> Question:
    options = OPTIONS if kind in ("pick", "choice", "multi") else ()
    span = {"min": 0, "max": 10} if kind == "scale" else {}
    return Question(id=kind, kind=kind, prompt="", prompt_html="", options=options, **span, **more)


KINDS = ("text", "long", "pick", "choice", "multi", "scale", "number", "yesno", "time", "date")
QUESTIONS = [question(kind) for kind in KINDS]
WHOLE: dict[str, Any] = {
    "text": "ett", "long": "två\nrader", "pick": {"options": ["ute"], "own": "gå till sjön"}, "choice": "musik",
    "multi": ["musik", "ute"], "scale": 10, "number": 0, "yesno": False, "time": "07:30", "date": "2026-11-21",
}  # fmt: skip


def test_whole_and_empty_answers_are_taken() -> None:
    assert answer_faults(QUESTIONS, WHOLE) == []
    assert answer_faults(QUESTIONS, {}) == []
    assert answer_faults(QUESTIONS, dict.fromkeys(KINDS, "") | {"pick": {}, "multi": []}) == []
    assert answer_faults(QUESTIONS, {"pick": {"own": "bara egna ord"}}) == []


@pytest.mark.parametrize(
    ("kind", "value", "reason"),
    [
        ("text", 7, "not_text"), ("text", "x" * 301, "too_long"), ("long", ["x"], "not_text"),
        ("pick", "ute", "not_a_choice"), ("pick", {"options": ["inne"]}, "not_a_choice"),
        ("pick", {"options": ["ute", "ute"]}, "not_a_choice"), ("pick", {"egna": "x"}, "not_a_choice"),
        ("pick", {"own": 7}, "not_text"), ("choice", "inne", "not_a_choice"), ("multi", "ute", "not_a_choice"),
        ("multi", [["ute"]], "not_a_choice"), ("scale", 11, "out_of_range"), ("scale", -1, "out_of_range"),
        ("scale", "7", "not_a_number"), ("scale", True, "not_a_number"), ("number", 1.5, "not_a_number"),
        ("yesno", "ja", "not_a_choice"), ("time", "7:30", "not_a_time"), ("date", "21/11", "not_a_date"),
    ],
)  # fmt: skip
def test_what_cannot_be_taken_is_told(kind: str, value: object, reason: str) -> None:
    assert answer_faults(QUESTIONS, {kind: value}) == [(kind, reason)]


def test_an_answer_to_a_question_that_is_not_there_is_told() -> None:
    assert answer_faults(QUESTIONS, {"annan": "x"}) == [("annan", "unknown")]


@pytest.mark.parametrize("kind", KINDS)
def test_a_required_question_must_be_answered(kind: str) -> None:
    asked = [question(kind, required=True)]
    assert answer_faults(asked, {}) == [(kind, "required")]
    assert answer_faults(asked, {kind: WHOLE[kind]}) == []


def test_a_required_pick_without_option_and_words_is_not_answered() -> None:
    assert answer_faults([question("pick", required=True)], {"pick": {"options": [], "own": " "}}) == [
        ("pick", "required")
    ]


def test_free_text_is_text_long_and_own_words() -> None:
    assert text_fields(QUESTIONS, WHOLE) == [("text", "ett"), ("long", "två\nrader"), ("pick", "gå till sjön")]
    assert text_fields(QUESTIONS, {"text": " ", "pick": {"options": ["ute"]}, "long": 7}) == []


def test_an_answer_is_shown_as_lines() -> None:
    shown = {asked.id: answer_lines(asked, WHOLE[asked.id]) for asked in QUESTIONS}
    assert shown == {
        "text": ("ett",), "long": ("två\nrader",), "pick": ("Sitta ute", "gå till sjön"),
        "choice": ("Lyssna på musik",),
        "multi": ("Lyssna på musik", "Sitta ute"), "scale": ("10",), "number": ("0",), "yesno": ("no",),
        "time": ("07:30",), "date": ("2026-11-21",),
    }  # fmt: skip
    assert answer_lines(question("choice"), "inne") == ()
    assert answer_lines(question("text"), None) == ()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text() | st.just("own"), inner, max_size=4),
    max_leaves=10,
)


@given(st.dictionaries(st.sampled_from(KINDS) | st.text(), JSON, max_size=6))
def test_no_answers_whatever_is_sent_raise(answers: dict[str, Any]) -> None:
    answer_faults(QUESTIONS, answers)
    text_fields(QUESTIONS, answers)
    for asked in QUESTIONS:
        answer_lines(asked, answers.get(asked.id))
