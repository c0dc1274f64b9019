"""What patients recorded with a tool, as plain words. Pure but for the translations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from programs.fields import DAYS, Field, Words
from programs.tools import ToolSchema

PER_CENT = 100


@dataclass(frozen=True)
class Recorded:
    """An entry: its newest data, and when and under what code it was first sent.

    `former` are older versions, newest first; changed_at is None for an entry that was never edited.
    """

    code: str
    at: datetime
    data: Mapping[str, Any]
    changed_at: datetime | None = None
    former: tuple[tuple[datetime, Mapping[str, Any]], ...] = ()

    @property
    def day(self) -> date:
        """Return the day that the entry is about: the one the patient wrote, else the day it was first sent."""
        written = self.data.get("date")
        return date.fromisoformat(written) if isinstance(written, str) else timezone.localdate(self.at)


Facts = tuple[tuple[str, str], ...]  # (label, words) pairs


@dataclass(frozen=True)
class EntryShown:
    """One entry. `chip` is its outcome in a word, where it has one; `follow_up` the words of a link to tell more."""

    code: str
    at: datetime
    title: str
    chip: str
    facts: Facts
    follow_up: str
    changed_at: datetime | None
    former: tuple[tuple[datetime, Facts], ...]


def in_words(words: Words, language: str) -> str:
    """Return the words in the language, else in Swedish, which every tool has."""
    return words.get(language) or words["sv"]


def title_of(schema: ToolSchema, data: Mapping[str, Any], language: str) -> str:
    """Return what the entry is about: the activity, the situation, or the goals."""
    kind = schema.kind_of(data)
    field, value = kind.field(kind.about), data.get(kind.about, "")
    if field is None or not value:
        return in_words(kind.name, language)
    if isinstance(value, list):
        return ", ".join(str(row.get(field.fields[0].id, "")) for row in value)
    return value_in_words(field, value, language)


def shown(schema: ToolSchema, entry: Recorded, language: str, *, derived: Facts = ()) -> EntryShown:
    """Return the entry in plain words, what follows from it last; a field that the tool no longer has is left out."""
    kind = schema.kind_of(entry.data)
    outcome = kind.field("outcome")
    chip = value_in_words(outcome, entry.data["outcome"], language) if outcome and "outcome" in entry.data else ""
    later = kind.follow_up if kind.waits(entry.data) else None
    return EntryShown(
        code=entry.code, at=entry.at, title=title_of(schema, entry.data, language), chip=chip,
        facts=(*_facts(schema, entry.data, language), *derived),
        follow_up=in_words(later.words, language) if later else "",
        changed_at=entry.changed_at,
        former=tuple((at, _facts(schema, data, language, also_about=True)) for at, data in entry.former),
    )  # fmt: skip


def _facts(schema: ToolSchema, data: Mapping[str, Any], language: str, *, also_about: bool = False) -> Facts:
    facts: list[tuple[str, str]] = []
    kind = schema.kind_of(data)
    for field in kind.fields:
        value = data.get(field.id)
        if value is None or (not also_about and field.id in (kind.about, "outcome") and field.type != "rows"):
            continue
        if field.type == "rows":
            facts += _row_facts(field, value, language)
        else:
            facts.append((in_words(field.label, language), value_in_words(field, value, language)))
    return tuple(facts)


def _row_facts(field: Field, rows: Sequence[Mapping[str, Any]], language: str) -> list[tuple[str, str]]:
    facts = []
    for number, row in enumerate(rows, start=1):
        cells = [(cell, value_in_words(cell, row[cell.id], language)) for cell in field.fields if cell.id in row]
        label = in_words(field.label, language)
        facts.append((f"{label} {number}" if len(rows) > 1 else label, _row_in_words(field, cells, language)))
    return facts


def _row_in_words(field: Field, cells: Sequence[tuple[Field, str]], language: str) -> str:
    """Return a row on one line when two values say it all; of more, each after the first has its question before it."""
    if len(field.fields) <= 2:
        return " – ".join(words for _cell, words in cells)
    asked = [f"{in_words(cell.label, language)} {words}" for cell, words in cells[1:]]
    return "\n".join([words for _cell, words in cells[:1]] + asked)


def is_share(field: Field) -> bool:
    """Say whether the value is so much of a most, as a strength is; minutes are not."""
    return field.type == "scale" or (field.type == "number" and field.max == PER_CENT)


def value_in_words(field: Field, value: object, language: str) -> str:
    """Return one value as people say it: "tisdag", "7 av 10", "07.30", the words of an option."""
    if field.type == "day" and value in DAYS:
        return str(WEEKDAYS[DAYS.index(str(value))])
    if field.type == "date":
        return date_format(date.fromisoformat(str(value)), "l j F")
    if field.type == "choice":
        return next((in_words(option.words, language) for option in field.options if option.id == value), str(value))
    if is_share(field):
        return _("%(value)s out of %(max)s") % {"value": value, "max": field.max}
    return str(value).replace(":", ".") if field.type == "time" else str(value)
