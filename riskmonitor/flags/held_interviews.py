"""Structured interviews as they are read: each question with its answer, in the words that were asked. Reads only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

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


def held(interviews: Iterable[Interview]) -> list[Held]:
    """Return what was asked and answered, in the same order. No query where `event__by` is fetched with them."""
    return [
        Held(
            each.event_id, each.event.note, each.held_at, each.event.by,
            in_words(each.instrument, each.version, each.answers),
        )
        for each in interviews
    ]  # fmt: skip


def in_words(instrument: str, version: str, given: Mapping[str, int]) -> list[tuple[str, str]]:
    """Return all questions, answered in words: nothing is counted. What nobody can word stands as it came."""
    form = as_sent(instrument, version)
    if form is None:
        return [(str(question), str(answer)) for question, answer in given.items()]
    return [
        (
            f"{item.id}. {text(item.words, language())}",
            option_words(form, item, given[item.id]) if item.id in given else _("Not asked"),
        )
        for item in form.items
    ]
