"""manage.py guard: the process that screens, escalates and audits without a broker. It is one of a pair."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from riskmonitor.watch.chain import GUARDS
from riskmonitor.watch.guard import Guard


class Command(BaseCommand):
    help = "Run the guard: screening, escalation, notices and the auditor, without the broker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", choices=GUARDS, default=GUARDS[0], help="which of the pair: whose pulse it gives")

    def handle(self, *args: Any, **options: Any) -> None:
        guard = Guard(options["name"])
        signal.signal(signal.SIGTERM, guard.stop)
        signal.signal(signal.SIGINT, guard.stop)
        self.stdout.write("guard: running")
        guard.run()
        self.stdout.write("guard: stopped")
