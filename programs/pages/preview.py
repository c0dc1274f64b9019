"""A module as a patient sees it, for staff: plain stand-ins for what is personal, and nothing that could be saved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from programs.library_format import blocks
from programs.library_format.placeholders import fill_html
from programs.models import Module, Page, Step
from programs.pages.notes import PARTS, SLOTS
from programs.pages.page_parts import Part
from programs.pages.reading import ModuleReading
from programs.toolkit.entries import EntryShown


def stand_ins() -> dict[str, str]:
    """Return what stands for a patient's own facts where there is no patient."""
    return {"behandlare": _("the therapist"), "fornamn": _("First name"), "svarsdag": _("the answer day")}


@dataclass(frozen=True)
class PagePreview:
    """One page with its parts, filled with stand-ins."""

    page: Page
    parts: list[Part]


@dataclass(frozen=True)
class NotePreview:
    """A note (safe HTML) or a slot of phrases (plain text)."""

    title: str
    html: str
    items: tuple[str, ...]


class ModulePreview(ModuleReading):
    """A module that nobody reads: no patient, no answers, no drafts. Its fields take no input."""

    def __init__(self, module: Module, now: datetime) -> None:
        super().__init__(Step(module=module), now)
        # What a patient's copy would ask the database for, set beforehand: there is no patient to ask about.
        self.values = stand_ins()
        self.values_for_sending = self.values
        self.drafts, self.sent, self.withheld, self.kept = {}, {}, set(), set()

    def shown(self) -> list[PagePreview]:
        """Return every page with its parts."""
        found = []
        for page in self.pages:
            form = self.form(page)
            form.auto_id = f"id_{page.slug}_%s"  # all pages stand on one: ticks have the same names on each
            for field in form.fields.values():
                field.disabled = True
            found.append(PagePreview(page, self.parts(page, form)))
        return found

    @property
    def short(self) -> str:
        """Return the five-minute version as safe HTML, "" without one."""
        stored = self.step.module.short
        return fill_html(blocks.Short.build(stored).html, self.values) if stored else ""

    def notes(self) -> list[NotePreview]:
        """Return what only staff see."""
        found = []
        for stored in self.step.module.notes:
            block = blocks.block_from_json(stored)
            if isinstance(block, blocks.Phrases):
                found.append(NotePreview(str(SLOTS[block.slot]), "", block.items))
            elif isinstance(block, blocks.TherapistNote):
                found.append(NotePreview(str(PARTS[block.part]), block.html, ()))
        return found

    def _entries(self, block: blocks.Tool) -> tuple[EntryShown, ...]:
        return ()
