"""manage.py check_translations: say which texts have no Swedish, and which Swedish has no text."""

from __future__ import annotations

from typing import Any

from babel.messages.pofile import PoFileError
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from ikbt.translations import gaps, read_catalogue, texts_used


class Command(BaseCommand):
    """Prints one line for each gap; ends with 1 when there is one. Never uses a database."""

    help = "Check that each text has a translation with the same placeholders, and that none is left over."
    requires_system_checks: list[str] = []

    def handle(self, *_args: Any, **_options: Any) -> None:
        used = texts_used(settings.BASE_DIR)
        count = 0
        for path in sorted(path for folder in settings.LOCALE_PATHS for path in folder.glob("*/LC_MESSAGES/django.po")):
            try:
                found = gaps(used, read_catalogue(path))
            except PoFileError as problem:
                raise CommandError(f"{path}: {problem}") from problem
            count += len(found)
            for gap in found:
                self.stdout.write(f"{path.parent.parent.name}: {gap}")
        self.stdout.write(f"{len(used)} texts, {count} gaps")
        if count:
            raise SystemExit(1)
