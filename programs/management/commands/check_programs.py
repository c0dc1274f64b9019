"""manage.py check_programs [slug …] [--json]: tell authors what is wrong in the programme files."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.library_format.faults import texts
from programs.library_format.report import Report, UnknownProgramme, check_library
from programs.tools import LIBRARY

WORDS = texts()  # Swedish, like all that authors read


class Command(BaseCommand):
    """Prints file:line, code and message for each fault; ends with 1 when there is an error. Never uses a database."""

    help = WORDS["command.help"]
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help=WORDS["command.slug"])
        parser.add_argument("--json", action="store_true", help=WORDS["command.json"])
        parser.add_argument("--library", type=Path, default=LIBRARY, help=WORDS["command.library"])

    def handle(self, *args: Any, **options: Any) -> None:
        library = options["library"]
        try:
            report = check_library(library, options["slug"])
        except UnknownProgramme as unknown:
            raise CommandError(WORDS["command.unknown"].format(name=unknown, library=library)) from unknown
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else _lines(report))
        if report.errors:
            raise SystemExit(1)


def _lines(report: Report) -> str:
    """Return one line for each fault and a last line that counts them."""
    counts = {"errors": len(report.errors), "warnings": len(report.warnings), "programmes": len(report.programmes)}
    return "\n".join([*map(str, report.faults), WORDS["command.count"].format(**counts)])
