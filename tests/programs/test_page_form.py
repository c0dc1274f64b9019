"""Every kind of question, from what is typed to the answer that is stored, and back."""

from __future__ import annotations

import pytest
from django.utils.datastructures import MultiValueDict

from programs.forms.questions import PageForm, answers_in, name_of, typed_answers
from programs.forms.typed import as_posted, typed
from programs.library_format.blocks import Option, Question

OPTIONS = (Option("ute", "Sitta ute"), Option("musik", "Lyssna"))


def question(kind: str, **more: object) -> Question:
    options = OPTIONS if kind in ("pick", "choice", "multi") else ()
    return Question(id="x", kind=kind, prompt="Vad?", prompt_html="<p>Vad?</p>", options=options, **more)


def posted(*values: str, **more: str) -> MultiValueDict[str, str]:
    data = MultiValueDict({name_of("x"): list(values)})
    data.update({f"q_x_{name}": value for name, value in more.items()})
    return data


@pytest.mark.parametrize(
    ("kind", "data", "answer"),
    [
        ("text", posted("Hej"), "Hej"),
        ("long", posted("Rad ett\nrad två"), "Rad ett\nrad två"),
        ("pick", posted("ute", "musik", own="Bada"), {"options": ["ute", "musik"], "own": "Bada"}),
        ("pick", posted(own="Bada"), {"own": "Bada"}),
        ("choice", posted("ute"), "ute"),
        ("multi", posted("musik", "musik"), ["musik"]),
        ("scale", posted("7"), 7),
        ("number", posted(" 12 "), 12),
        ("yesno", posted("no"), False),
        ("time", posted("7.30"), "07:30"),
        ("date", posted("2026-11-21"), "2026-11-21"),
    ],
)
def test_each_kind_goes_there_and_back(kind: str, data: MultiValueDict[str, str], answer: object) -> None:
    asked = [question(kind, min=0, max=99)] if kind in ("scale", "number") else [question(kind)]
    form = PageForm(asked, {}, data=data)
    assert form.is_valid(), form.errors
    assert form.answers() == {"x": answer}
    kept = as_posted(typed_answers(asked, form.answers()))
    assert answers_in(asked, kept) == {"x": answer}
    assert answers_in(asked, as_posted(typed(data, form.fields))) == {"x": answer}


@pytest.mark.parametrize(
    "kind", ["text", "long", "pick", "choice", "multi", "scale", "number", "yesno", "time", "date"]
)
def test_a_question_left_out_is_no_answer(kind: str) -> None:
    form = PageForm([question(kind)], {}, data=MultiValueDict())
    assert form.is_valid()
    assert form.answers() == {}


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("choice", posted("hittepå")), ("multi", posted("ute", "hittepå")), ("pick", posted("hittepå")),
        ("scale", posted("11")), ("scale", posted("sju")), ("yesno", posted("kanske")), ("time", posted("25:00")),
        ("date", posted("21/11")), ("text", posted("a" * 301)), ("long", posted("a" * 10_001)),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_refused_with_a_sentence(kind: str, data: MultiValueDict[str, str]) -> None:
    limits = {"min": 0, "max": 10} if kind == "scale" else {}
    form = PageForm([question(kind, **limits)], {}, data=data)
    assert not form.is_valid()
    assert len(form.errors[name_of("x")]) == 1
    assert form.errors[name_of("x")][0].endswith(".")


def test_a_required_question_and_a_warning_to_read_hold_the_page() -> None:
    asked = [question("yesno", required=True)]
    assert set(PageForm(asked, {}, acks=["ack_0"], data=MultiValueDict()).errors) == {"q_x", "ack_0"}
    answered = MultiValueDict({"q_x": ["yes"], "ack_0": ["on"]})
    assert PageForm(asked, {}, acks=["ack_0"], data=answered).is_valid()
