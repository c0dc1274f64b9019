"""The printed workbook: the programme as text with lines to write on, or filled in with the patient's own answers.

A patient's own lacks what is taken out of the way and what stands behind a checklist that is not ticked: paper cannot
be closed again. Staff and authors can also have an edition, whole and empty.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import override

from programs.doors import behind_open_gates, tools_in
from programs.editions import modules_with_pages
from programs.library_format import blocks
from programs.library_format.placeholders import fill, fill_html
from programs.models import Module, Page, Revision, Step, Submission, Treatment
from programs.pages.filling import placeholders
from programs.pages.preview import stand_ins
from programs.pages.recall import lines_of
from programs.toolkit.entries import EntryShown, in_words, shown
from programs.toolkit.records import recorded_by_tool
from programs.tools import tools
from programs.treatment.gates import Gates
from programs.treatment.languages import foreign

# Empty lines to write on, by the kind of question, and for each field of a tool.
LINES = {"text": 2, "long": 7, "number": 1, "pick": 2}
ROOMS = 2


@dataclass(frozen=True)
class Piece:
    """One block on paper: `answers` are own lines, `rooms` how many empty ones, `choices` boxes, `steps` a scale."""

    kind: str
    html: str = ""
    title: str = ""
    items: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    steps: str = ""
    rooms: int = 0

    @property
    def empty_lines(self) -> range:
        return range(self.rooms)


@dataclass(frozen=True)
class Chapter:
    """One module on paper: its pages as (title, pieces). `waits`: behind a checklist, so only its name is here."""

    number: int
    title: str
    aim: str
    sent_at: datetime | None
    pages: Sequence[tuple[str, Sequence[Piece]]]
    waits: bool
    lang: str


@dataclass(frozen=True)
class ToolRecord:
    name: str
    entries: Sequence[EntryShown]


def contents(treatment: Treatment, *, filled: bool, language: str) -> dict[str, Any]:
    """Return what the workbook holds: filled in, the open modules. Six queries, however long the programme."""
    gates, sent = Gates(treatment), _sent(treatment)
    on_way = treatment.steps.shown().select_related("module").prefetch_related("module__pages").in_order()
    steps = [step for step in on_way if step.opened_at or not filled]
    with override(steps[0].module.language if steps else language):
        values = placeholders(treatment, treatment.planned_at) | {"svarsdag": str(WEEKDAYS[treatment.reply_weekday])}
    return {
        "filled": filled,
        "language": language,
        "title": in_words(treatment.revision.patient_title, language),
        "clinic": treatment.patient.clinic,
        "person": treatment.patient.user,
        "chapters": [_chapter(step, sent if filled else {}, gates, values, filled) for step in steps],
        "records": list(_records(treatment, steps, gates, language)) if filled else [],
    }


def edition_contents(revision: Revision, *, text_language: str, language: str) -> dict[str, Any]:
    """Return the empty workbook of an edition: all its parts in one language, about nobody. Two queries.

    For staff and authors. Here the parts behind checklists are whole: a patient's own workbook leaves them out.
    """
    with override(text_language):
        values = stand_ins()
    modules = modules_with_pages(revision, text_language)
    return {
        "filled": False,
        "language": language,
        "title": in_words(revision.patient_title, language),
        "revision": revision,
        "chapters": [_printed(module, None, values, waits=False, filled=False) for module in modules],
    }


def _sent(treatment: Treatment) -> dict[str, Submission]:
    """Return the last sent answers of each module, by its slug."""
    rows = treatment.submissions.filter(kind=Submission.Kind.MODULE).order_by("sent_at", "pk")
    return {row.form: row for row in rows}


def _chapter(
    step: Step, sent: Mapping[str, Submission], gates: Gates, values: Mapping[str, str], filled: bool
) -> Chapter:
    module: Module = step.module
    waits = bool(gates.closed_before_module(module))
    return _printed(module, sent.get(module.slug), values, waits=waits, filled=filled)


def _printed(
    module: Module, last: Submission | None, values: Mapping[str, str], *, waits: bool, filled: bool
) -> Chapter:
    """Return one module on paper; `last` is what was last sent from it."""
    answers = last.answers if last else {}
    pages = [] if waits else list(module.pages.all())
    return Chapter(
        lang=foreign(module.language),
        number=module.number, title=module.title, aim=fill(module.aim, values), waits=waits,
        sent_at=last.sent_at if last else None,
        pages=[(page.title, list(_pieces(page, pages, answers, values, filled))) for page in pages],
    )  # fmt: skip


def _pieces(
    page: Page, pages: Sequence[Page], answers: Mapping[str, Any], values: Mapping[str, str], filled: bool
) -> Iterator[Piece]:
    for stored in page.blocks:
        block = blocks.block_from_json(stored)
        html = fill_html(getattr(block, "html", ""), values)
        if isinstance(block, blocks.Question):
            yield _question(block, lines_of(pages, block.id, answers), values, filled)
        elif isinstance(block, blocks.Tool):
            yield _tool(block, values, filled, page.module.language)
        elif isinstance(block, blocks.Summary):
            yield Piece("summary", items=tuple(fill(item, values) for item in block.items))
        elif isinstance(block, blocks.Example):
            yield Piece("example", html, f"{block.who}, {block.age}")
        elif isinstance(block, blocks.More):
            yield Piece("more", html, block.title)
        elif isinstance(block, blocks.Caution):
            yield Piece("warning", html)
        elif isinstance(block, (blocks.Text, blocks.Audio)):
            yield Piece("text", html)


def _question(question: blocks.Question, lines: tuple[str, ...], values: Mapping[str, str], filled: bool) -> Piece:
    prompt = fill(question.prompt, values)
    if filled:
        return Piece("question", title=prompt, answers=lines)
    choices = tuple(option.text for option in question.options)
    if question.kind == "yesno":
        choices = (_("Yes"), _("No"))
    rooms = LINES.get(question.kind, 0)
    return Piece("question", title=prompt, choices=choices, steps=_steps(question), rooms=rooms)


def _steps(question: blocks.Question) -> str:
    """Return the numbers of a scale in a row, to ring in."""
    if question.kind != "scale":
        return ""
    highest = 10 if question.max is None else question.max
    return " ".join(str(number) for number in range(question.min or 0, highest + 1))


def _tool(block: blocks.Tool, values: Mapping[str, str], filled: bool, language: str) -> Piece:
    schema, html = tools().get(block.use), fill_html(block.instruction_html, values)
    name = in_words(schema.name, language) if schema else block.use
    if filled or schema is None:
        return Piece("tool", html, name)
    labels = [each for field in schema.fields for each in (field.fields or (field,))]
    return Piece("tool", html, name, items=tuple(in_words(field.label, language) for field in labels), rooms=ROOMS)


def _records(treatment: Treatment, steps: Sequence[Step], gates: Gates, language: str) -> Iterator[ToolRecord]:
    """Return what was recorded with each tool that is the patient's, the newest first."""
    recorded = recorded_by_tool(treatment)
    listed = [step.module.facts.get("tools") for step in steps]
    for schema in behind_open_gates(tools_in([*listed, list(recorded)]), gates):
        if entries := recorded.get(schema.id):
            yield ToolRecord(in_words(schema.name, language), [shown(schema, entry, language) for entry in entries])
