"""manage.py new_vapid_key: print a new key for web push."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from messaging.vapid import new_private_key


class Command(BaseCommand):
    """Prints one line, for VAPID_PRIVATE_KEY. Never uses a database. Each call prints another key."""

    help = "Print a new private key for web push. With a new key everybody must switch notices on again."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        self.stdout.write(new_private_key())
