"""manage.py load_programs [slug …]: take the programme files into the database, each text as a revision of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from programs.actions import EditionChanged, load_programme
from programs.library_format.faults import Fault
from programs.library_format.parse import programme_hash
from programs.library_format.report import UnknownProgramme, check_library
from programs.shipped import LIBRARY


class Command(BaseCommand):
    """Loads all programmes or nothing: one that cannot be loaded stops with file, line and reason."""

    help = "Load the programme files. The same text again changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help="programmes to load; all when none is named")
        parser.add_argument("--library", type=Path, default=LIBRARY, help="folder of the programmes")

    def handle(self, *args: Any, **options: Any) -> None:
        library: Path = options["library"]
        try:
            report = check_library(library, options["slug"])
        except UnknownProgramme as unknown:
            raise CommandError(f"{unknown}: finns inte i {library}") from unknown
        drafts = {programme.slug for programme in report.programmes if programme.is_draft}
        if stopping := [fault for fault in report.errors if not _may_wait(fault, drafts)]:
            raise CommandError("\n".join(["Inget laddades.", *map(str, stopping)]))
        with transaction.atomic():
            for programme in report.programmes:
                try:
                    content_hash = programme_hash(library / programme.slug)
                    _revision, new = load_programme(programme=programme, content_hash=content_hash, now=timezone.now())
                except EditionChanged as changed:
                    line = programme.line("edition")
                    raise CommandError(
                        f"{programme.slug}/programme.yaml:{line}  E01  {changed}: publicerad"
                    ) from changed
                self.stdout.write(f"{programme.slug} {programme.edition}: {'ny revision' if new else 'redan laddad'}")


def _may_wait(fault: Fault, drafts: set[str]) -> bool:
    """A draft may be loaded with faults of language (T): its author sees them, and publishing tolerates none."""
    return fault.code.startswith("T") and fault.file.partition("/")[0] in drafts
