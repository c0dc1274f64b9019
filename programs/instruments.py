"""Questionnaires as declarative files: wording, scoring, bands, and whether the wording is still the one we may ship.

Pure: reads YAML files from a folder, imports neither Django nor models. Answers are a mapping from item id ("1", "2",
…, "function" for the function item) to the marked value; an item that was left out is missing, never 0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FUNCTION = "function"  # answer key of the function item, which is never part of the total
REGISTRY = "instruments.yaml"  # beside the folder "instruments": every id that may be named, and how

Answers = Mapping[str, int | None]
Words = Mapping[str, str]  # language: text


@dataclass(frozen=True)
class Choice:
    """One value that can be marked, with its words by language."""

    value: int
    words: Words


@dataclass(frozen=True)
class Item:
    """One question. risk = an answer above 0, or none, must be seen by a human."""

    id: str
    words: Words
    risk: bool = False


@dataclass(frozen=True)
class FunctionItem:
    """The question about difficulties in daily life that follows some instruments."""

    words: Words
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Scoring:
    """method = "sum"; low and high bound the total; up to missing_allowed items may be missing and are prorated."""

    method: str
    low: int
    high: int
    missing_allowed: int


@dataclass(frozen=True)
class Band:
    """A total up to and including `to` has these words."""

    to: int
    words: Words


@dataclass(frozen=True)
class Instrument:
    """A questionnaire that can be shown. version changes with any word or scoring rule."""

    id: str
    version: str
    name: str
    window: Words
    options: tuple[Choice, ...]
    items: tuple[Item, ...]
    function_item: FunctionItem | None
    scoring: Scoring
    bands: tuple[Band, ...]
    reliable_change: int
    reliable_change_source: str
    licence: str
    source: str
    wording_checked_by: str

    @property
    def risk_items(self) -> tuple[str, ...]:
        """Return the ids of the items that ask about suicide or self-harm."""
        return tuple(item.id for item in self.items if item.risk)


@dataclass(frozen=True)
class Score:
    """total and band are None when too much is missing; band is its place in Instrument.bands (0 = the mildest)."""

    total: int | None
    band: int | None
    complete: bool
    missing: tuple[str, ...]


@dataclass(frozen=True)
class AnswerFault:
    """Why an answer cannot be taken: item id and reason ("unknown", "not_a_number", "out_of_range")."""

    item: str
    reason: str


@dataclass(frozen=True)
class Listed:
    """One id that programmes may name: status shipped, own or gated; items = how many questions it asks.

    wording holds the hash of each part of a shipped wording; word_runs the hashes of runs of six words that occur in
    a gated wording (see word_runs()), so that its text can be recognised without being here.
    """

    id: str
    status: str
    items: int
    risk: bool = False
    wording: Mapping[str, str] | None = None
    word_runs: frozenset[str] = frozenset()


def load_instruments(folder: Path) -> dict[str, Instrument]:
    """Return the instruments of a folder by id; raises ValueError or KeyError when a file is not whole."""
    loaded = [_instrument(_read(path)) for path in sorted(folder.glob("*.yaml"))]
    return {instrument.id: instrument for instrument in loaded}


def load_registry(library: Path) -> dict[str, Listed]:
    """Return every id that programmes may name, from the library's registry file."""
    return {
        str(entry["id"]): Listed(
            str(entry["id"]),
            entry["status"],
            entry["items"],
            entry.get("risk", False),
            entry.get("wording"),
            frozenset(entry.get("word_runs", ())),
        )
        for entry in _read(library / REGISTRY)["listed"]
    }


