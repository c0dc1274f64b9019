"""Instruments from their files: shipped and own ones with wording, gated ones as structure alone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from programs.instruments.model import (
    CHOICE,
    COUNT,
    SCALE,
    Band,
    Choice,
    FunctionItem,
    Instrument,
    Item,
    ReliableChange,
    Scoring,
    Subscale,
    Words,
    computed_change,
)
from programs.instruments.wording import hash_of

REGISTRY = "instruments.yaml"  # beside the folder "instruments": every id that may be named, and how
METHODS = ("sum", "mean", "product", "none")
HASHED = ("id", "window", "options", "items", "function_item", "scoring", "bands")
HASHED_IF_THERE = (
    "values",
    "item_values",
    "risk",
    "reversed",
    "half_steps",
    "subscales",
    "higher_is",
    "scale",
    "risk_from",
)
TEN = tuple(range(11))


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
    """Return the instrument; `items` is a list of questions, or of a gated one their number."""
    function, scoring = facts.get("function_item"), facts["scoring"]
    if scoring["method"] not in METHODS:
        raise ValueError(f"{facts['id']}: unknown scoring method {scoring['method']!r}")
    low, high = scoring["range"]
    scored = {key: facts.get(key) for key in HASHED} | {key: facts[key] for key in HASHED_IF_THERE if key in facts}
    return Instrument(
        id=facts["id"], version=hash_of(scored)[:12], names=_names(facts["name"]), window=_words(facts["window"]),
        options=_choices(facts["options"]) if "options" in facts else tuple(map(Choice, facts.get("values", ()))),
        items=_gated_items(facts) if isinstance(facts["items"], int) else _worded_items(facts),
        function_item=FunctionItem(_words(function), _choices(function["options"])) if function else None,
        scoring=Scoring(scoring["method"], low, high, scoring["missing"]["allowed"]),
        bands=tuple(Band(band["to"], _words(band)) for band in facts.get("bands") or ()),
        change=_change(facts.get("reliable_change")),
        licence=facts["licence"], source=facts["source"], wording_checked_by=facts["wording_checked_by"],
        higher_is_worse={"worse": True, "better": False}[facts.get("higher_is", "worse")],
        validated=facts.get("validated", True), subscales=_subscales(facts),
        bands_source=facts.get("bands_source", ""), half_steps=tuple(facts.get("half_steps", ())),
        printed_order=tuple(map(str, facts.get("printed_order", ()))),
    )  # fmt: skip


def _names(name: str | Mapping[str, str]) -> Words:
    return {"sv": name} if isinstance(name, str) else dict(name)


def _gated_items(facts: Mapping[str, Any]) -> tuple[Item, ...]:
    """Return items without words: numbers 1 to n, with the values of their own that some have."""
    risk, turned, own = (facts.get(key) or () for key in ("risk", "reversed", "item_values"))
    return tuple(
        Item(
            str(number),
            risk=number in risk,
            reversed=number in turned,
            options=tuple(map(Choice, own[number])) if number in own else (),
            risk_from=facts.get("risk_from", 1),
        )
        for number in range(1, facts["items"] + 1)
    )


def _worded_items(facts: Mapping[str, Any]) -> tuple[Item, ...]:
    return tuple(_worded_item(item, facts.get("scale")) for item in facts["items"])


def _worded_item(entry: Mapping[str, Any], scale: Mapping[str, Words] | None) -> Item:
    kind = entry.get("kind", CHOICE)
    options: tuple[Choice, ...] = _choices(entry["options"]) if "options" in entry else ()
    if kind == SCALE:  # 0–10, with words at its ends: those of the item, or else of the whole form
        ends = {end: entry.get(end) or (scale or {})[end] for end in ("low", "high")}
        options = tuple(Choice(n, ends["low"] if n == 0 else ends["high"] if n == 10 else {}) for n in TEN)
    return Item(
        str(entry["id"]), _words(entry), entry.get("risk", False), entry.get("reversed", False), kind, options,
        entry["most"] if kind == COUNT else None, entry.get("asks_words", False), entry.get("optional", False),
    )  # fmt: skip


def _subscales(facts: Mapping[str, Any]) -> tuple[Subscale, ...]:
    """Return the subscales; items are given as the first and the last number."""
    return tuple(
        Subscale(entry["id"], tuple(str(n) for n in range(entry["items"][0], entry["items"][1] + 1)), _words(entry))
        for entry in facts.get("subscales", ())
    )


def _change(entry: Mapping[str, Any] | None) -> ReliableChange | None:
    """Return a published figure as it stands, or one computed from sd and reliability."""
    if not entry:
        return None
    if "points" in entry:
        return ReliableChange(Decimal(str(entry["points"])), entry["source"])
    sd, reliability = Decimal(str(entry["sd"])), Decimal(str(entry["reliability"]))
    return ReliableChange(computed_change(sd, reliability), entry["source"], sd, reliability)
