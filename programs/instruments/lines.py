"""Answers as lines of JSON in, scores as lines of JSON out: how other systems check our counting. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from programs.instruments.model import Instrument
from programs.instruments.scoring import score, validate


class BadLine(ValueError):
    """A line that cannot be scored; the sentence says why and what would do."""


def scored_line(instrument: Instrument, line: str) -> str:
    """Return {id, total, subscales, band, complete, risk_items} for one line {id, answers}; raises BadLine.

    total: a whole number, of a mean at most two decimals, null where too much is missing. band: its English words, null
    without a total or without bands. risk_items: what was marked in each, null for not answered.
    """
    name, answers = _read(line)
    if faults := validate(instrument, answers):
        raise BadLine(_sentence(instrument, faults[0].item, faults[0].reason, answers))
    scored = score(instrument, answers)
    return json.dumps(
        {
            "id": name,
            "total": _number(scored.total),
            "subscales": dict(scored.subscales),
            "band": None if scored.band is None else instrument.bands[scored.band].words["en"],
            "complete": scored.complete,
            "risk_items": {item: answers.get(item) for item in instrument.risk_items},
        },
        ensure_ascii=False,
    )


def _read(line: str) -> tuple[Any, dict[str, Any]]:
    try:
        given = json.loads(line, object_pairs_hook=_each_once)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"This is not a line of JSON: {error}.") from error
    if not isinstance(given, dict) or "id" not in given:
        raise BadLine('A line is an object with "id" and "answers", such as {"id": "a", "answers": {"1": 0}}.')
    if not isinstance(given.get("answers"), dict):
        raise BadLine('"answers" must be an object from item number to value, such as {"1": 0, "2": 3}.')
    return given["id"], given["answers"]


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return the pairs as a mapping; a key that stands twice would silently lose its first value."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise BadLine(f'"{key}" stands twice. Leave one of them out.')
        found[key] = value
    return found


def _sentence(instrument: Instrument, item: str, reason: str, answers: Mapping[str, Any]) -> str:
    if reason == "unknown":
        return f'{instrument.name} has no item "{item}"; its items are 1 to {len(instrument.items)}.'
    known = {each.id: each for each in instrument.items}
    if item not in known:
        return f'"{item}" cannot be {json.dumps(answers[item])}.'
    values = instrument.values_of(known[item])
    whole = values == tuple(range(values[0], values[-1] + 1)) or known[item].kind == "count"
    allowed = f"{values[0]} to {values[-1]}" if whole else ", ".join(map(str, values))
    return f"Item {item} cannot be {json.dumps(answers[item])}; it takes a whole number: {allowed}."


def _number(total: int | Decimal | None) -> int | float | None:
    if isinstance(total, Decimal):
        return int(total) if total == total.to_integral_value() else float(total)
    return total
