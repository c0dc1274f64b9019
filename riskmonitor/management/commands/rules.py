"""manage.py rules: which rules this release has, whether they are in force, and how two people put them in force."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from clinics.models import User
from riskmonitor.actions import ActivationRefused, activate_rules, propose_rules
from riskmonitor.in_force import Fault, fault_of_rules
from riskmonitor.models import RuleActivation
from riskmonitor.rules import RULES_VERSION, rule_set_hash
from riskmonitor.rules.self_test import failed_trials


class Command(BaseCommand):
    """`show` ends with 1 when the rules are not in force, so that a deploy can stop there."""

    help = "Show, propose or activate the rules of this release. Who proposes cannot activate."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["show", "propose", "activate"])
        parser.add_argument("--by", help="The e-mail address of who proposes or activates.")
        parser.add_argument("--reason", default="", help="What has changed and why; for propose.")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["what"] == "show":
            return self._show()
        by = User.objects.filter(email__iexact=options["by"] or "", is_active=True).first()
        if by is None:
            raise CommandError("--by must be the e-mail address of an active person here.")
        try:
            if options["what"] == "propose":
                propose_rules(reason=options["reason"], by=by, now=timezone.now())
                self.stdout.write("Proposed. Another person activates: manage.py rules activate --by …")
            else:
                activate_rules(by=by, now=timezone.now())
                self.stdout.write("In force. What was not screened meanwhile is screened now.")
        except ActivationRefused as refusal:
            raise CommandError(str(refusal)) from refusal

    def _show(self) -> None:
        self.stdout.write(f"Rules of this release: version {RULES_VERSION}, {rule_set_hash()}")
        for row in RuleActivation.objects.newest_first()[:5]:
            who = f"{row.proposed_by} and {row.activated_by}" if row.activated_by else "the system"
            self.stdout.write(f"In force from {row.activated_at:%Y-%m-%d %H.%M} UTC: {row.hash} by {who}. {row.reason}")
        match fault_of_rules():
            case Fault.SELF_TEST:
                raise CommandError(f"The rules fail their self test: {', '.join(failed_trials())}.")
            case Fault.NOT_ACTIVATED:
                raise CommandError("The rules of this release are not in force: nothing is screened.")
            case None:
                self.stdout.write("They are in force, and pass their self test.")
