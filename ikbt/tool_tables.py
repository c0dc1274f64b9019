"""What a patient recorded with a tool, as dense as a therapist reads it. Reads values, asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ikbt.flags_shown import Mark
from ikbt.said import Part, Reader, Said, answers
from programs.models import Submission
from programs.toolkit.entries import in_words
from programs.tools import EntryKind, ToolSchema

BETWEEN = Part(" \u2013 ")


@dataclass(frozen=True)
class EntryRow:
    """One version of an entry: `is_former` when a newer one stands in for it. A cell holds what was said in a field."""

    code: UUID
    at: datetime
    is_former: bool
    is_changed: bool
    cells: tuple[tuple[Said, ...], ...]


@dataclass(frozen=True)
class EntryTable:
    """All entries of one kind; fields that nobody filled in have no column."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[EntryRow, ...]


def tables(
    schema: ToolSchema, entries: Sequence[Sequence[Submission]], marks: Mapping[int, Sequence[Mark]], reader: Reader
) -> list[EntryTable]:
    """Return a table for each kind of entry that is there. `entries` are the versions of each entry, newest first."""
    found = []
    for kind in schema.kinds:
        of_kind = [versions for versions in entries if schema.kind_of(versions[0].answers).id == kind.id]
        if of_kind:
            found.append(_table(kind, of_kind, marks, reader))
    return found


def _table(
    kind: EntryKind, entries: Sequence[Sequence[Submission]], marks: Mapping[int, Sequence[Mark]], reader: Reader
) -> EntryTable:
    said = {row.pk: _cells(row, marks.get(row.pk, ()), reader) for versions in entries for row in versions}
    used = {name for cells in said.values() for name in cells}
    labels = {field.id: in_words(field.label, reader.language) for field in kind.fields if field.id in used}
    labels |= {name: name for name in sorted(used - labels.keys())}  # what the tool no longer has is shown as stored
    rows = tuple(
        EntryRow(
            code=row.code, at=row.sent_at, is_former=place > 0, is_changed=row.replaces_id is not None,
            cells=tuple(said[row.pk].get(name, ()) for name in labels),
        )
        for versions in entries
        for place, row in enumerate(versions)
    )  # fmt: skip
    return EntryTable(in_words(kind.name, reader.language), tuple(labels.values()), rows)


def _cells(submission: Submission, marks: Sequence[Mark], reader: Reader) -> dict[str, tuple[Said, ...]]:
    """Return what was said by field; a row of several values is one line."""
    lines: dict[str, dict[str, Said]] = {}
    for answer in answers(submission, marks, reader):
        field, _dot, rest = answer.address.partition(".")
        row = rest.partition(".")[0]
        for said in answer.said:
            before = lines.setdefault(field, {}).get(row, ())
            lines[field][row] = (*before, BETWEEN, *said) if before else said
    return {field: tuple(rows.values()) for field, rows in lines.items()}
