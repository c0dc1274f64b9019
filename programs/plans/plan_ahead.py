"""The patient's plan ahead: what was written in it, and the lines collected from everywhere. Reads only.

Three sources make the plan: the newest entry of the tool relapse_plan, answers whose question has keep=relapse_plan (as
they were last sent), and lines that the patient saved. An answer that raised an open flag waits until it is closed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.models import KeptLine, Module, Submission, Treatment
from programs.pages.recall import Withheld, holds_withheld, lines_of, questions_on, withheld, withheld_words
from programs.toolkit.entries import in_words
from programs.tools import tools

TOOL = "relapse_plan"
REVIEW = "review"  # the field that is a date and takes no lines


@dataclass(frozen=True)
class Line:
    """One collected line: its words, where they are from, and under which part it stands ("" for none yet)."""

    key: UUID
    origin: str
    text: str
    source: str
    part: str = ""


@dataclass
class PlanPart:
    """One part of the plan: its words in the tool, and the lines sorted under it."""

    id: str
    label: str
    written: str = ""
    lines: list[Line] = field(default_factory=list)

    @property
    def is_empty(self) -> bool:
        return not (self.written or self.lines)


def part_ids() -> tuple[str, ...]:
    """Return the parts of the plan that take lines: the fields of the tool, but for the day of review."""
    return tuple(each.id for each in tools()[TOOL].fields if each.id != REVIEW)


@dataclass
class PlanAhead:
    """One patient's plan, in the language it is read in. Five queries, one more while a flag is open."""

    treatment: Treatment
    language: str = "sv"

    @cached_property
    def entry(self) -> Submission | None:
        """The newest entry of the tool: the whole plan as it was last saved."""
        sent = self.treatment.submissions.filter(kind=Submission.Kind.TOOL, form=TOOL)
        return sent.order_by("-sent_at", "-pk").first()

    @cached_property
    def rows(self) -> list[KeptLine]:
        return list(self.treatment.kept_lines.all())

    @cached_property
    def lines(self) -> list[Line]:
        """Every line that stands in the plan, oldest first: saved ones, then answers not sorted yet."""
        known = {row.key for row in self.rows}
        saved = [_line(row) for row in self.rows if row.removed_at is None and self._may_return(row)]
        return saved + [line for line in self.answered if line.key not in known]

    @cached_property
    def answered(self) -> list[Line]:
        """The answers that modules keep for the plan, as they were last sent. Two queries."""
        return list(_answered(self.treatment, self.withheld))

    @cached_property
    def withheld(self) -> Withheld:
        return withheld(self.treatment)

    @cached_property
    def _hidden(self) -> set[str]:
        return withheld_words(self.treatment, self.withheld)

    def _may_return(self, row: KeptLine) -> bool:
        return not holds_withheld(row.text, self._hidden)

    @cached_property
    def removed(self) -> list[Line]:
        """Lines that were taken out, the latest first: they can be put back."""
        gone = [row for row in self.rows if row.removed_at and self._may_return(row)]
        return [_line(row) for row in sorted(gone, key=lambda row: row.removed_at or row.kept_at, reverse=True)]

    @cached_property
    def parts(self) -> list[PlanPart]:
        """The parts in the order of the tool, with what stands under each."""
        written = self.entry.answers if self.entry else {}
        return [
            PlanPart(
                id=each.id,
                label=in_words(each.label, self.language),
                written=str(written.get(each.id, "")),
                lines=[line for line in self.lines if line.part == each.id],
            )
            for each in tools()[TOOL].fields
            if each.id != REVIEW
        ]

    @property
    def sorted(self) -> list[tuple[str, list[Line]]]:
        """Return the lines under each part that has any, with the part's name."""
        under = [(field, [line for line in self.lines if line.part == field.id]) for field in tools()[TOOL].fields]
        return [(in_words(field.label, self.language), lines) for field, lines in under if lines]

    @property
    def unsorted(self) -> list[Line]:
        """Return the lines that stand under no part yet."""
        return [line for line in self.lines if not line.part]

    @property
    def review_on(self) -> date | None:
        """Return the day on which the patient wants to read the plan again."""
        day = (self.entry.answers if self.entry else {}).get(REVIEW)
        return date.fromisoformat(day) if day else None

    @property
    def is_empty(self) -> bool:
        return not self.lines and all(part.is_empty for part in self.parts)

    def line(self, key: UUID) -> Line | None:
        """Return a line of the plan, also one that was removed."""
        return next((line for line in [*self.lines, *self.removed] if line.key == key), None)

    def as_text(self) -> str:
        """Return the plan as plain text, for the record."""
        found = [_("My plan ahead")]
        for part in self.parts:
            if not part.is_empty:
                found += ["", part.label, *([part.written] if part.written else [])]
                found += [f"- {line.text}" for line in part.lines]
        if self.unsorted:
            found += ["", _("Saved, not sorted yet"), *(f"- {line.text}" for line in self.unsorted)]
        if self.review_on:
            found += ["", f"{_('Read the plan again')}: {date_format(self.review_on, 'j F Y')}"]
        return "\n".join(found)


def kept_origins(treatment: Treatment, start: str) -> set[str]:
    """Return where the lines that stand in the plan are from, of those whose origin begins so. One query."""
    kept = treatment.kept_lines.kept().filter(origin__startswith=start)
    return set(kept.values_list("origin", flat=True))


def kept_codes(treatment: Treatment, kind: str) -> set[str]:
    """Return the codes of the entries or messages whose words stand in the plan. One query."""
    return {origin.removeprefix(f"{kind}:") for origin in kept_origins(treatment, f"{kind}:")}


def _line(row: KeptLine) -> Line:
    return Line(row.key, row.origin, row.text, row.source, row.part)


def _answered(treatment: Treatment, hidden: Withheld) -> Iterator[Line]:
    sent = treatment.submissions.filter(kind=Submission.Kind.MODULE).order_by("sent_at", "pk")
    latest = {each.form: each for each in sent.select_related("module").prefetch_related("module__pages")}
    for submission in sorted(latest.values(), key=lambda each: each.module.number if each.module else 0):
        if submission.module is None:
            continue
        pages, source = list(submission.module.pages.all()), _source(submission.module, submission.sent_at)
        kept = [each.id for page in pages for each in questions_on(page) if each.keep == TOOL]
        for name in kept:
            if (submission.pk, name) in hidden:
                continue
            origin = f"answer:{submission.form}.{name}"
            for text in lines_of(pages, name, submission.answers):
                yield Line(KeptLine.key_of(treatment, origin, text), origin, text, source)


def _source(module: Module, at: datetime) -> str:
    return _("From part %(number)d, %(day)s") % {
        "number": module.number,
        "day": date_format(timezone.localdate(at), "j F"),
    }
