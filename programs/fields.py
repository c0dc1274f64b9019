"""Fields that patients fill in, and the values they may take. Pure.

A value is text, a whole number, "HH:MM", "YYYY-MM-DD", "mon" … "sun", an option id, or for rows a list of mappings.
None and "" mean not answered. Tools (tools.py) and the questions of a module (library_format/answers.py) share this.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

FREE_TEXT = ("text", "long")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
TEXT_MAX = 300  # characters on one line
LONG_MAX = 10_000  # characters, about four printed pages; longer is refused with a reason, never cut

Words = Mapping[str, str]
Entry = dict[str, Any]


@dataclass(frozen=True)
class FieldOption:
    """One value of a choice field, with its words by language."""

    id: str
    words: Words


@dataclass(frozen=True)
class Field:
    """One field of an entry. min and max: of a number or scale, or how many rows; fields: of each row.

    fill "now": today's date, or the time, stands in an empty form. short: the label in a word or two, for a table.
    """

    id: str
    type: str
    label: Words
    required: bool = False
    min: int | None = None
    max: int | None = None
    low: Words | None = None
    high: Words | None = None
    options: tuple[FieldOption, ...] = ()
    fields: tuple[Field, ...] = ()
    fill: str = ""
    short: Words | None = None


@dataclass(frozen=True)
class FieldFault:
    """Why a field cannot be taken. field is a path ("goals.0.goal"); reason one of REASONS."""

    field: str
    reason: str


REASONS = (
    "unknown", "required", "not_text", "too_long", "not_a_number", "out_of_range", "not_a_time", "not_a_date",
    "not_a_choice", "not_rows", "too_few_rows", "too_many_rows", "empty",
    # of a night (programs/sleep/night.py)
    "night_to_come", "night_too_old", "lights_out_before_bed", "waking_after_rise", "too_long_in_bed",
    "no_time_in_bed", "awake_longer_than_night",
)  # fmt: skip


class Refused(Exception):
    """A value that cannot be taken; reason is one of REASONS."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def clean_value(field: Field, value: object) -> str | int:
    """Return the value in the form it is stored in; raises Refused with the reason. Not for rows."""
    return _CLEANERS[field.type](field, value)


def plain_text(value: str) -> str:
    """Return the text without what the database cannot store: NUL and halves of surrogate pairs."""
    return value.replace("\0", "").encode("utf-8", "ignore").decode()


def is_blank(value: object) -> bool:
    """Return True for None, text with nothing to read in it, and empty lists and mappings."""
    return value is None or value in ([], {}) or (isinstance(value, str) and not plain_text(value).strip())


def clean_fields(fields: tuple[Field, ...], data: Mapping[str, object], path: str, faults: list[FieldFault]) -> Entry:
    """Return the values that can be taken, without blanks; faults, with paths that begin with path, are added to."""
    known = {field.id for field in fields}
    faults += [FieldFault(f"{path}{name}", "unknown") for name in data if name not in known]
    cleaned: Entry = {}
    for field in fields:
        value = data.get(field.id)
        if field.type == "rows":
            value = _clean_rows(field, value, path, faults)
            if value:
                cleaned[field.id] = value
        elif is_blank(value):
            if field.required:
                faults.append(FieldFault(path + field.id, "required"))
        else:
            try:
                cleaned[field.id] = clean_value(field, value)
            except Refused as refused:
                faults.append(FieldFault(path + field.id, refused.reason))
    return cleaned


def _clean_rows(field: Field, value: object, path: str, faults: list[FieldFault]) -> list[Entry]:
    here = path + field.id
    if is_blank(value):
        value = []
    if not isinstance(value, list) or not all(isinstance(row, Mapping) for row in value):
        faults.append(FieldFault(here, "not_rows"))
        return []
    rows = []
    for number, row in enumerate(value):
        if not all(is_blank(cell) for cell in row.values()):
            rows.append(clean_fields(field.fields, row, f"{here}.{number}.", faults))
    if len(rows) < (field.min or 0):
        faults.append(FieldFault(here, "too_few_rows"))
    if field.max is not None and len(rows) > field.max:
        faults.append(FieldFault(here, "too_many_rows"))
    return rows


def free_texts(fields: tuple[Field, ...], data: Mapping[str, object], path: str) -> list[tuple[str, str]]:
    """Return every free text in data as (path, text), also inside rows."""
    found = []
    for field in fields:
        value = data.get(field.id)
        if field.type in FREE_TEXT and isinstance(value, str) and value.strip():
            found.append((path + field.id, value))
        elif field.type == "rows" and isinstance(value, list):
            for number, row in enumerate(value):
                if isinstance(row, Mapping):
                    found += free_texts(field.fields, row, f"{path}{field.id}.{number}.")
    return found


def _clean_text(field: Field, value: object) -> str:
    if not isinstance(value, str):
        raise Refused("not_text")
    cleaned = plain_text(value).strip()
    if len(cleaned) > (TEXT_MAX if field.type == "text" else LONG_MAX):
        raise Refused("too_long")
    return cleaned


def _clean_number(field: Field, value: object) -> int:
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused("not_a_number")
    if (field.min is not None and value < field.min) or (field.max is not None and value > field.max):
        raise Refused("out_of_range")
    return value


def _clean_time(field: Field, value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value, re.ASCII):
        raise Refused("not_a_time")
    return value


def _clean_date(field: Field, value: object) -> str:
    try:
        if isinstance(value, str) and len(value) == 10:
            return datetime.date.fromisoformat(value).isoformat()
    except ValueError:
        pass
    raise Refused("not_a_date")


def _clean_choice(field: Field, value: object) -> str:
    allowed = DAYS if field.type == "day" else [option.id for option in field.options]
    if not isinstance(value, str) or value not in allowed:
        raise Refused("not_a_choice")
    return value


_CLEANERS: dict[str, Callable[[Field, object], str | int]] = {
    "text": _clean_text,
    "long": _clean_text,
    "scale": _clean_number,
    "number": _clean_number,
    "time": _clean_time,
    "date": _clean_date,
    "day": _clean_choice,
    "choice": _clean_choice,
}
