"""Answers in plain words, with the risky phrases apart. Reads values.

The database is asked only for a clinic's own wording of a form, once in a process' life.

An answer that no longer fits its form is shown as it was stored: nothing that a patient wrote is ever left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from ikbt.casework.flags_shown import Mark
from programs.fields import Field
from programs.instruments import FUNCTION, Choice, text, words_key
from programs.library_format.answers import answer_lines
from programs.library_format.blocks import Question
from programs.library_format.placeholders import fill
from programs.measures.wordings import as_sent
from programs.models import Submission
from programs.plans import crisis_plan
from programs.toolkit.entries import value_in_words
from programs.tools import tools
from programs.treatment.stuck import reasons


@dataclass(frozen=True)
class Part:
    """A piece of a text; `marked` when the word list found it."""

    text: str
    marked: bool = False


Said = tuple[Part, ...]


@dataclass(frozen=True)
class Reader:
    """In which language, and with what in place of {{behandlare}} and its kin."""

    language: str
    values: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """One answer: where it stands in the form, the question's words, and what was said (a list has several)."""

    address: str
    question: str
    said: tuple[Said, ...]


def plain(said: Iterable[Said]) -> list[str]:
    """Return the texts without their marks."""
    return ["".join(part.text for part in each) for each in said]


def answers(submission: Submission, marks: Sequence[Mark], reader: Reader) -> list[Answer]:
    """Return every answer of the set in the order of its form, then what the form does not know."""
    by_kind = {
        Submission.Kind.MEASURE: _measure_answers,
        Submission.Kind.MODULE: _module_answers,
        Submission.Kind.TOOL: _tool_answers,
        Submission.Kind.FOLLOW_UP: _follow_up_answers,
        Submission.Kind.CRISIS_PLAN: _crisis_plan_answers,
        Submission.Kind.STUCK: _stuck_answers,
        Submission.Kind.CALL_ME: _call_me_answers,
        Submission.Kind.ASKED_AGAIN: _asked_again_answers,
    }
    known = list(by_kind[Submission.Kind(submission.kind)](submission, reader))
    named = {each.address.partition(".")[0] for each in known}
    rest = [Answer(key, key, _whole([str(value)])) for key, value in submission.answers.items() if key not in named]
    return [_with_marks(each, marks) for each in [*known, *rest]]


def _whole(texts: Iterable[str]) -> tuple[Said, ...]:
    return tuple((Part(each),) for each in texts)


def _with_marks(answer: Answer, marks: Sequence[Mark]) -> Answer:
    """Mark the phrases of this address in the last thing said: own words stand after chosen options."""
    here = [mark for mark in marks if mark.address == answer.address]
    if not here or not answer.said:
        return answer
    *options, own = answer.said
    words = "".join(part.text for part in own)
    return Answer(answer.address, answer.question, (*options, marked(words, here)))


def marked(words: str, marks: Iterable[Mark]) -> Said:
    """Return the text in parts, with the marked phrases apart. Marks that overlap are joined."""
    parts, at = [], 0
    for mark in sorted(marks, key=lambda each: each.start):
        start = max(mark.start, at)
        if mark.end <= start:
            continue
        parts += [Part(words[at:start]), Part(words[start : mark.end], marked=True)]
        at = mark.end
    return tuple(part for part in [*parts, Part(words[at:])] if part.text)


def _measure_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    instrument = as_sent(submission.form, submission.form_version)
    if instrument is None:
        return  # another wording: the answers are shown by their numbers alone
    for item in instrument.items:
        value = submission.answers.get(item.id)
        words = _choice_words(instrument.options_of(item), value, reader.language)
        yield Answer(item.id, f"{item.id}. {text(item.words, reader.language)}", _whole([words]))
        if written := submission.answers.get(words_key(item.id)):
            yield Answer(
                words_key(item.id), _("In own words, question %(item)s") % {"item": item.id}, _whole([written])
            )
    asked = instrument.function_item
    if asked and submission.answers.get(FUNCTION) is not None:
        words = _choice_words(asked.options, submission.answers[FUNCTION], reader.language)
        yield Answer(FUNCTION, text(asked.words, reader.language), _whole([words]))


def _asked_again_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    """Return only what was asked: the rest of the questionnaire was not."""
    yield from (each for each in _measure_answers(submission, reader) if each.address in submission.answers)


def _choice_words(options: Iterable[Choice], value: object, language: str) -> str:
    if value is None:
        return _("Not answered")
    words = next((text(option.words, language) for option in options if option.value == value), "")
    return f"{value} {words}".strip()


def _module_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    """`questions` is the annotation of ikbt.casework.course: one list of question blocks per page."""
    pages: list[list[dict[str, Any]]] = vars(submission).get("questions") or []
    for block in (block for page in pages for block in page):
        question = Question.build(block)
        value = submission.answers.get(question.id)
        lines = answer_lines(question, value) or ((str(value),) if value not in (None, "", [], {}) else ())
        if question.kind == "yesno" and isinstance(value, bool):
            lines = (_("Yes") if value else _("No"),)
        elif question.kind in ("scale", "number") and lines and question.max:
            lines = (_("%(value)s of %(max)s") % {"value": lines[0], "max": question.max},)
        yield Answer(question.id, fill(question.prompt, reader.values), _whole(lines))


def _tool_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    if submission.form in tools():
        yield from _field_answers(tools()[submission.form].fields, submission.answers, "", "", reader.language)


def _crisis_plan_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    yield from _field_answers(crisis_plan.fields(), submission.answers, "", "", reader.language)


def _field_answers(
    fields: Iterable[Field], data: Mapping[str, Any], path: str, lead: str, language: str
) -> Iterator[Answer]:
    for field in fields:
        value, label = data.get(field.id), text(field.label, language)
        if value in (None, "", []):
            continue
        if field.type == "rows" and isinstance(value, list):
            for number, row in enumerate(value):
                here = f"{path}{field.id}.{number}."
                yield from _field_answers(field.fields, row, here, f"{label} {number + 1}: ", language)
        else:
            yield Answer(path + field.id, lead + label, _whole([value_in_words(field, value, language)]))


def _stuck_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    reason = reasons().get(submission.answers.get("reason", ""))
    if reason:
        yield Answer("reason", _("What makes it slow going?"), _whole([text(reason.label, reader.language)]))
    if words := submission.answers.get("words"):
        yield Answer("words", _("In the patient's own words"), _whole([words]))


def _call_me_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    for address, question in (("phone", _("Call on this number")), ("words", _("In the patient's own words"))):
        if words := submission.answers.get(address):
            yield Answer(address, question, _whole([words]))
        else:
            yield Answer(address, question, ())


def _follow_up_answers(submission: Submission, reader: Reader) -> Iterator[Answer]:
    asked = {
        "plan": _("Has a plan or intent"),
        "today": _("Thinks of doing it today"),
        "safe": _("Feels safe right now"),
    }
    for key, question in asked.items():
        if key in submission.answers:
            value = submission.answers[key]
            words = {True: _("Yes"), False: _("No"), "yes": _("Yes"), "no": _("No")}.get(value, str(value))
            yield Answer(key, question, _whole([words]))
