"""What patients recorded with a tool, as plain words, and the week in one sentence. Pure but for the translations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from programs.fields import DAYS, Field, Words
from programs.tools import ToolSchema

TITLES = {"goals": "goals", "map": "situation", "mood_log": "activity", "week_planner": "what"}


@dataclass(frozen=True)
class EntryShown:
    """One entry. `chip` is its outcome in a word, where it has one; `facts` are (label, words) pairs."""

    code: str
    at: datetime
    title: str
    chip: str
    facts: tuple[tuple[str, str], ...]
    may_follow_up: bool = False


@dataclass(frozen=True)
class Recorded:
    """An entry as it was sent: the submission's code, when, and the cleaned data."""

    code: str
    at: datetime
    data: Mapping[str, Any]


def in_words(words: Words, language: str) -> str:
    """Return the words in the language, else in Swedish, which every tool has."""
    return words.get(language) or words["sv"]


def title_of(schema: ToolSchema, data: Mapping[str, Any]) -> str:
    """Return what the entry is about: the activity, the situation, or the goals."""
    value = data.get(TITLES[schema.id], "")
    return ", ".join(str(row.get("goal", "")) for row in value) if isinstance(value, list) else str(value)


def shown(schema: ToolSchema, entry: Recorded, language: str) -> EntryShown:
    """Return the entry in plain words; a field that the tool no longer has is left out."""
    facts: list[tuple[str, str]] = []
    chip = ""
    for field in schema.fields:
        value = entry.data.get(field.id)
        if value is None or (field.id == TITLES[schema.id] and field.type != "rows"):
            continue
        if field.type == "rows":
            facts += _row_facts(field, value, language)
        elif field.id == "outcome":
            chip = _value(field, value, language)
        else:
            facts.append((in_words(field.label, language), _value(field, value, language)))
    follow_up = schema.id == "week_planner" and "outcome" not in entry.data
    return EntryShown(entry.code, entry.at, title_of(schema, entry.data), chip, tuple(facts), follow_up)


def _row_facts(field: Field, rows: Sequence[Mapping[str, Any]], language: str) -> list[tuple[str, str]]:
    facts = []
    for number, row in enumerate(rows, start=1):
        parts = [_value(cell, row[cell.id], language) for cell in field.fields if cell.id in row]
        facts.append((f"{in_words(field.label, language)} {number}", " – ".join(parts)))
    return facts


def _value(field: Field, value: object, language: str) -> str:
    if field.type == "day" and value in DAYS:
        return str(WEEKDAYS[DAYS.index(str(value))])
    if field.type == "date":
        return date_format(date.fromisoformat(str(value)), "l j F")
    if field.type == "choice":
        return next((in_words(option.words, language) for option in field.options if option.id == value), "")
    if field.type == "scale":
        return _("%(value)s out of %(max)s") % {"value": value, "max": field.max}
    if field.type == "number" and field.max == 100:
        return _("%(value)s out of %(max)s") % {"value": value, "max": 100}
    return str(value).replace(":", ".") if field.type == "time" else str(value)


def without_replaced(entries: Iterable[Recorded], tool: str) -> list[Recorded]:
    """Return the entries (newest first) without plans whose outcome was recorded later."""
    kept: list[Recorded] = []
    told: set[tuple[object, ...]] = set()
    for entry in entries:
        plan = (entry.data.get("what"), entry.data.get("day"), entry.data.get("time"))
        if tool == "week_planner":
            if "outcome" in entry.data:
                told.add(plan)
            elif plan in told:
                told.discard(plan)
                continue
        kept.append(entry)
    return kept


def week_sentence(tool: str, entries: Sequence[Recorded], since: datetime) -> str:
    """Return the last seven days in one sentence, "" when nothing was recorded in them."""
    recent = [entry for entry in entries if entry.at >= since]
    if not recent:
        return ""
    if tool == "mood_log":
        return _moods(recent)
    if tool == "week_planner":
        done = sum(1 for entry in recent if entry.data.get("outcome") in ("done", "part"))
        planned = ngettext("%(n)d thing in the plan", "%(n)d things in the plan", len(recent)) % {"n": len(recent)}
        if not done:
            return _("The last seven days: %(planned)s.") % {"planned": planned}
        return _("The last seven days: %(planned)s, of which %(done)d were done wholly or in part.") % {
            "planned": planned, "done": done,
        }  # fmt: skip
    return ngettext(
        "The last seven days: you wrote here %(n)d time.",
        "The last seven days: you wrote here %(n)d times.",
        len(recent),
    ) % {"n": len(recent)}


def _moods(entries: Sequence[Recorded]) -> str:
    moods = [int(entry.data["mood"]) for entry in entries]
    days = len({entry.data.get("date") or entry.at.date().isoformat() for entry in entries})
    rows = ngettext("%(n)d row", "%(n)d rows", len(entries)) % {"n": len(entries)}
    over = ngettext("on %(n)d day", "on %(n)d days", days) % {"n": days}
    if min(moods) == max(moods):
        return _("The last seven days: %(rows)s %(over)s. How you felt lay at %(low)d out of 10.") % {
            "rows": rows, "over": over, "low": moods[0],
        }  # fmt: skip
    return _("The last seven days: %(rows)s %(over)s. How you felt lay between %(low)d and %(high)d out of 10.") % {
        "rows": rows, "over": over, "low": min(moods), "high": max(moods),
    }  # fmt: skip
