"""The words of an instrument as hashes: unaltered, altered, or borrowed. Pure."""

from __future__ import annotations

import hashlib
import json

from programs.instruments.model import FUNCTION, Instrument


def hash_of(value: object) -> str:
    """Return 64 hex digits that change with anything in the value."""
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
    return {part: hash_of(value)[:16] for part, value in parts.items()}


def wording_hash(instrument: Instrument) -> str:
    """Return one hash over window, options and items, which validity demands are never changed."""
    return hash_of({part: value for part, value in wording_parts(instrument).items() if part != FUNCTION})


def word_runs(passage: str, length: int = 6) -> set[str]:
    """Return the hash of every run of `length` words in a passage, in small letters and without marks."""
    spaced = "".join(letter.lower() if letter.isalnum() else " " for letter in passage).split()
    runs = (" ".join(spaced[start : start + length]) for start in range(len(spaced) - length + 1))
    return {hashlib.sha256(run.encode()).hexdigest()[:16] for run in runs}
