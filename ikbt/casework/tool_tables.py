"""What a patient recorded with a tool, as dense as a therapist reads it. Reads values, asks no database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from ikbt.casework.flags_shown import Mark
from ikbt.casework.said import Part, Reader, Said, answers
from programs.fields import Field
from programs.models import Submission
from programs.toolkit.entries import in_words, is_share
from programs.tools import EntryKind, ToolSchema

BETWEEN = Part(" \u2013 ")
NUMBERS = ("scale", "number", "time")


@dataclass(frozen=True)
class Column:
    """One field over all entries. `scale` is its range ("0\u201310") where the cells are numbers of it."""

    label: str
    scale: str = ""
    is_number: bool = False


@dataclass(frozen=True)
class EntryRow:
    """One version of an entry: `is_former` when a newer one stands in for it. A cell is a column and what was said."""

    code: UUID
    at: datetime
    is_former: bool
    is_changed: bool
    cells: tuple[tuple[Column, tuple[Said, ...]], ...]


@dataclass(frozen=True)
class EntryTable:
    """All entries of one kind; fields that nobody filled in have no column."""

    name: str
    columns: tuple[Column, ...]
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
    said = {row.pk: _cells(kind, row, marks.get(row.pk, ()), reader) for versions in entries for row in versions}
    used = {name for cells in said.values() for name in cells}
    columns = {field.id: _column(field, reader.language) for field in kind.fields if field.id in used}
    columns |= {name: Column(name) for name in sorted(used - columns.keys())}  # what the tool no longer has, as stored
    rows = tuple(
        EntryRow(
            code=row.code, at=row.sent_at, is_former=place > 0, is_changed=row.replaces_id is not None,
            cells=tuple((column, said[row.pk].get(name, ())) for name, column in columns.items()),
        )
        for versions in entries
        for place, row in enumerate(versions)
    )  # fmt: skip
    return EntryTable(in_words(kind.name, reader.language), tuple(columns.values()), rows)


def _column(field: Field, language: str) -> Column:
    scale = f"{field.min}\u2013{field.max}" if is_share(field) else ""
    return Column(in_words(field.short or field.label, language), scale, field.type in NUMBERS)


def _cells(
    kind: EntryKind, submission: Submission, marks: Sequence[Mark], reader: Reader
) -> dict[str, tuple[Said, ...]]:
    """Return what was said by field; a row of several values is one line, and a number stands without its scale."""
    lines: dict[str, dict[str, Said]] = {}
    for answer in answers(submission, marks, reader):
        name, _dot, rest = answer.address.partition(".")
        row = rest.partition(".")[0]
        for said in answer.said:
            before = lines.setdefault(name, {}).get(row, ())
            lines[name][row] = (*before, BETWEEN, *said) if before else said
    bare = {field.id for field in kind.fields if is_share(field)} & submission.answers.keys()
    return {
        name: ((Part(str(submission.answers[name])),),) if name in bare else tuple(rows.values())
        for name, rows in lines.items()
    }
