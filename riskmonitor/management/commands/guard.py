"""manage.py guard: the process that screens, escalates and audits without a broker. Two at once are fine."""

from __future__ import annotations

import signal
from typing import Any

from django.core.management.base import BaseCommand

from riskmonitor.watch.guard import Guard


class Command(BaseCommand):
    help = "Run the guard: screening, escalation, notices and the auditor, without the broker."

    def handle(self, *args: Any, **options: Any) -> None:
        guard = Guard()
        signal.signal(signal.SIGTERM, guard.stop)
        signal.signal(signal.SIGINT, guard.stop)
        self.stdout.write("guard: running")
        guard.run()
        self.stdout.write("guard: stopped")
