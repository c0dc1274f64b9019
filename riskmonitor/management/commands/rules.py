"""manage.py rules: which rules this release has, whether they are in force, and what they would flag otherwise."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.db.models import Count
from django.utils import timezone

from clinics.models import User
from riskmonitor.actions import order_dry_run
from riskmonitor.actions.trying import DAYS
from riskmonitor.activation.deciding import too_few_to_decide
from riskmonitor.activation.in_force import Fault, fault_of_rules
from riskmonitor.models import DryRun, RuleActivation
from riskmonitor.rules import RULES_VERSION, rule_set_hash
from riskmonitor.rules.self_test import failed_trials
from riskmonitor.sweeps import try_some

BY_TERMINAL = "asked for in a terminal, which does not ask who sits at it"


class Command(BaseCommand):
    """`show` ends with 1 when the rules are not in force, so that a deploy can stop there.

    A terminal does not know who sits at it, so nothing is decided here: two people do that on the page, signed in.
    """

    help = "Show the rules of this release, or try them on stored answers. Two people put them in force on the page."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["show", "try"])
        parser.add_argument("--by", help="For try: the e-mail address of the person for whom you try them.")
        parser.add_argument("--days", type=int, choices=DAYS, default=14, help="How far back to try; default 14.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "show":
            return self._show()
        by = User.objects.filter(email__iexact=options["by"] or "", is_active=True).first()
        if by is None:
            raise CommandError("--by must be the e-mail address of an active person here.")
        self._try(by, options["days"])

    def _try(self, by: User, days: int) -> None:
        """Try the rules here and now, without the worker, and say what would differ."""
        dry_run = order_dry_run(days=days, key=uuid4(), by=by, now=timezone.now(), why=BY_TERMINAL)
        while DryRun.objects.waiting().filter(pk=dry_run.pk).exists():
            if not try_some(timezone.now()):
                time.sleep(1)  # the worker has it, or its lease
        dry_run.refresh_from_db()
        if dry_run.failed_at:
            raise CommandError("The dry run failed three times. Read the log for dry_run.batch_failed.")
        self.stdout.write(f"Looked at {dry_run.rows} answers, messages and treatments, {dry_run.days} days back.")
        differing = dry_run.differences.values_list("kind", "change").annotate(count=Count("pk"))
        for kind, change, count in differing.order_by("change", "kind"):
            self.stdout.write(f"{change} {kind}: {count}")
        if not differing:
            self.stdout.write("Nothing would differ.")

    def _show(self) -> None:
        self.stdout.write(f"Rules of this release: version {RULES_VERSION}, {rule_set_hash()}")
        for row in RuleActivation.objects.newest_first()[:5]:
            who = f"{row.proposed_by} and {row.activated_by}" if row.activated_by else "the system"
            self.stdout.write(f"In force from {row.activated_at:%Y-%m-%d %H.%M} UTC: {row.hash} by {who}. {row.reason}")
        if said := too_few_to_decide():
            self.stdout.write(said)
        match fault_of_rules():
            case Fault.SELF_TEST:
                raise CommandError(f"The rules fail their self test: {', '.join(failed_trials())}.")
            case Fault.NOT_ACTIVATED:
                raise CommandError(
                    "The rules of this release are not in force: nothing is screened. Two people decide, on the page."
                )
            case None:
                self.stdout.write("They are in force, and pass their self test.")
