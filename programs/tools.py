"""The tools that patients record with: their fields, their parameters, and whether an entry can be taken. Pure.

What a tool holds stands in library/tools.yaml. An entry is plain data: field id to value (see fields.py). Nothing is
stored that is not a field of the tool.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .fields import Entry, Field, FieldFault, FieldOption, Words, clean_fields, free_texts, is_blank
from .sleep.night import faults as night_faults

LIBRARY = Path(__file__).with_name("library")
# What the values of an entry must be together, beside what each field says of its own.
TOGETHER: Mapping[str, Callable[[Entry], list[FieldFault]]] = {
    "sleep_diary": night_faults,
    "relapse_plan": lambda entry: [] if entry else [FieldFault("", "empty")],
}


@dataclass(frozen=True)
class FollowUp:
    """What is told later about an entry: the link's words, the fields it asks for, and the field that ends it."""

    words: Words
    fields: tuple[str, ...]
    until: str


@dataclass(frozen=True)
class EntryKind:
    """One kind of entry of a tool. `about` is the field that an entry is about, `quick` those at the top of its form.

    quick_when: other fields at the top, by "parameter=value" of the module that leads to the tool.
    """

    id: str
    name: Words
    about: str
    quick: tuple[str, ...]
    fields: tuple[Field, ...]
    quick_when: Mapping[str, tuple[str, ...]]
    follow_up: FollowUp | None

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.id == name), None)

    def quick_for(self, params: Mapping[str, str | int]) -> tuple[str, ...]:
        """Return the fields at the top of the form when a module leads here with these parameters."""
        given = (f"{name}={value}" for name, value in params.items())
        return next((self.quick_when[use] for use in given if use in self.quick_when), self.quick)

    def waits(self, data: Mapping[str, Any]) -> bool:
        """Return True while what is told later about the entry has not been told."""
        return self.follow_up is not None and is_blank(data.get(self.follow_up.until))


@dataclass(frozen=True)
class ToolSchema:
    """One tool. params: name to the allowed words or numbers; a tool that is not built has no kinds of entries.

    once_per: the field of which each value has one entry at most, "" for none.
    """

    id: str
    name: Words
    built: bool
    params: Mapping[str, tuple[str, ...] | range]
    kinds: tuple[EntryKind, ...]
    gates: tuple[str, ...]
    param_gates: Mapping[str, str]
    once_per: str = ""

    @property
    def fields(self) -> tuple[Field, ...]:
        """Return the fields of all kinds of entries, each id once."""
        return tuple({field.id: field for kind in self.kinds for field in kind.fields}.values())

    def kind(self, name: str) -> EntryKind | None:
        return next((kind for kind in self.kinds if kind.id == name), None)

    def kind_of(self, data: Mapping[str, object]) -> EntryKind:
        """Return the first kind of entry that has a field for all that is filled in, else the first kind."""
        filled = {name for name, value in data.items() if not is_blank(value)}
        fitting = (kind for kind in self.kinds if filled <= {field.id for field in kind.fields})
        return next(fitting, self.kinds[0])

    @property
    def takes_answers(self) -> bool:
        """Return True when earlier answers can be what an entry is about: a line of text, or titles of its rows."""
        abouts = (kind.field(kind.about) for kind in self.kinds)
        return any(about and about.type in ("text", "rows") for about in abouts)

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
    kinds = facts.get("kinds") or ({"": facts} if facts["built"] else {})
    return ToolSchema(
        id=tool_id, name=facts["name"], built=facts["built"],
        params={name: _allowed(values) for name, values in facts.get("params", {}).items()},
        kinds=tuple(_kind(kind_id, kind) for kind_id, kind in kinds.items()),
        gates=tuple(facts.get("gates", ())), param_gates=facts.get("param_gates", {}),
        once_per=facts.get("once_per", ""),
    )  # fmt: skip


def _kind(kind_id: str, facts: Mapping[str, Any]) -> EntryKind:
    later = facts.get("follow_up")
    return EntryKind(
        id=kind_id, name=facts["name"], about=facts.get("about", ""), quick=tuple(facts["quick"]),
        fields=tuple(_field(field) for field in facts["fields"]),
        quick_when={use: tuple(names) for use, names in facts.get("quick_when", {}).items()},
        follow_up=FollowUp(later["words"], tuple(later["fields"]), later["until"]) if later else None,
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
        fields=tuple(_field(field) for field in facts.get("fields", ())), fill=facts.get("fill", ""),
        short=facts.get("short"),
    )  # fmt: skip


def validate_entry(tool_id: str, data: Mapping[str, object], kind_id: str | None = None) -> Entry | list[FieldFault]:
    """Return the cleaned entry, or every reason why it cannot be taken.

    Cleaned: text without NUL and surrounding space, numbers as int, unanswered fields left out, empty rows dropped.
    kind_id says which kind of entry a form was for; without it, it shows in what is filled in.
    Raises KeyError for an unknown tool and ValueError for one that is not built.
    """
    schema = tools()[tool_id]
    if not schema.built:
        raise ValueError(f"the tool {tool_id} is not built")
    kind = (schema.kind(kind_id) if kind_id is not None else None) or schema.kind_of(data)
    faults: list[FieldFault] = []
    cleaned = clean_fields(kind.fields, data, "", faults)
    if not faults and tool_id in TOGETHER:
        faults = TOGETHER[tool_id](cleaned)
    return faults or cleaned


def texts(tool_id: str, data: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return the free text of an entry as (path, text), for screening; other values are left out."""
    schema = tools()[tool_id]
    return free_texts(schema.fields, data, "")
