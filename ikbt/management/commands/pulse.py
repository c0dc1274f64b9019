from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from riskmonitor.watch.chain import PROCESSES, read_chain


class Command(BaseCommand):
    help = "Say whether a background process has been heard of lately; exit code 1 if it is missed (health checks)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("process", choices=PROCESSES)

    def handle(self, *_args: Any, **options: Any) -> None:
        name, chain = options["process"], read_chain()
        age = chain.ages[name]
        heard = "never" if age is None else f"{age:.0f} s ago"
        if name in chain.silent:
            raise CommandError(f"{name} is missed: heard of {heard}.")
        self.stdout.write(f"{name} was heard of {heard}.")
