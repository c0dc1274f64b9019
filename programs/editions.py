"""What the database knows of a programme's editions, as the values that programs.library_format works with."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from programs.library_format.blocks import Note, Short, block_from_json
from programs.library_format.editions import reused_id_faults
from programs.library_format.faults import Fault
from programs.library_format.structure import ModuleFile, PageFile
from programs.models import Module, Revision


def modules_of(revision: Revision, language: str = "") -> tuple[ModuleFile, ...]:
    """Return the stored modules as they were read, in the language they were written in unless said. Two queries."""
    language = language or revision.facts["source_language"]
    rows = revision.modules.filter(language=language).prefetch_related("pages").order_by("number")
    return tuple(_module(row) for row in rows)


def _module(row: Module) -> ModuleFile:
    facts = row.facts
    pages = ({"id": page.slug, "title": page.title, "blocks": page.blocks} for page in row.pages.all())
    notes = (block_from_json(stored) for stored in row.notes)
    return ModuleFile(
        id=row.slug, number=row.number, title=row.title, aim=row.aim, week=facts.get("week", row.number),
        minutes=facts.get("minutes", {}), core=facts.get("core", True), opens=facts.get("opens", {}),
        feedback=facts.get("feedback", ""), uses=tuple(facts.get("uses", ())), tools=tuple(facts.get("tools", ())),
        cast=(), gates=tuple(facts.get("gates", ())), short=Short.build(row.short) if row.short else None,
        pages=tuple(PageFile.from_json(page) for page in pages),
        notes=tuple(note for note in notes if isinstance(note, Note)),
        path=f"{row.language}/{row.number:02}-{row.slug}.md",
    )  # fmt: skip


def findings_as_json(found: Iterable[Fault]) -> list[dict[str, Any]]:
    """Return the checker's faults as a revision keeps them."""
    return [
        {"file": each.file, "line": each.line, "code": each.code, "message": each.message, "warning": each.warning}
        for each in found
    ]


def findings_of(revision: Revision) -> list[Fault]:
    """Return what the checker said when the revision was loaded."""
    return [Fault(**stored) for stored in revision.findings]


def reused_ids(revision: Revision) -> list[Fault]:
    """Return E03 against every edition of the programme that was published before."""
    own = modules_of(revision)
    earlier = revision.programme.revisions.editions().exclude(pk=revision.pk)
    return [fault for each in earlier for fault in reused_id_faults(own, modules_of(each), each.edition)]
