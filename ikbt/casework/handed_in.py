"""What the patient has sent, beside what was sent before. Reads values, asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from ikbt.casework.flags_shown import Mark
from ikbt.casework.said import Answer, Reader, Said, answers, plain
from programs.instruments import text
from programs.models import Submission
from programs.shipped import instruments
from programs.tools import tools
from programs.treatment.stuck import reasons


@dataclass(frozen=True)
class Line:
    """One question with what was said now and the time before."""

    question: str
    now: tuple[Said, ...]
    before: tuple[Said, ...]

    @property
    def is_changed(self) -> bool:
        return plain(self.now) != plain(self.before)


@dataclass(frozen=True)
class Sheet:
    """One answer set beside the one before it; `before` is None the first time."""

    submission: Submission
    title: str
    lines: tuple[Line, ...]
    before: Submission | None = None
    is_new: bool = False

    @property
    def filled_in_by(self) -> str:
        """Return the name of the staff member who filled it in on the telephone, "" when the patient did."""
        by, patient = self.submission.entered_by, self.submission.treatment.patient
        return "" if by.pk == patient.user_id else by.full_name


def title_of(submission: Submission, language: str) -> str:
    """Return the form's name in words."""
    if submission.kind == Submission.Kind.MEASURE:
        instrument = instruments().get(submission.form)
        return instrument.called(language) if instrument else submission.form.upper()
    if submission.kind == Submission.Kind.ASKED_AGAIN and (asked := instruments().get(submission.form)):
        return f"{submission.get_kind_display()}: {asked.called(language)}"
    if submission.kind == Submission.Kind.MODULE and submission.module:
        facts = {"number": submission.module.number, "title": submission.module.title}
        return _("Module %(number)s: %(title)s") % facts
    if submission.kind == Submission.Kind.TOOL and submission.form in tools():
        return text(tools()[submission.form].name, language)
    if submission.kind == Submission.Kind.STUCK and (reason := reasons().get(submission.answers.get("reason", ""))):
        return f"{submission.get_kind_display()}: {text(reason.label, language)}"
    return str(submission.get_kind_display())


def sheet(
    submission: Submission,
    before: Submission | None,
    marks: Mapping[int, Sequence[Mark]],
    reader: Reader,
    *,
    is_new: bool = False,
) -> Sheet:
    """Return the answer set with the one before beside it, question by question."""
    now = answers(submission, marks.get(submission.pk, ()), reader)
    earlier = {each.address: each for each in answers(before, marks.get(before.pk, ()), reader)} if before else {}
    lines = [Line(each.question, each.said, _said(earlier.pop(each.address, None))) for each in now]
    lines += [Line(each.question, (), each.said) for each in earlier.values() if each.said]
    kept = tuple(line for line in lines if line.now or line.before)
    return Sheet(submission, title_of(submission, reader.language), kept, before, is_new)


def _said(answer: Answer | None) -> tuple[Said, ...]:
    return answer.said if answer else ()


@dataclass(frozen=True)
class Happening:
    """One line of "since you were here". `code` leads to the whole answer set, None for what stands on the page.

    `tool` leads to all that is saved in a tool, where it was written in several times.
    """

    at: datetime
    words: str
    code: UUID | None = None
    tool: str = ""


def _before(group: Sequence[Submission]) -> Submission | None:
    """Return what the newest of one form's answer sets is compared with.

    Of a tool only an earlier version of the same entry: two worries, or two nights, are no change of one.
    """
    newest, *older = group
    if newest.kind == Submission.Kind.TOOL:
        older = [each for each in older if newest.replaces_id and newest.replaces_id in (each.pk, each.replaces_id)]
    return older[0] if older else None


def latest_sheets(
    submissions: Sequence[Submission], since: datetime, marks: Mapping[int, Sequence[Mark]], reader: Reader
) -> list[Sheet]:
    """Return the latest answers to each form beside the ones before, new ones first. `submissions`: newest first."""
    by_form: dict[tuple[str, str], list[Submission]] = {}
    for submission in submissions:
        by_form.setdefault((submission.kind, submission.form), []).append(submission)
    found = [
        sheet(group[0], _before(group), marks, reader, is_new=group[0].sent_at > since) for group in by_form.values()
    ]
    return sorted(found, key=lambda each: not each.is_new)
