"""Which rule set is in force, who proposed it and who put it in force. Rows are never changed or deleted (trigger)."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from clinics.models import User
from riskmonitor.models.dry_run import DryRun


class RuleProposal(models.Model):
    """Somebody has looked at a changed rule set and wants it in force. Another person decides.

    `dry_run` is the dry run that the proposal rests on. Proposals from before there were dry runs have none.
    """

    hash = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    reason = models.TextField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    dry_run = models.ForeignKey(DryRun, models.PROTECT, null=True, related_name="proposals")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="rule_proposal_says_why"),
            models.CheckConstraint(condition=Q(dry_run__isnull=False), name="rule_proposal_was_tried"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "hash", "version", "reason", "proposed_at", "proposed_by", "dry_run"}

    def __str__(self) -> str:
        return f"proposal {self.hash[:12]}"


class RuleActivationSet(models.QuerySet["RuleActivation"]):
    def newest_first(self) -> Self:
        """The rows in the order of their making, which no clock decides. The first is what is in force."""
        return self.order_by("-pk")

    def in_force(self) -> RuleActivation | None:
        return self.newest_first().first()


class RuleActivation(models.Model):
    """A rule set was put in force: by two people, or by the system where no set ever was."""

    hash = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    reason = models.TextField()
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    activated_at = models.DateTimeField()
    activated_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = RuleActivationSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(reason=""), name="rule_activation_says_why"),
            models.CheckConstraint(
                name="rule_activation_has_four_eyes_or_none",
                condition=Q(proposed_at=None, proposed_by=None, activated_at__isnull=False, activated_by=None)
                | (
                    Q(proposed_at__isnull=False, proposed_by__isnull=False, activated_by__isnull=False)
                    & ~Q(proposed_by=F("activated_by"))
                ),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "hash", "version", "reason", "proposed_at", "proposed_by", "activated_at", "activated_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"activation {self.hash[:12]}"
