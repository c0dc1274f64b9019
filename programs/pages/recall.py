"""Earlier answers that return on a page, and those that must not return for now (content guide 2.7)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from programs.library_format import blocks
from programs.library_format.answers import answer_lines
from programs.models import Page, Submission, Treatment

Withheld = set[tuple[int, str]]  # primary keys of submissions, and question ids
_askers: list[Callable[[Treatment], Withheld]] = []


@dataclass(frozen=True)
class Returned:
    """An earlier answer: its lines, and where it comes from in words ("From part 2, 9 November")."""

    lines: tuple[str, ...]
    source: str


def withhold(asker: Callable[[Treatment], Withheld]) -> None:
    """Let an app above say which answers may not return. Asked once for each page that shows an earlier answer."""
    if asker not in _askers:
        _askers.append(asker)


def withheld(treatment: Treatment) -> Withheld:
    """Return the answers that may not return now."""
    return {place for asker in _askers for place in asker(treatment)}


def withheld_words(treatment: Treatment, places: Withheld | None = None) -> set[str]:
    """Return the texts that may not be offered now, in the patient's own words. One query more when there are any.

    places: what `withheld` has answered already.
    """
    places = withheld(treatment) if places is None else places
    if not places:
        return set()
    found = Submission.objects.filter(pk__in={pk for pk, _address in places}).values_list("pk", "texts")
    return {text for pk, texts in found for address, text in texts if (pk, address) in places}


def holds_withheld(text: str, hidden: Iterable[str]) -> bool:
    """Say whether a text is one that may not be offered now, a part of one, or holds one among other words."""
    return any(each in text or text in each for each in hidden)


def questions_on(page: Page) -> list[blocks.Question]:
    return [blocks.Question.build(block) for block in page.blocks if block["type"] == "question"]


def lines_of(pages: Sequence[Page], question_id: str, answers: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the answer to one question as lines to show; none when it was not answered or no longer fits."""
    question = next((each for page in pages for each in questions_on(page) if each.id == question_id), None)
    if question is None:
        return ()
    lines = answer_lines(question, answers.get(question_id))
    if question.kind == "yesno":
        return tuple({"yes": _("Yes"), "no": _("No")}[line] for line in lines)
    return lines
