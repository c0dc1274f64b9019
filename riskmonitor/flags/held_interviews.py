"""Structured interviews as they are read: each question with its answer, in the words that were asked. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clinics.models import User
from programs.instruments import text
from programs.measures.wordings import as_sent
from riskmonitor.flags.answer_words import language, option_words
from riskmonitor.models import Interview


@dataclass(frozen=True)
class Held:
    """One interview: pairs of question and answer. `by` wrote it down."""

    event: int
    name: str
    held_at: datetime
    by: User | None
    answers: list[tuple[str, str]]


def held(interviews: QuerySet[Interview]) -> list[Held]:
    """Return the interviews in the order in which they were written down. One query."""
    rows = interviews.select_related("event__by").order_by("event__at", "pk")
    return [Held(each.event_id, each.event.note, each.held_at, each.event.by, _answers(each)) for each in rows]


def _answers(interview: Interview) -> list[tuple[str, str]]:
    """Return all questions, answered in words: nothing is counted. What nobody can word stands as it came."""
    form, given = as_sent(interview.instrument, interview.version), interview.answers
    if form is None:
        return [(str(question), str(answer)) for question, answer in given.items()]
    return [
        (
            f"{item.id}. {text(item.words, language())}",
            option_words(form, item, given[item.id]) if item.id in given else _("Not asked"),
        )
        for item in form.items
    ]
