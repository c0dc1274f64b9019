"""Reads the permission matrix: who gets what answer from which address, one line each.

A cell is a status (200, 204, 403, 404, …), `go` for a redirect, or `in` for a redirect to sign-in. HEAD is as GET.
A method without a line is refused: 405, or `in` where signing in comes first.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.guards.world import ROLES

FOLDER = Path(__file__).parent
OURS = ("everybody", "patients", "staff", "leads")  # beside allauth's accounts, and the demo


@dataclass(frozen=True)
class Row:
    name: str
    variant: str
    method: str
    cells: dict[str, str]
    place: str

    @property
    def label(self) -> str:
        return f"{self.name}@{self.variant}" if self.variant else self.name


def rows(*files: str) -> list[Row]:
    """Return the lines of the files; raise ValueError for one that has not a cell for each role."""
    return [row for file in files for row in _read(FOLDER / f"{file}.txt")]


def _read(path: Path) -> list[Row]:
    found, header = [], []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if not words or words[0] == "#":
            continue
        if not header:
            header = words
            if header != ["address", "method", *ROLES]:
                raise ValueError(f"{path.name}: the columns are not the roles")
            continue
        if len(words) != len(header):
            raise ValueError(f"{path.name}:{number}: {len(words)} cells, not {len(header)}")
        name, _at, variant = words[0].partition("@")
        for method in words[1].split(","):
            cells = dict(zip(ROLES, words[2:], strict=True))
            found.append(Row(name, variant, method, cells, f"{path.name}:{number}"))
    return found
