"""What a patient's answers to a module's questions look like, and whether they can be taken. Pure.

Answers are a mapping from question id to a value of the question's kind:

    text, long     "words"
    pick           {"options": ["musik", "ute"], "own": "words"}; both parts may be left out
    choice         "musik"                multi     ["musik", "ute"]
    scale, number  7                      yesno     true or false
    time           "07:30"                date      "2026-11-21"

None, "", [] and {} mean not answered, which is allowed unless the question is required.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from programs.fields import Field, FieldOption, Refused, clean_value, is_blank

from .blocks import Question

Answers = Mapping[str, object]
_SAME_AS_FIELD = ("text", "long", "choice", "scale", "number", "time", "date")


def text_fields(questions: Iterable[Question], answers: Answers) -> list[tuple[str, str]]:
    """Return the free-text answers as (question id, text), for screening; a pick's own words are free text."""
    found = []
    for question in questions:
        value = answers.get(question.id)
        if question.kind == "pick" and isinstance(value, Mapping):
            value = value.get("own")
        elif question.kind not in ("text", "long"):
            continue
        if isinstance(value, str) and not is_blank(value):
            found.append((question.id, value))
    return found


def answer_faults(questions: Iterable[Question], answers: Answers) -> list[tuple[str, str]]:
    """Return (question id, reason) for each answer that cannot be taken; reasons are those of fields.REASONS."""
    by_id = {question.id: question for question in questions}
    faults = [(name, "unknown") for name in answers if name not in by_id]
    for question in by_id.values():
        value = answers.get(question.id)
        if is_blank(value) or _is_blank_pick(value):
            if question.required:
                faults.append((question.id, "required"))
            continue
        try:
            _check(question, value)
        except Refused as refused:
            faults.append((question.id, refused.reason))
    return faults


def answer_lines(question: Question, value: object) -> tuple[str, ...]:
    """Return an answer as lines to show: words of the chosen options, own words, or the value itself.

    A yes or no gives "yes" or "no", for the page to put into words. An answer that no longer fits gives nothing.
    """
    if is_blank(value) or not _fits(question, value):
        return ()
    words = {option.id: option.text for option in question.options}
    if question.kind == "pick" and isinstance(value, Mapping):
        chosen = [words[option] for option in value.get("options") or ()]
        own = value.get("own")
        return (*chosen, own) if isinstance(own, str) and not is_blank(own) else tuple(chosen)
    if question.kind == "multi" and isinstance(value, list):
        return tuple(words[option] for option in value)
    if question.kind == "choice":
        return (words[str(value)],)
    if question.kind == "yesno":
        return ("yes" if value else "no",)
    return (str(value),)


def _fits(question: Question, value: object) -> bool:
    try:
        _check(question, value)
    except Refused:
        return False
    return True


def _is_blank_pick(value: object) -> bool:
    return isinstance(value, Mapping) and all(is_blank(part) for part in value.values())


def _field(question: Question, kind: str) -> Field:
    options = tuple(FieldOption(option.id, {}) for option in question.options)
    return Field(question.id, kind, {}, min=question.min, max=question.max, options=options)


def _check(question: Question, value: object) -> None:
    """Raise Refused when the value is not an answer to the question."""
    if question.kind in ("scale", "number") and isinstance(value, str):
        raise Refused("not_a_number")  # an answer is stored as it is given, so a number must be one
    if question.kind in _SAME_AS_FIELD:
        clean_value(_field(question, question.kind), value)
    elif question.kind == "yesno":
        if not isinstance(value, bool):
            raise Refused("not_a_choice")
    elif question.kind == "multi":
        _check_options(question, value)
    elif question.kind == "pick":
        if not isinstance(value, Mapping) or set(value) - {"options", "own"}:
            raise Refused("not_a_choice")
        if not is_blank(value.get("options")):
            _check_options(question, value["options"])
        if not is_blank(value.get("own")):
            clean_value(_field(question, "text"), value["own"])
    else:
        raise Refused("unknown")


def _check_options(question: Question, value: object) -> None:
    known = {option.id for option in question.options}
    if not isinstance(value, list) or not all(isinstance(option, str) and option in known for option in value):
        raise Refused("not_a_choice")
    if len(set(value)) != len(value):
        raise Refused("not_a_choice")
