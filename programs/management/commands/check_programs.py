"""manage.py check_programs [slug …] [--json]: tell authors what is wrong in the programme files."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.library_format.report import Report, UnknownProgramme, check_library
from programs.tools import LIBRARY


class Command(BaseCommand):
    """Prints file:line, code and message for each fault; ends with 1 when there is an error. Never uses a database."""

    help = "Check the programme files and say what is wrong, with file and line."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="*", help="programmes to check; all when none is named")
        parser.add_argument("--json", action="store_true", help="print figures, errors and warnings as JSON")
        parser.add_argument("--library", type=Path, default=LIBRARY, help="folder of the programmes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = check_library(options["library"], options["slug"])
        except UnknownProgramme as unknown:
            raise CommandError(f"{unknown}: finns inte i {options['library']}") from unknown
        self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False) if options["json"] else _lines(report))
        if report.errors:
            raise SystemExit(1)


def _lines(report: Report) -> str:
    """Return one line for each fault and a last line that counts them."""
    found = [str(fault) for fault in report.faults]
    counted = f"{len(report.programmes)} program, {len(report.errors)} fel, {len(report.warnings)} varningar"
    return "\n".join([*found, counted])
