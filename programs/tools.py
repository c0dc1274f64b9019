"""The tools that patients record with: their fields, their parameters, and whether an entry can be taken. Pure.

What a tool holds stands in library/tools.yaml. An entry is plain data: field id to value, where a value is text, a whole
number, "HH:MM", "YYYY-MM-DD", "mon" … "sun", an option id, or a list of such mappings for rows. None and "" mean not
answered. Nothing is stored that is not a field of the tool.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

LIBRARY = Path(__file__).with_name("library")
FREE_TEXT = ("text", "long")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TEXT_MAX = 300  # characters on one line
LONG_MAX = 10_000  # characters, about four printed pages; longer is refused with a reason, never cut

Words = Mapping[str, str]
Entry = dict[str, Any]


@dataclass(frozen=True)
class ToolOption:
    """One value of a choice field, with its words by language."""

    id: str
    words: Words


@dataclass(frozen=True)
class ToolField:
    """One field of an entry. min and max: of a number or scale, or how many rows; fields: of each row."""

    id: str
    type: str
    label: Words
    required: bool = False
    min: int | None = None
    max: int | None = None
    low: Words | None = None
    high: Words | None = None
    options: tuple[ToolOption, ...] = ()
    fields: tuple[ToolField, ...] = ()


@dataclass(frozen=True)
class ToolSchema:
    """One tool. params: name to the allowed words, or to (lowest, highest); a tool that is not built has no fields."""

    id: str
    name: Words
    built: bool
    params: Mapping[str, tuple[str, ...] | tuple[int, int]]
    fields: tuple[ToolField, ...]
    gates: tuple[str, ...]
    param_gates: Mapping[str, str]

    def gates_for(self, params: Mapping[str, str | int]) -> tuple[str, ...]:
        """Return the gates that a module needs before it may use the tool with these parameters."""
        given = {name for name in params} | {f"{name}={value}" for name, value in params.items()}
        return (*self.gates, *(gate for use, gate in self.param_gates.items() if use in given))

    def allows(self, name: str, value: str | int) -> bool:
        """Return True when a parameter of this tool may have the value."""
        allowed = self.params.get(name, ())
        if isinstance(value, int):
            return len(allowed) == 2 and all(isinstance(n, int) for n in allowed) and allowed[0] <= value <= allowed[1]
        return value in allowed


@dataclass(frozen=True)
class FieldFault:
    """Why a field cannot be taken. field is a path ("goals.0.goal"); reason one of REASONS."""

    field: str
    reason: str


REASONS = (
    "unknown", "required", "not_text", "too_long", "not_a_number", "out_of_range", "not_a_time", "not_a_date",
    "not_a_choice", "not_rows", "too_few_rows", "too_many_rows",
)  # fmt: skip


@functools.cache
def tools(library: Path = LIBRARY) -> dict[str, ToolSchema]:
    """Return all tools by id."""
    listed = yaml.safe_load((library / "tools.yaml").read_text(encoding="utf-8"))["tools"]
    return {tool_id: _schema(tool_id, facts) for tool_id, facts in listed.items()}


def _schema(tool_id: str, facts: Mapping[str, Any]) -> ToolSchema:
    return ToolSchema(
        id=tool_id, name=facts["name"], built=facts["built"],
        params={name: tuple(allowed) for name, allowed in facts.get("params", {}).items()},
        fields=tuple(_field(field) for field in facts.get("fields", ())),
        gates=tuple(facts.get("gates", ())), param_gates=facts.get("param_gates", {}),
    )  # fmt: skip


def _field(facts: Mapping[str, Any]) -> ToolField:
    low, high = (0, 10) if facts["type"] == "scale" else (None, None)
    return ToolField(
        id=facts["id"], type=facts["type"], label=facts["label"], required=facts.get("required", False),
        min=facts.get("min", low), max=facts.get("max", high), low=facts.get("low"), high=facts.get("high"),
        options=tuple(
            ToolOption(option["id"], {lang: words for lang, words in option.items() if lang != "id"})
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
    cleaned = _clean_fields(schema.fields, data, "", faults)
    return faults or cleaned


def texts(tool_id: str, data: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the free text of an entry as (path, text), for screening; other values are left out."""
    return _texts(tools()[tool_id].fields, data, "")


def _texts(fields: tuple[ToolField, ...], data: Mapping[str, object], path: str) -> list[tuple[str, str]]:
    found = []
    for field in fields:
        value = data.get(field.id)
        if field.type in FREE_TEXT and isinstance(value, str) and value.strip():
            found.append((path + field.id, value))
        elif field.type == "rows" and isinstance(value, list):
            for number, row in enumerate(value):
                if isinstance(row, Mapping):
                    found += _texts(field.fields, row, f"{path}{field.id}.{number}.")
    return found


def _clean_fields(
    fields: tuple[ToolField, ...], data: Mapping[str, object], path: str, faults: list[FieldFault]
) -> Entry:
    known = {field.id for field in fields}
    faults += [FieldFault(f"{path}{name}", "unknown") for name in data if name not in known]
    cleaned: Entry = {}
    for field in fields:
        value = data.get(field.id)
        if field.type == "rows":
            value = _clean_rows(field, value, path, faults)
            if value:
                cleaned[field.id] = value
        elif value is None or (isinstance(value, str) and not value.strip()):
            if field.required:
                faults.append(FieldFault(path + field.id, "required"))
        else:
            try:
                cleaned[field.id] = _CLEANERS[field.type](field, value)
            except _Refused as refused:
                faults.append(FieldFault(path + field.id, refused.reason))
    return cleaned


def _clean_rows(field: ToolField, value: object, path: str, faults: list[FieldFault]) -> list[Entry]:
    here = path + field.id
    if value in (None, ""):
        value = []
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        faults.append(FieldFault(here, "not_rows"))
        return []
    rows = []
    for number, row in enumerate(value):
        if any(cell not in (None, "") for cell in row.values()):
            rows.append(_clean_fields(field.fields, row, f"{here}.{number}.", faults))
    if len(rows) < (field.min or 0):
        faults.append(FieldFault(here, "too_few_rows"))
    if field.max is not None and len(rows) > field.max:
        faults.append(FieldFault(here, "too_many_rows"))
    return rows


class _Refused(Exception):
    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def _clean_text(field: ToolField, value: object) -> str:
    if not isinstance(value, str):
        raise _Refused("not_text")
    cleaned = value.replace("\0", "").strip()  # the database cannot store NUL
    if len(cleaned) > (TEXT_MAX if field.type == "text" else LONG_MAX):
        raise _Refused("too_long")
    return cleaned


def _clean_number(field: ToolField, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _Refused("not_a_number")
    if (field.min is not None and value < field.min) or (field.max is not None and value > field.max):
        raise _Refused("out_of_range")
    return value


def _clean_time(field: ToolField, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise _Refused("not_a_time")
    return value


def _clean_date(field: ToolField, value: object) -> str:
    try:
        if isinstance(value, str) and len(value) == 10:
            return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise _Refused("not_a_date")


def _clean_choice(field: ToolField, value: object) -> str:
    allowed = DAYS if field.type == "day" else [option.id for option in field.options]
    if not isinstance(value, str) or value not in allowed:
        raise _Refused("not_a_choice")
    return value


_CLEANERS: dict[str, Callable[[ToolField, object], str | int]] = {
    "text": _clean_text,
    "long": _clean_text,
    "scale": _clean_number,
    "number": _clean_number,
    "time": _clean_time,
    "date": _clean_date,
    "day": _clean_choice,
    "choice": _clean_choice,
}
