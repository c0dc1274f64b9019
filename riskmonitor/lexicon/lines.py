"""Texts as lines of JSON in, findings as lines of JSON out: how others try the word list. Pure."""

from __future__ import annotations

import json

from riskmonitor import lexicon


class BadLine(ValueError):
    """A line that cannot be screened; the sentence says why and what would do."""


def screened_line(line: str) -> str:
    """Return {id, flagged, findings: [{kind, start, end, why}]} for one line {id, text}. Raise BadLine.

    `start` and `end` (not included) count code points of the text as received. `why` says in English what the words
    mean, and in brackets that they were negated or told of the past.
    """
    name, text = _read(line)
    findings = [
        {"kind": found.kind.value, "start": found.start, "end": found.end, "why": found.why}
        for found in lexicon.screen(text)
    ]
    return json.dumps({"id": name, "flagged": bool(findings), "findings": findings})


def _read(line: str) -> tuple[object, str]:
    try:
        given = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BadLine(f"This is not a line of JSON: {error}.") from error
    if not isinstance(given, dict) or "id" not in given or "text" not in given:
        raise BadLine('A line is an object with "id" and "text", such as {"id": "a", "text": "Hej"}.')
    if not isinstance(given["text"], str):
        raise BadLine('"text" must be a string, such as "Hej".')
    return given["id"], given["text"]
