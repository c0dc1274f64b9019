"""manage.py publish_program <slug> --by <e-mail>: check, load and publish a reviewed programme, in one transaction.

This is all it takes to launch a programme that lies ready in a folder, such as the one for a public crisis.
"""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from clinics.access import Permission, permissions_of
from clinics.models import User
from programs.actions import LoadRefused, PublishRefused, load_library, publish
from programs.library_format.faults import texts
from programs.library_format.report import UnknownProgramme
from programs.models import Revision
from programs.shipped import LIBRARY

WORDS = texts()  # Swedish, like all that authors read


class Command(BaseCommand):
    """All or nothing. A second time it changes nothing but what crisis.yaml says."""

    help = WORDS["publish.help"]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help=WORDS["publish.slug"])
        parser.add_argument("--by", required=True, help=WORDS["publish.by"])
        parser.add_argument("--library", type=Path, default=LIBRARY, help=WORDS["command.library"])

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        slug, library = options["slug"], options["library"]
        author = User.objects.filter(email__iexact=options["by"]).first()
        if author is None or Permission.EDIT_PROGRAM not in permissions_of(author):
            raise CommandError(WORDS["publish.nobody"].format(email=options["by"]))
        now, key = timezone.now(), "publish.already"
        try:
            ((revision, _new),) = load_library(library=library, slugs=[slug], now=now)
            if revision.status != Revision.Status.PUBLISHED:
                publish(revision=revision, by=author, now=now)
                key = "publish.done"
        except UnknownProgramme as unknown:
            raise CommandError(WORDS["command.unknown"].format(name=unknown, library=library)) from unknown
        except (LoadRefused, PublishRefused) as refused:
            raise CommandError(f"{WORDS['publish.refused']}\n{refused}") from refused
        self.stdout.write(WORDS[key].format(slug=slug, edition=revision.edition))
