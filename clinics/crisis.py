"""Where a person in crisis can turn (pure): read once from a file, so that it is there when nothing else is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

NUMBERS = Path(__file__).with_name("crisis_numbers.yaml")
IN_BOX = ("mind", "hjalplinjen", "1177")  # the small help box has room for three, besides 112


@dataclass(frozen=True)
class Contact:
    """One place to ring. `number` is dialled, `shown` is read; `checked_by` is empty until a person has rung it."""

    id: str
    name: str
    number: str
    shown: str
    hours: str
    about: str
    urgent: bool
    source: str
    checked_by: str


@cache
def contacts(language: str) -> tuple[Contact, ...]:
    """Return every contact in the language, else in Swedish, in the order of the file."""
    return tuple(
        Contact(
            id=row["id"],
            name=_words(row["name"], language),
            number=row["tel"],
            shown=row["shown"],
            hours=_words(row["hours"], language),
            about=_words(row["about"], language),
            urgent=row["urgent"],
            source=row["source"],
            checked_by=row["checked_by"],
        )
        for row in _rows()
    )


def box_contacts(language: str) -> tuple[Contact, ...]:
    """Return the few that the small help box shows."""
    return tuple(each for each in contacts(language) if each.id in IN_BOX)


def numbers_unchecked() -> int:
    """Return how many numbers nobody has rung: asked by `doctor`, `/metrics/` and the staff's page."""
    return sum(not each.checked_by for each in contacts("sv"))


@cache
def _rows() -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = yaml.safe_load(NUMBERS.read_text(encoding="utf-8"))["numbers"]
    return rows


def _words(entry: dict[str, str], language: str) -> str:
    return entry.get(language, entry["sv"])
