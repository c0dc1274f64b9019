"""Take a programme's files into the database: a new text is a new revision."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from programs.editions import findings_as_json
from programs.library_format.faults import Fault, fault
from programs.library_format.parse import programme_hash
from programs.library_format.parse_programme import FILE
from programs.library_format.report import check_library
from programs.library_format.structure import ModuleFile, ProgrammeFile
from programs.models import CrisisValues, Module, Page, Programme, Revision


class EditionChanged(Exception):
    """The edition is published, and its text is not the one in the files: raise the edition number."""


class LoadRefused(Exception):
    """Nothing was loaded; `faults` say why, with files relative to the library."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


@transaction.atomic
def load_library(*, library: Path, slugs: Iterable[str] = (), now: datetime) -> list[tuple[Revision, bool]]:
    """Check and store the named programmes, or all: every one or none. Return each revision, and whether it is new.

    Raises LoadRefused, and UnknownProgramme for a slug without a folder.
    """
    report = check_library(library, slugs)
    drafts = {programme.slug for programme in report.programmes if programme.is_draft}
    if stopping := [found for found in report.errors if not _may_wait(found, drafts)]:
        raise LoadRefused(stopping)
    loaded = []
    for programme in report.programmes:
        content_hash, found = programme_hash(library / programme.slug), report.faults_of(programme.slug)
        try:
            loaded.append(load_programme(programme=programme, content_hash=content_hash, now=now, found=found))
        except EditionChanged as changed:
            file, line = f"{programme.slug}/{FILE}", programme.line("edition")
            raise LoadRefused([fault("E01.changed", file, line, edition=programme.edition)]) from changed
        if programme.slug in report.crises:
            load_crisis(programme=loaded[-1][0].programme, values=report.crises[programme.slug], now=now)
    return loaded


def load_crisis(*, programme: Programme, values: dict[str, Any], now: datetime) -> None:
    """Store what crisis.yaml says, when it says something new. Patients in treatment see it at once."""
    newest = programme.crisis_values.first()
    if newest is None or newest.values != values:
        CrisisValues.objects.create(programme=programme, values=values, loaded_at=now)


def _may_wait(found: Fault, drafts: set[str]) -> bool:
    """A draft may be loaded with faults of language (T): its author sees them, and publishing tolerates none."""
    return found.code.startswith("T") and found.file.partition("/")[0] in drafts


@transaction.atomic
def load_programme(
    *, programme: ProgrammeFile, content_hash: str, now: datetime, found: Iterable[Fault] = ()
) -> tuple[Revision, bool]:
    """Store the files as a revision, with what the checker found. Return it, and whether it is new.

    The same hash again changes nothing. Raises EditionChanged when that edition was published with another text.
    """
    row, _created = Programme.objects.select_for_update().get_or_create(slug=programme.slug)
    same = row.revisions.filter(content_hash=content_hash).first()
    if same:
        return same, False
    if row.revisions.filter(edition=programme.edition, published_at__isnull=False).exists():
        raise EditionChanged(f"{programme.slug} {programme.edition}")
    revision = Revision.objects.create(
        programme=row,
        edition=programme.edition,
        content_hash=content_hash,
        status=programme.status if programme.status in {"draft", "review"} else Revision.Status.REVIEW,
        loaded_at=now,
        title=dict(programme.title),
        patient_title=dict(programme.patient_title),
        facts=dict(programme.facts),
        findings=findings_as_json(found),
    )
    for language, modules in programme.texts.items():
        for module in modules:
            _store_module(revision, language, module)
    return revision, True


def _store_module(revision: Revision, language: str, module: ModuleFile) -> None:
    row = Module.objects.create(
        revision=revision,
        language=language,
        number=module.number,
        slug=module.id,
        title=module.title,
        aim=module.aim,
        facts={
            "week": module.week, "minutes": dict(module.minutes), "core": module.core, "opens": dict(module.opens),
            "feedback": module.feedback, "uses": list(module.uses), "tools": list(module.tools),
            "gates": list(module.gates),
        },
        short=module.short.to_json() if module.short else None,
        notes=[note.to_json() for note in module.notes],
    )  # fmt: skip
    Page.objects.bulk_create(
        Page(module=row, number=number, slug=page.id, title=page.title, blocks=page.to_json()["blocks"])
        for number, page in enumerate(module.pages, start=1)
    )
