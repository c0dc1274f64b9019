from __future__ import annotations

import hashlib
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils import timezone

from riskmonitor.actions import activate_shipped, prepare_canaries


def fingerprint() -> str:
    """Return what tells one state of the source's static files from another: their places, sizes and times."""
    seen = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            about = Path(storage.path(name)).stat()
            seen.update(f"{name} {about.st_size} {about.st_mtime_ns}\n".encode())
    return seen.hexdigest()


class Command(BaseCommand):
    help = "Bring the database, the programmes and the static files up to this version. Safe to run again."

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.step("Migrating the database", "migrate", interactive=False, verbosity=0)
        if activate_shipped(now=timezone.now(), demo=settings.DEMO):
            self.stdout.write("Put the rules of this release in force")
        self.step("Loading the programmes", "load_programs")
        if settings.DEMO:
            self.step("Seeding the demo region", "seed_demo")
        if settings.CANARY_SECONDS and prepare_canaries(now=timezone.now()):
            self.stdout.write("Made the canaries")
        seen, collected = fingerprint(), settings.STATIC_ROOT / ".collected"
        if not collected.is_file() or collected.read_text() != seen:
            self.step("Collecting static files", "collectstatic", interactive=False, verbosity=0)
            collected.write_text(seen)

    def step(self, what: str, command: str, **options: Any) -> None:
        """Run one command, and say what it was and how long it took."""
        began = time.monotonic()
        call_command(command, **options, stdout=self.stdout, stderr=self.stderr)
        self.stdout.write(f"{what}: {time.monotonic() - began:.1f} s")
        self.stdout.flush()
