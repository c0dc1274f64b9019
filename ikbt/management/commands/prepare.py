from __future__ import annotations

import time
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Bring the database, the programmes and the static files up to this version. Safe to run again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.step("Migrating the database", "migrate", interactive=False, verbosity=0)
        self.step("Loading the programmes", "load_programs")
        if settings.DEMO:
            self.step("Seeding the demo region", "seed_demo")
        self.step("Collecting static files", "collectstatic", interactive=False, verbosity=0)

    def step(self, what: str, command: str, **options: Any) -> None:
        """Run one command, and say what it was and how long it took."""
        began = time.monotonic()
        call_command(command, **options, stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(f"{what}: {time.monotonic() - began:.1f} s")
        self.stdout.flush()