def _read(path: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return loaded


def _words(entry: Mapping[str, Any]) -> dict[str, str]:
    return {key: value for key, value in entry.items() if key in ("sv", "en")}


def _choices(entries: list[dict[str, Any]]) -> tuple[Choice, ...]:
    return tuple(Choice(entry["value"], _words(entry)) for entry in entries)


def _instrument(facts: Mapping[str, Any]) -> Instrument:
    function, scoring = facts.get("function_item"), facts["scoring"]
    if scoring["method"] != "sum":
        raise ValueError(f"{facts['id']}: unknown scoring method {scoring['method']!r}")
    scored = {key: facts.get(key) for key in ("id", "window", "options", "items", "function_item", "scoring", "bands")}
    return Instrument(
        id=facts["id"], version=_hash(scored)[:12], name=facts["name"], window=_words(facts["window"]),
        options=_choices(facts["options"]),
        items=tuple(Item(str(item["id"]), _words(item), item.get("risk", False)) for item in facts["items"]),
        function_item=FunctionItem(_words(function), _choices(function["options"])) if function else None,
        scoring=Scoring("sum", scoring["range"][0], scoring["range"][1], scoring["missing"]["allowed"]),
        bands=tuple(Band(band["to"], _words(band)) for band in facts["bands"]),
        reliable_change=facts["reliable_change"]["points"],
        reliable_change_source=facts["reliable_change"]["source"],
        licence=facts["licence"], source=facts["source"], wording_checked_by=facts["wording_checked_by"],
    )  # fmt: skip


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def wording_parts(instrument: Instrument) -> dict[str, str]:
    """Return a short hash for each part of the wording: window, options, each item, the function item."""
    parts: dict[str, object] = {
        "window": dict(instrument.window),
        "options": [[option.value, dict(option.words)] for option in instrument.options],
    }
    parts |= {item.id: [item.risk, dict(item.words)] for item in instrument.items}
    if instrument.function_item:
        asked = instrument.function_item
        parts[FUNCTION] = [dict(asked.words), [[option.value, dict(option.words)] for option in asked.options]]
    return {part: _hash(value)[:16] for part, value in parts.items()}


def wording_hash(instrument: Instrument) -> str:
    """Return one hash over window, options and items, which validity demands are never changed."""
    return _hash({part: value for part, value in wording_parts(instrument).items() if part != FUNCTION})


def validate(instrument: Instrument, answers: Mapping[str, object]) -> list[AnswerFault]:
    """Return what cannot be taken; an answer of None counts as missing and is allowed."""
    allowed = {item.id: {option.value for option in instrument.options} for item in instrument.items}
    if instrument.function_item:
        allowed[FUNCTION] = {option.value for option in instrument.function_item.options}
    faults = []
    for item, value in answers.items():
        if item not in allowed:
            faults.append(AnswerFault(item, "unknown"))
        elif value is None:
            continue
        elif isinstance(value, bool) or not isinstance(value, int):
            faults.append(AnswerFault(item, "not_a_number"))
        elif value not in allowed[item]:
            faults.append(AnswerFault(item, "out_of_range"))
    return faults


def score(instrument: Instrument, answers: Answers) -> Score:
    """Return the total and its band; raises ValueError for answers that validate() refuses.

    Within the allowed number of missing items the total is the mean of the answered items times the number of items,
    rounded half up (PHQ-9: one or two may be missing); beyond it there is no total.
    """
    if faults := validate(instrument, answers):
        raise ValueError(f"{instrument.id}: {faults[0].item} {faults[0].reason}")
    marked = {item.id: answers.get(item.id) for item in instrument.items}
    values = [value for value in marked.values() if value is not None]
    missing = tuple(item for item, value in marked.items() if value is None)
    if len(missing) > instrument.scoring.missing_allowed:
        return Score(None, None, False, missing)
    count = len(instrument.items)
    total = (2 * sum(values) * count + len(values)) // (2 * len(values))  # half up, in whole numbers
    band = next(place for place, band in enumerate(instrument.bands) if total <= band.to)
    return Score(total, band, not missing, missing)


def text(words: Words, language: str) -> str:
    """Return the words in a language, else in Swedish."""
    return words.get(language) or words["sv"]


def word_runs(passage: str, length: int = 6) -> set[str]:
    """Return the hash of every run of `length` words in a passage, in small letters and without marks."""
    spaced = "".join(letter.lower() if letter.isalnum() else " " for letter in passage).split()
    runs = (" ".join(spaced[start : start + length]) for start in range(len(spaced) - length + 1))
    return {hashlib.sha256(run.encode()).hexdigest()[:16] for run in runs}
