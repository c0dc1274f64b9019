"""What an edition for a public crisis leaves open: the name, and facts with source and date. Pure: reads files.

The edition lies reviewed on the shelf, and says in programme.yaml that it has such places and how long a fact holds:

    crisis: {review_every_days: 7}

What differs from crisis to crisis stands in crisis.yaml beside it, which is no part of the edition and may be loaded
again at any time:

    name: {sv: "Elavbrottet i norr"}
    since: 2026-11-18
    authority_ids: [krisinformation, smhi]                       # of library/authorities.yaml
    facts:                                                       # at most three, 20 words each
      - {text: {sv: "De flesta har el igen."}, authority: krisinformation, date: 2026-11-20, signed: [Namn A, Namn B]}

A module shows it with `recall`: from="crisis.name" and from="crisis.facts"; `empty` stands there while nothing holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from .blocks import Passage
from .facts import Lines, field_faults, read_facts
from .faults import Fault, did_you_mean, fault
from .lix import words
from .parse import CRISIS_FILE as FILE
from .parse import read_text
from .structure import ProgrammeFile
from .wording import contact_faults
from .words import WordList

AUTHORITIES = "authorities.yaml"
FACTS, WORDS, SIGNATURES = 3, 20, 2
_REQUIRED = {"name": "language_texts", "since": "text", "authority_ids": "words", "facts": "list"}
_FACT = {"text": "language_texts", "authority": "text", "date": "text", "signed": "words"}


@dataclass(frozen=True)
class FactShown:
    """One fact that holds: its words, who says so, and when."""

    text: str
    authority: str
    said_on: date


def check_crisis(folder: Path, programme: ProgrammeFile, listed: WordList) -> tuple[dict[str, Any] | None, list[Fault]]:
    """Return the values of a programme's folder, None without any that can be shown, and every fault."""
    if not (folder / FILE).exists():
        return None, []
    if "crisis" not in programme.facts:
        return None, [fault("P02.crisis_undeclared", FILE, 1)]
    text, faults = read_text(folder / FILE, FILE)
    if text is None:
        return None, faults
    values, lines, faults = _read_crisis(text)
    if values is not None:
        faults += _value_faults(values, lines, folder.parent, listed)
    return (None if faults else values), faults


def _read_crisis(text: str) -> tuple[dict[str, Any] | None, Lines, list[Fault]]:
    """Return the values of crisis.yaml as plain data, or None and what is wrong with their form."""
    values, lines, faults = read_facts(text, FILE)
    if values is None:
        return None, lines, faults
    faults += field_faults(values, _REQUIRED, FILE, lines, closed=True)
    for index, row in enumerate(values["facts"] if isinstance(values.get("facts"), list) else ()):
        faults += field_faults(row if isinstance(row, dict) else {}, _FACT, FILE, lines, ("facts", index), closed=True)
    return (None if faults else values), lines, faults


def _value_faults(values: Mapping[str, Any], lines: Lines, library: Path, listed: WordList) -> list[Fault]:
    """Return what may not be shown: unknown authorities, too many or too long facts, numbers, one signature, no day."""
    faults, known = [], authorities(library)
    if not _day(values["since"]):
        faults.append(fault("P02.day", FILE, lines.get(("since",), 1), field="since"))
    for name in values["authority_ids"]:
        if name not in known:
            hint = did_you_mean(name, known)
            faults.append(fault("P02.authority", FILE, lines.get(("authority_ids",), 1), id=name, hint=hint))
    if len(values["facts"]) > FACTS:
        faults.append(fault("P02.crisis_facts", FILE, lines.get(("facts",), 1), limit=FACTS))
    for index, row in enumerate(values["facts"]):
        faults += _fact_faults(row, lines.get(("facts", index), 1), values["authority_ids"], listed)
    return faults


def _fact_faults(row: Mapping[str, Any], line: int, allowed: list[str], listed: WordList) -> Iterator[Fault]:
    if row["authority"] not in allowed:
        yield fault("P02.authority", FILE, line, id=row["authority"], hint=did_you_mean(row["authority"], allowed))
    if not _day(row["date"]):
        yield fault("P02.day", FILE, line, field="date")
    if len(set(row["signed"])) < SIGNATURES:
        yield fault("E02.signed", FILE, line)
    for text in row["text"].values():
        if (count := len(words(text))) > WORDS:
            yield fault("T01.fact", FILE, line, count=count, limit=WORDS)
        yield from contact_faults(Passage(line, text), FILE, listed)


def facts_that_hold(
    values: Mapping[str, Any], review_every_days: int, today: date, language: str, library: Path
) -> list[FactShown]:
    """Return the facts that are not overdue, in the order of the file, in the language, else in Swedish."""
    shown, known = [], authorities(library)
    for row in values["facts"]:
        said_on = _day(row["date"])
        if said_on and said_on <= today <= said_on + timedelta(days=review_every_days):
            authority = known.get(row["authority"], {})
            shown.append(FactShown(_in(row["text"], language), _in(authority, language), said_on))
    return shown


@cache
def authorities(library: Path) -> dict[str, dict[str, str]]:
    """Return the names of the authorities by id and language."""
    loaded = yaml.safe_load((library / AUTHORITIES).read_text(encoding="utf-8"))
    return dict(loaded["authorities"])


def _in(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("sv", "")


def _day(written: object) -> date | None:
    try:
        return date.fromisoformat(str(written))
    except ValueError:
        return None
