"""What the database knows of a programme's editions, as the values that programs.library_format works with."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from clinics.models import User
from programs.library_format.blocks import Note, Short, block_from_json
from programs.library_format.difference import Difference, Side, difference
from programs.library_format.editions import reused_id_faults
from programs.library_format.faults import Fault
from programs.library_format.structure import ModuleFile, PageFile
from programs.models import Correction, Module, Page, Revision, Treatment
from programs.models.content import VERSION_LENGTH
from programs.toolkit.entries import in_words
from programs.tools import tools


def modules_of(revision: Revision, language: str = "") -> tuple[ModuleFile, ...]:
    """Return the stored modules as they were read, in the language they were written in unless said. Two queries."""
    return tuple(_module(row) for row in modules_with_pages(revision, language))


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
    """Return E03 against every edition of the programme that was published before. Five queries at most."""
    own, language = modules_of(revision), revision.facts["source_language"]
    earlier = revision.programme.revisions.editions().exclude(pk=revision.pk)
    rows = Module.objects.filter(revision__in=earlier, language=language).select_related("revision")
    by_edition: dict[int, list[ModuleFile]] = {}
    for row in rows.prefetch_related("pages"):
        by_edition.setdefault(row.revision.edition, []).append(_module(row))
    return [fault for edition, modules in by_edition.items() for fault in reused_id_faults(own, modules, edition)]


def revision_at(programme: str, version: str) -> Revision:
    """Return the revision at an address; 404 without one. Programme text is open to all who may preview it."""
    revisions = Revision.objects.select_related("programme").filter(programme__slug=programme)
    found = revisions.filter(content_hash__startswith=version).order_by("-pk").first()
    if found is None or len(version) != VERSION_LENGTH:
        raise Http404
    return found


def all_revisions(programme: str = "") -> QuerySet[Revision]:
    """Return every revision, or one programme's, by programme and the newest first."""
    found = Revision.objects.select_related("programme").order_by("programme__slug", "-edition", "-loaded_at", "-pk")
    return found.filter(programme__slug=programme) if programme else found


def modules_with_pages(revision: Revision, language: str = "") -> list[Module]:
    """Return the stored modules with their pages, in the language they were written in unless said.

    Two queries, asked once for each object and language: the text of a revision never changes.
    """
    language = language or revision.facts["source_language"]
    kept: dict[str, list[Module]] = vars(revision).setdefault("_modules", {})
    if language not in kept:
        rows = revision.modules.filter(language=language).prefetch_related("pages").order_by("number")
        kept[language] = list(rows)
    return kept[language]


def difference_between(old: Revision, new: Revision) -> Difference:
    """Return what differs, see library_format.difference. Four queries."""
    return difference(Side(old.facts, modules_of(old)), Side(new.facts, modules_of(new)), _names())


def _names() -> dict[str, str]:
    """Return the kinds of questions and the tools as the staff call them, by id."""
    kinds = {
        "text": _("one line"), "long": _("several lines"), "pick": _("pick or write"), "choice": _("one choice"),
        "multi": _("several choices"), "scale": _("scale"), "number": _("number"), "yesno": _("yes or no"),
        "time": _("time of day"), "date": _("date"), "tool": _("tool"),
    }  # fmt: skip
    language = get_language() or "sv"
    return kinds | {tool.id: in_words(tool.name, language) for tool in tools().values()}


def editions_to_move_to(treatment: Treatment, *, demo: bool) -> list[Revision]:
    """Return the other texts of the treatment's programme that can be started, the newest first. One query."""
    found = Revision.objects.startable(demo=demo).filter(programme=treatment.revision.programme_id)
    return list(
        found.exclude(pk=treatment.revision_id).select_related("programme").order_by("-edition", "-loaded_at", "-pk")
    )


def notices_over(page: Page, module: Module) -> list[Correction]:
    """Return the notices that lie over a page of an edition. One query."""
    return Correction.objects.over(module.revision_id, module.slug, page.slug)


def on_withdrawn(user: User, now: datetime) -> list[Treatment]:
    """Return the running treatments that the user answers for and whose edition was withdrawn. One query."""
    running = Treatment.objects.worked_by(user, now).filter(revision__status=Revision.Status.WITHDRAWN)
    related = ("patient__user", "revision__programme")
    return list(running.select_related(*related).order_by("revision__withdrawn_at", "patient__user__sort_name"))
