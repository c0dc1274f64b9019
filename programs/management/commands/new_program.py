"""manage.py new_program <slug> --title …: make the folder of a new programme. Never uses a database."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.library_format.faults import INVISIBLE, texts
from programs.library_format.skeleton import AlreadyThere, NotASlug, write_skeleton
from programs.tools import LIBRARY

WORDS = texts()  # Swedish, like all that authors read


class Command(BaseCommand):
    """Writes programme.yaml and a first module, and overwrites nothing."""

    help = WORDS["new.help"]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help=WORDS["new.slug"])
        parser.add_argument("--title", required=True, help=WORDS["new.title"])
        parser.add_argument("--patient-title", default="", help=WORDS["new.patient_title"])
        parser.add_argument("--problem", default="", help=WORDS["new.problem"])
        parser.add_argument("--library", type=Path, default=LIBRARY, help=WORDS["command.library"])

    def handle(self, *args: Any, **options: Any) -> None:
        slug, title = options["slug"], options["title"].strip()
        given = {"patient_title": options["patient_title"].strip() or title, "problem": options["problem"] or slug}
        written = "".join([title, *given.values()])
        if not title or "\n" in written or INVISIBLE.search(written):
            raise CommandError(WORDS["new.no_title"])
        try:
            folder = write_skeleton(options["library"], slug, title=title, **given)
        except NotASlug as wrong:
            raise CommandError(WORDS["new.letters"].format(slug=slug)) from wrong
        except AlreadyThere as there:
            raise CommandError(WORDS["new.taken"].format(folder=options["library"] / slug)) from there
        self.stdout.write(WORDS["new.done"].format(folder=folder, slug=slug))
