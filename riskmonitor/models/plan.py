"""A clinic's own escalation plans. Each save is a row; none is ever changed or deleted (trigger)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from clinics.models import Clinic, User
from riskmonitor.escalation.plan_rules import Scope
from riskmonitor.models.flag import KINDS, URGENCIES


class EscalationPlanSet(models.QuerySet["EscalationPlan"]):
    def of(self, clinic: Clinic, scope: Scope) -> Self:
        """The versions of one plan, the newest first."""
        return self.filter(clinic=clinic, kind=scope.kind or "", urgency=scope.urgency).order_by("-version")

    def in_force(self, clinic: Clinic, scope: Scope, at: datetime) -> EscalationPlan | None:
        """Return the version that counted at the moment, None where the default did."""
        return self.of(clinic, scope).filter(saved_at__lte=at).first()

    def latest_of(self, clinics: Sequence[Clinic]) -> dict[tuple[int, str, str], EscalationPlan]:
        """Return the newest version of each plan, by the clinic's pk, kind and urgency. One query."""
        found = self.filter(clinic__in=clinics).order_by("clinic", "kind", "urgency", "-version")
        return {(each.clinic_id, each.kind, each.urgency): each for each in found.distinct("clinic", "kind", "urgency")}


class EscalationPlan(models.Model):
    """One version of the steps for flags of one urgency at one clinic. `steps` as in `plan_rules.written`."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="escalation_plans")
    kind = models.CharField(max_length=20, choices=KINDS, blank=True, help_text="Empty: every kind without its own.")
    urgency = models.CharField(max_length=10, choices=URGENCIES)
    version = models.PositiveIntegerField()
    steps = models.JSONField()
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = EscalationPlanSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "kind", "urgency", "version"], name="plan_version_once"),
            models.CheckConstraint(condition=~Q(steps=[]), name="plan_not_empty"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "clinic", "kind", "urgency", "version", "steps", "saved_at", "saved_by"}

    def __str__(self) -> str:
        return f"plan {self.clinic_id} {self.kind or 'any'} {self.urgency} v{self.version}"
