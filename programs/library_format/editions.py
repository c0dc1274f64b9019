"""What an edition may not do: change after publishing, be published unread, or give an old id a new meaning. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from .blocks import Tool
from .faults import Fault, fault
from .parse_programme import FILE
from .structure import ProgrammeFile


def changed_edition_faults(programme: ProgrammeFile, own_hash: str, published_hash: str | None) -> list[Fault]:
    """Return E01 when the same edition was published with another hash; published_hash None = never published."""
    if published_hash is None or published_hash == own_hash:
        return []
    return [fault("E01.changed", FILE, programme.line("edition"), edition=programme.edition)]


def publishing_faults(programme: ProgrammeFile, found: Iterable[Fault]) -> list[Fault]:
    """Return E02: no clinical or language reviewer, or warnings about words still open; found = check()'s result."""
    line = programme.line("reviewers")
    reviewers = programme.facts["reviewers"]
    faults = []
    named = [row for row in reviewers if row.get("name") and row.get("date")]
    if not any(row["scope"] == "clinical" and row.get("licence") for row in named):
        faults.append(fault("E02.clinical", FILE, line))
    if not any(row["scope"] == "language" for row in named):
        faults.append(fault("E02.language", FILE, line))
    if any(one.code == "T07" for one in found):
        faults.append(fault("E02.open", FILE, line))
    return faults


def reused_id_faults(programme: ProgrammeFile, earlier: ProgrammeFile) -> list[Fault]:
    """Return E03 for each id that meant something else (type, tool, scale) in an earlier edition."""
    before = _meanings(earlier)
    faults = []
    for address, (meaning, file, line) in _meanings(programme).items():
        if address in before and before[address][0] != meaning:
            was = before[address][0]
            faults.append(fault("E03.reused", file, line, id=address, was=was, edition=earlier.edition))
    return faults


def _meanings(programme: ProgrammeFile) -> dict[str, tuple[str, str, int]]:
    """Return for each address what it records ("scale 0-10", "tool week_planner"), with file and line."""
    found = {}
    for module in programme.source_modules:
        for question in module.questions:
            span = "" if question.min is None else f" {question.min}-{question.max}"
            found[f"{module.id}.{question.id}"] = (question.kind + span, module.path, question.origin.line)
        for tool in module.blocks(Tool):
            found[f"{module.id}.{tool.id}"] = (f"tool {tool.use}", module.path, tool.origin.line)
    return found
