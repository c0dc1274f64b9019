"""Read programme.yaml: required fields, kinds, closed lists. Pure: text in, facts and faults out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from .facts import Lines, choice_fault, field_faults, read_facts
from .faults import Fault, fault, texts
from .structure import CastMember, Gate, ProgrammeFile

FILE = "programme.yaml"
_LANGUAGE = re.compile(r"[a-z]{2}")
Place = tuple[str | int, ...]
STATUSES = ("draft", "review", "published", "withdrawn")
TRACKS = ("adult", "youth", "parent")
STEP_UP_RULES = ("no_fall", "at_least", "rise", "silence", "goal_flat")

REQUIRED = {
    "slug": "text", "edition": "number", "status": "text", "source_language": "text", "languages": "words",
    "title": "language_texts", "patient_title": "language_texts", "summary": "language_texts", "audience": "map",
    "target": "map", "weeks": "map", "effort": "map", "modules": "words", "tools": "words", "cast": "list",
    "instruments": "map", "suited_for": "language_words", "exclusions": "map", "step_up": "list", "gates": "list",
    "evidence": "list", "licence": "map", "authors": "list", "reviewers": "list", "changes": "language_texts",
}  # fmt: skip
OPTIONAL = {"based_on": "map", "media": "list", "crisis": "map", "safety_answers": "list"}


@dataclass(frozen=True)
class _Shape:
    """What a mapping must hold and may hold; other fields are let be, unless closed."""

    required: Mapping[str, str]
    optional: Mapping[str, str] = field(default_factory=dict)
    closed: bool = False


_ROW = "*"  # in a path: every row of a list
_SHAPES: dict[tuple[str, ...], _Shape] = {
    ("audience",): _Shape({"age_min": "number", "track": "text"}, {"age_max": "number"}),
    ("weeks",): _Shape({"planned": "number", "max": "number"}),
    ("effort",): _Shape({"minutes_per_day": "number"}),
    ("cast", _ROW): _Shape({"who": "text", "age": "number", "about": "language_texts"}),
    ("instruments",): _Shape(
        {"primary": "text", "risk": "text", "schedule": "map"},
        {"may_replace_primary": "words", "secondary": "words", "own": "words", "validated": "flag"},
        closed=True,
    ),
    ("instruments", "schedule"): _Shape(
        {"screening": "words", "start": "words", "weekly": "words", "end": "words", "follow_up": "list"},
        {"mid": "map"},
        closed=True,
    ),
    ("instruments", "schedule", "mid"): _Shape({"after": "text", "ask": "words"}),
    ("instruments", "schedule", "follow_up", _ROW): _Shape({"weeks": "number", "ask": "words"}, {"booster": "flag"}),
    ("step_up", _ROW): _Shape({"rule": "text", "offer": "words"}),
    ("exclusions",): _Shape({"common": "flag", "own": "list"}),
    ("exclusions", "own", _ROW): _Shape({"id": "text", "ask": "language_texts"}, {"stop": "flag"}),
    ("gates", _ROW): _Shape({"id": "text", "before": "text", "checklist": "language_words"}),
    ("safety_answers", _ROW): _Shape({"from": "text", "options": "words"}, closed=True),
    ("evidence", _ROW): _Shape({"id": "text"}),
    ("crisis",): _Shape({"review_every_days": "number"}, closed=True),
    ("licence",): _Shape({"content": "text", "instruments": "text"}),
    ("authors", _ROW): _Shape({"name": "text", "role": "text"}),
    ("reviewers", _ROW): _Shape(
        {"name": "text", "profession": "text", "licence": "text", "scope": "text", "date": "text"}
    ),
}


def parse_programme(text: str) -> tuple[ProgrammeFile | None, list[Fault]]:
    """Return the programme without its modules, and what is wrong; None when a required field cannot be used."""
    facts, lines, faults = read_facts(text, FILE)
    if facts is None:
        return None, faults
    faults += field_faults(facts, REQUIRED, FILE, lines, (), OPTIONAL, closed=True)
    faults += choice_fault(facts, "status", STATUSES, FILE, lines)
    faults += _inner_faults(facts, lines)
    if faults:
        return None, faults
    return _programme(facts, lines), []


def _inner_faults(facts: Mapping[str, Any], lines: Lines) -> list[Fault]:
    faults: list[Fault] = []
    for path, shape in _SHAPES.items():
        for at, found in _places(facts, path):
            if isinstance(found, dict):
                faults += field_faults(found, shape.required, FILE, lines, at, shape.optional, closed=shape.closed)
            elif at[-1] != path[-1]:  # a row of another kind; a field of another kind is told by what holds it
                values = {"field": at[-2], "where": FILE, "expected": texts()["kind.map"]}
                faults.append(fault("P02.kind", FILE, lines.get(at, 1), **values))
    return faults + _closed_list_faults(facts, lines)


def _places(found: Any, path: tuple[str, ...], at: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every value that a path leads to, with its place; nothing where the path does not lead on."""
    if not path:
        yield at, found
    elif path[0] == _ROW:
        for index, row in enumerate(found if isinstance(found, list) else ()):
            yield from _places(row, path[1:], (*at, index))
    elif isinstance(found, dict) and path[0] in found:
        yield from _places(found[path[0]], path[1:], (*at, path[0]))


def _closed_list_faults(facts: Mapping[str, Any], lines: Lines) -> list[Fault]:
    faults = []
    rules = facts.get("step_up") if isinstance(facts.get("step_up"), list) else []
    for index, row in enumerate(rules or ()):
        if isinstance(row, dict) and "rule" in row and row["rule"] not in STEP_UP_RULES:
            line = lines.get(("step_up", index, "rule"), 1)
            expected = ", ".join(STEP_UP_RULES)
            faults.append(fault("P02.value", FILE, line, field="rule", value=row["rule"], expected=expected))
    languages = facts.get("languages")
    for language in languages if isinstance(languages, list) else ():
        if not _LANGUAGE.fullmatch(str(language)):
            faults.append(fault("P02.language", FILE, lines.get(("languages",), 1), lang=language))
    if isinstance(languages, list) and facts.get("source_language") not in languages:
        line = lines.get(("source_language",), 1)
        faults.append(fault("P02.source_language", FILE, line, lang=facts.get("source_language")))
    audience = facts.get("audience")
    if isinstance(audience, dict) and audience.get("track", "adult") not in TRACKS:
        line, expected = lines.get(("audience", "track"), 1), ", ".join(TRACKS)
        faults.append(fault("P02.value", FILE, line, field="track", value=audience["track"], expected=expected))
    return faults


def _programme(facts: Mapping[str, Any], lines: Lines) -> ProgrammeFile:
    gates = tuple(
        Gate(row["id"], row["before"], {lang: tuple(items) for lang, items in row["checklist"].items()})
        for row in facts["gates"]
    )
    return ProgrammeFile(
        slug=facts["slug"], edition=facts["edition"], status=facts["status"],
        source_language=facts["source_language"], languages=tuple(facts["languages"]), title=facts["title"],
        patient_title=facts["patient_title"], summary=facts["summary"], audience=facts["audience"],
        weeks=facts["weeks"], modules=tuple(facts["modules"]),
        cast=tuple(CastMember(row["who"], row["age"], row["about"]) for row in facts["cast"]), gates=gates,
        facts=dict(facts), texts={}, lines=lines,
    )  # fmt: skip
