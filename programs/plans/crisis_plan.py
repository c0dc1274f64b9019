"""The patient's own plan for a crisis: its steps, and whether what was filled in can be taken. Pure.

The steps stand in library/crisis_plan.yaml. A plan is plain data as tools hold it (fields.py): step id to text with one
thing on each line, and under "ask" rows of {"name": …, "phone": …}.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from programs.fields import Entry, Field, FieldFault, Words, clean_fields, free_texts

FILE = Path(__file__).parents[1] / "library" / "crisis_plan.yaml"
PEOPLE = "ask"


@dataclass(frozen=True)
class CrisisStep:
    """One step. kind: lines, people, or numbers, which holds nothing of the patient's and has no field."""

    id: str
    kind: str
    label: Words
    hint: Words
    field: Field | None


@functools.cache
def steps() -> tuple[CrisisStep, ...]:
    """Return the steps in the order in which they are taken."""
    facts = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return tuple(_step(each, facts["people"]) for each in facts["steps"])


def _step(facts: Mapping[str, Any], people: Mapping[str, Any]) -> CrisisStep:
    field = None
    if facts["type"] == "lines":
        field = Field(facts["id"], "long", facts["label"])
    elif facts["type"] == "people":
        cells = (Field("name", "text", people["name"], required=True), Field("phone", "text", people["phone"]))
        field = Field(facts["id"], "rows", facts["label"], min=0, max=people["rows"], fields=cells)
    return CrisisStep(facts["id"], facts["type"], facts["label"], facts.get("hint", {}), field)


def fields() -> tuple[Field, ...]:
    return tuple(step.field for step in steps() if step.field)


def validate(data: Mapping[str, object]) -> Entry | list[FieldFault]:
    """Return the cleaned plan, or every reason why it cannot be taken. A plan with nothing in it is none."""
    faults: list[FieldFault] = []
    cleaned = clean_fields(fields(), data, "", faults)
    if not cleaned and not faults:
        faults.append(FieldFault("", "empty"))
    return faults or cleaned


def new_texts(plan: Mapping[str, object], before: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the free text of a plan as (path, text), for screening; words of the version before are left out.

    What stood there already was screened when it was written: it must not raise its flag anew with every other change.
    """
    known = {text for _path, text in free_texts(fields(), before, "")}
    return [(path, text) for path, text in free_texts(fields(), plan, "") if text not in known]


def lines(text: str) -> list[str]:
    """Return the things of a step, one from each line."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def dialled(phone: str) -> str:
    """Return the number as a telephone dials it, "" for words without one: "070-123 45 67 (work)" is 0701234567."""
    found = re.search(r"\+?[0-9][0-9 ()/.-]{1,24}", phone)
    number = re.sub(r"[^0-9+]", "", found[0]) if found else ""
    return number if len(number) >= 3 else ""
