"""What the therapist decides about a patient's way: checklists ticked before something opens, and changes to it."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from programs.models.treatment import Step, Treatment


class GateCheckSet(models.QuerySet["GateCheck"]):
    def holding(self) -> Self:
        """Those that have not been withdrawn."""
        return self.filter(withdrawn_at=None)


class GateCheck(models.Model):
    """A checklist that was ticked for one treatment (content guide 2.4). Withdrawn it stays, and the gate is closed.

    `items` are the lines that were ticked, as they were worded then: an edition with other lines asks anew.
    """

    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="gate_checks")
    gate = models.SlugField(max_length=60)
    items = models.JSONField(default=list)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = GateCheckSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["treatment", "gate"], condition=Q(withdrawn_at=None), name="gate_checked_once"
            ),
            models.CheckConstraint(
                name="gate_withdrawn_at_and_by",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"items"}
        plain: ClassVar = {"id", "treatment", "gate", "by", "at", "withdrawn_at", "withdrawn_by"}

    def __str__(self) -> str:
        return f"gate check {self.pk}"


class PlanChangeSet(models.QuerySet["PlanChange"]):
    def untold(self) -> Self:
        """Those that the patient has not read yet."""
        return self.filter(seen_at=None)


class PlanChange(models.Model):
    """One change to a patient's plan: what, by whom, and when the patient read of it. Of a row only `seen_at` moves.

    `about` is the id of a tool or a gate. `words` are the therapist's own, to the patient.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("Part opened")
        HIDDEN = "hidden", _("Part taken out")
        SHOWN = "shown", _("Part put back")
        REPEATED = "repeated", _("Part to do again")
        REORDERED = "reordered", _("Part at another place")
        DATE_MOVED = "date_moved", _("New date")
        TOOL_ADDED = "tool_added", _("Tool added")
        GATE_OPENED = "gate_opened", _("Checklist gone through")
        GATE_CLOSED = "gate_closed", _("Checklist taken back")
        EDITION_MOVED = "edition_moved", _("Other edition")
        WINDOW_CONFIRMED = "window_confirmed", _("Sleep times confirmed")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="plan_changes")
    kind = models.CharField(max_length=20, choices=Kind)
    step = models.ForeignKey(Step, models.PROTECT, null=True, blank=True, related_name="plan_changes")
    about = models.SlugField(max_length=60, blank=True, help_text="Id of the tool or the gate.")
    new_date = models.DateField(null=True, blank=True)
    smaller_step = models.TextField(blank=True, help_text="What the patient can do instead, in words.")
    words = models.TextField(blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True, help_text="When the patient read of it.")

    objects = PlanChangeSet.as_manager()

    class Meta:
        ordering: ClassVar = ["-at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["treatment", "-at"], name="plan_change_by_treatment")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["treatment", "about"], condition=Q(kind="tool_added"), name="tool_added_once"
            ),
            models.CheckConstraint(
                name="date_moved_has_date_and_step",
                condition=~Q(kind="date_moved") | (Q(new_date__isnull=False) & ~Q(smaller_step="")),
            ),
            models.CheckConstraint(
                name="module_change_has_step",
                condition=~Q(kind__in=["opened", "hidden", "shown", "repeated", "reordered", "date_moved"])
                | Q(step__isnull=False),
            ),
            models.CheckConstraint(
                name="tool_or_gate_change_says_which",
                condition=~Q(kind__in=["tool_added", "gate_opened", "gate_closed"]) | ~Q(about=""),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"smaller_step", "words"}
        plain: ClassVar = {"id", "code", "treatment", "kind", "step", "about", "new_date", "by", "at", "seen_at"}

    def __str__(self) -> str:
        return f"plan change {self.code}"
