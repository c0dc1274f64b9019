"""The tools that patients record with: their fields, their parameters, and whether an entry can be taken. Pure.

What a tool holds stands in library/tools.yaml. An entry is plain data: field id to value (see fields.py). Nothing is
stored that is not a field of the tool.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .fields import Entry, Field, FieldFault, FieldOption, Words, clean_fields, free_texts

LIBRARY = Path(__file__).with_name("library")


@dataclass(frozen=True)
class ToolSchema:
    """One tool. params: name to the allowed words or numbers; a tool that is not built has no fields."""

    id: str
    name: Words
    built: bool
    params: Mapping[str, tuple[str, ...] | range]
    fields: tuple[Field, ...]
    gates: tuple[str, ...]
    param_gates: Mapping[str, str]

    def gates_for(self, params: Mapping[str, str | int]) -> tuple[str, ...]:
        """Return the gates that a module needs before it may use the tool with these parameters."""
        given = set(params) | {f"{name}={value}" for name, value in params.items()}
        return (*self.gates, *(gate for use, gate in self.param_gates.items() if use in given))

    def allows(self, name: str, value: str | int) -> bool:
        """Return True when a parameter of this tool may have the value."""
        return value in self.params.get(name, ())


@functools.cache
def tools(library: Path = LIBRARY) -> dict[str, ToolSchema]:
    """Return all tools by id."""
    listed = yaml.safe_load((library / "tools.yaml").read_text(encoding="utf-8"))["tools"]
    return {tool_id: _schema(tool_id, facts) for tool_id, facts in listed.items()}


def _schema(tool_id: str, facts: Mapping[str, Any]) -> ToolSchema:
    return ToolSchema(
        id=tool_id, name=facts["name"], built=facts["built"],
        params={name: _allowed(values) for name, values in facts.get("params", {}).items()},
        fields=tuple(_field(field) for field in facts.get("fields", ())),
        gates=tuple(facts.get("gates", ())), param_gates=facts.get("param_gates", {}),
    )  # fmt: skip


def _allowed(values: list[Any]) -> tuple[str, ...] | range:
    """Return the words of a list, or the whole numbers from the first to the last of two."""
    return range(values[0], values[1] + 1) if isinstance(values[0], int) else tuple(values)


def _field(facts: Mapping[str, Any]) -> Field:
    low, high = (0, 10) if facts["type"] == "scale" else (None, None)
    return Field(
        id=facts["id"], type=facts["type"], label=facts["label"], required=facts.get("required", False),
        min=facts.get("min", low), max=facts.get("max", high), low=facts.get("low"), high=facts.get("high"),
        options=tuple(
            FieldOption(option["id"], {lang: words for lang, words in option.items() if lang != "id"})
            for option in facts.get("options", ())
        ),
        fields=tuple(_field(field) for field in facts.get("fields", ())),
    )  # fmt: skip


def validate_entry(tool_id: str, data: Mapping[str, object]) -> Entry | list[FieldFault]:
    """Return the cleaned entry, or every reason why it cannot be taken.

    Cleaned: text without NUL and surrounding space, numbers as int, unanswered fields left out, empty rows dropped.
    Raises KeyError for an unknown tool and ValueError for one that is not built.
    """
    schema = tools()[tool_id]
    if not schema.built:
        raise ValueError(f"the tool {tool_id} is not built")
    faults: list[FieldFault] = []
    cleaned = clean_fields(schema.fields, data, "", faults)
    return faults or cleaned


def texts(tool_id: str, data: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the free text of an entry as (path, text), for screening; other values are left out."""
    return free_texts(tools()[tool_id].fields, data, "")
