"""Read programme.yaml: required fields, kinds, closed lists. Pure: text in, facts and faults out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .facts import Lines, choice_fault, field_faults, read_facts
from .faults import Fault, fault
from .structure import CastMember, Gate, ProgrammeFile

FILE = "programme.yaml"
STATUSES = ("draft", "review", "published", "withdrawn")
TRACKS = ("adult", "youth", "parent")
STEP_UP_RULES = ("no_fall", "at_least", "rise", "silence", "goal_flat")

REQUIRED = {
    "slug": "text", "edition": "number", "status": "text", "source_language": "text", "languages": "words",
    "title": "language_texts", "patient_title": "language_texts", "summary": "language_texts", "audience": "map",
    "target": "map", "weeks": "map", "effort": "map", "modules": "words", "tools": "words", "cast": "list",
    "instruments": "map", "suited_for": "map", "exclusions": "map", "step_up": "list", "gates": "list",
    "evidence": "list", "licence": "map", "authors": "list", "reviewers": "list", "changes": "language_texts",
}  # fmt: skip
OPTIONAL = {"based_on": "map", "media": "list"}

_MAPS = {
    "audience": {"age_min": "number", "track": "text"},
    "weeks": {"planned": "number", "max": "number"},
    "effort": {"minutes_per_day": "number"},
    "instruments": {"primary": "text", "risk": "text", "schedule": "map"},
    "licence": {"content": "text", "instruments": "text"},
}
_ROWS = {
    "cast": {"who": "text", "age": "number", "about": "language_texts"},
    "gates": {"id": "text", "before": "text", "checklist": "map"},
    "step_up": {"rule": "text", "offer": "words"},
    "evidence": {"id": "text"},
    "authors": {"name": "text", "role": "text"},
    "reviewers": {"name": "text", "profession": "text", "licence": "text", "scope": "text", "date": "text"},
}
_SCHEDULE = {"screening": "words", "start": "words", "weekly": "words", "end": "words", "follow_up": "list"}


def parse_programme(text: str) -> tuple[ProgrammeFile | None, list[Fault]]:
    """Return the programme without its modules, and what is wrong; None when a required field cannot be used."""
    facts, lines, faults = read_facts(text, FILE)
    if facts is None:
        return None, faults
    faults += field_faults(facts, REQUIRED, FILE, lines, allowed=OPTIONAL)
    faults += choice_fault(facts, "status", STATUSES, FILE, lines)
    faults += _inner_faults(facts, lines)
    if faults:
        return None, faults
    return _programme(facts, lines), []


def _inner_faults(facts: Mapping[str, Any], lines: Lines) -> list[Fault]:
    faults: list[Fault] = []
    for name, required in _MAPS.items():
        if isinstance(facts.get(name), dict):
            faults += field_faults(facts[name], required, FILE, lines, (name,))
    for name, required in _ROWS.items():
        rows = facts.get(name)
        for index, row in enumerate(rows if isinstance(rows, list) else ()):
            if isinstance(row, dict):
                faults += field_faults(row, required, FILE, lines, (name, index))
            else:
                faults += field_faults({name: None}, {name: "map"}, FILE, lines)
    schedule = (facts.get("instruments") or {}).get("schedule") if isinstance(facts.get("instruments"), dict) else None
    if isinstance(schedule, dict):
        at = ("instruments", "schedule")
        faults += field_faults(schedule, _SCHEDULE, FILE, lines, at, allowed={"mid": "map"})
    return faults + _closed_list_faults(facts, lines)


def _closed_list_faults(facts: Mapping[str, Any], lines: Lines) -> list[Fault]:
    faults = []
    rules = facts.get("step_up") if isinstance(facts.get("step_up"), list) else []
    for index, row in enumerate(rules or ()):
        if isinstance(row, dict) and "rule" in row and row["rule"] not in STEP_UP_RULES:
            line = lines.get(("step_up", index, "rule"), 1)
            expected = ", ".join(STEP_UP_RULES)
            faults.append(fault("P02.value", FILE, line, field="rule", value=row["rule"], expected=expected))
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
