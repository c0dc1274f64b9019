from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ikbt import running
from ikbt.engines import EngineError
from ikbt.env import env


class Command(BaseCommand):
    help = "Run the whole platform on this machine: engines, web, workers, beat, guards and mail sink (make run)."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--port", type=int, default=env.number("PORT", default=8000))

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            running.run(env.data_folder(), options["port"], self.say)
        except (running.RunError, EngineError) as problem:
            raise CommandError(str(problem)) from problem

    def say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
