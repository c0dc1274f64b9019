"""manage.py screen_text: read texts as JSON lines on stdin, write what the word list finds as JSON lines."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from riskmonitor.lexicon.lines import BadLine, screened_line


class Command(BaseCommand):
    """Screens with the same code as the platform, and never uses a database.

    A line that cannot be screened is told on stderr with its number; the others are screened all the same, and the
    command ends with 1. A text without findings is not a text without danger.
    """

    help = (
        'Screen texts: lines of {"id": …, "text": …} on stdin; lines of {id, flagged, findings: [{kind, start, end, '
        "why}]} on stdout. Places count code points. No finding does not mean that all is well."
    )
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        bad = 0
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip():
                continue
            try:
                self.stdout.write(screened_line(line))
            except BadLine as reason:
                bad += 1
                self.stderr.write(f"Line {number}: {reason}")
        if bad:
            raise CommandError("One line was not screened." if bad == 1 else f"{bad} lines were not screened.")

    def _lines(self) -> Iterable[str]:
        """Yield the lines of stdin; bytes that are not UTF-8 spoil their own characters only."""
        reconfigure = getattr(sys.stdin, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace", newline="\n")
        yield from sys.stdin
