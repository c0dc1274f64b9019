"""manage.py cover_report: whom nobody will stand behind in the coming days, and why."""

from __future__ import annotations

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinics.cover import roster
from clinics.models import Clinic
from riskmonitor.watch.uncovered import look_ahead, report

LONGEST = 366


class Command(BaseCommand):
    """Reads, and tells no name: a patient is a code. Ends with 0 also when somebody is uncovered, unless `--check`."""

    help = "List each stretch of working time in which nobody named stands behind a patient in treatment, and why."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="One JSON object on stdout instead of lines to read.")
        parser.add_argument("--days", type=_days, default=roster.AHEAD.days, help="How far ahead (default 14).")
        parser.add_argument("--check", action="store_true", help="End with 1 if somebody is uncovered.")

    def handle(self, *args: Any, **options: Any) -> None:
        now, days = timezone.now(), options["days"]
        found = report(look_ahead(clinic, now, timedelta(days=days)) for clinic in Clinic.objects.real().order_by("pk"))
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self._tell(found, days)
        if options["check"] and found["uncovered"]:
            raise CommandError("Somebody is uncovered.")

    def _tell(self, found: dict[str, Any], days: int) -> None:
        for row in found["uncovered"]:
            self.stdout.write(f"{row['patient']}  {row['from']} to {row['to']}  {row['why']}")
        patients = len({row["patient"] for row in found["uncovered"]})
        self.stdout.write(f"Coming {days} days: {found['covered']} covered, {patients} with gaps.")


def _days(typed: str) -> int:
    if not typed.isascii() or not typed.isdigit() or not 1 <= int(typed) <= LONGEST:
        raise ArgumentTypeError(f"a whole number of days, 1 to {LONGEST}")
    return int(typed)
