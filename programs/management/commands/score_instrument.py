"""manage.py score_instrument ID: read answers as JSON lines on stdin, write their scores as JSON lines."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from programs.instruments.lines import BadLine, scored_line
from programs.shipped import instruments


class Command(BaseCommand):
    """Scores with the same code as the platform, and never uses a database.

    A line that cannot be scored is told on stderr with its number; the others are scored all the same, and the command
    ends with 1.
    """

    help = (
        'Score answers: lines of {"id": …, "answers": {"1": 0, …}} on stdin, with missing items left out; lines of '
        "{id, total, subscales, band, complete, risk_items} on stdout. Means have at most two decimals, half up."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("instrument", metavar="ID", help="Such as phq9, madrs_s or sleep_week.")

    def handle(self, *args: Any, **options: Any) -> None:
        known, wanted = instruments(), options["instrument"]
        if wanted not in known:
            raise CommandError(_unknown(wanted, known))
        bad = 0
        for number, line in enumerate(self._lines(), start=1):
            if not line.strip():
                continue
            try:
                self.stdout.write(scored_line(known[wanted], line))
            except BadLine as reason:
                bad += 1
                self.stderr.write(f"Line {number}: {reason}")
        if bad:
            raise CommandError("One line was not scored." if bad == 1 else f"{bad} lines were not scored.")

    def _lines(self) -> Iterable[str]:
        """Yield the lines of stdin; bytes that are not UTF-8 spoil their own line only."""
        reconfigure = getattr(sys.stdin, "reconfigure", None)
        if reconfigure:
            reconfigure(encoding="utf-8", errors="replace")
        yield from sys.stdin


def _unknown(wanted: str, known: Iterable[str]) -> str:
    near = get_close_matches(wanted.casefold().replace("-", "_"), known, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(near)}?" if near else f"The known ones are {', '.join(sorted(known))}."
    return f'There is no instrument "{wanted}". {hint}'
