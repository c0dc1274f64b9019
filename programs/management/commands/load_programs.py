"""manage.py load_programs [slug …]: take the programme files into the database, each text as a revision of its own."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from programs.actions import LoadRefused, load_library
from programs.library_format.faults import texts
from programs.library_format.report import UnknownProgramme
from programs.shipped import LIBRARY

WORDS = texts()  # Swedish, like all that authors read


class Command(BaseCommand):
    """Loads all programmes or nothing: one that cannot be loaded stops with file, line and reason."""

    help = WORDS["load.help"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help=WORDS["load.slug"])
        parser.add_argument("--library", type=Path, default=LIBRARY, help=WORDS["command.library"])

    def handle(self, *args: Any, **options: Any) -> None:
        library: Path = options["library"]
        try:
            loaded = load_library(library=library, slugs=options["slug"], now=timezone.now())
        except UnknownProgramme as unknown:
            raise CommandError(WORDS["command.unknown"].format(name=unknown, library=library)) from unknown
        except LoadRefused as refused:
            raise CommandError(f"{WORDS['load.refused']}\n{refused}") from refused
        for revision, new in loaded:
            key = "load.new" if new else "load.same"
            self.stdout.write(WORDS[key].format(slug=revision.programme.slug, edition=revision.edition))
