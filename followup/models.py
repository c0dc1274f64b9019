"""Reports that the worker makes."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Patient, User
from programs.models import Treatment


class ReportSet(models.QuerySet["Report"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(treatment__patient__in=Patient.objects.visible_to(user))

    def due(self, now: datetime) -> Self:
        return self.filter(made_at=None, failed_at=None, next_attempt_at__lte=now).order_by("next_attempt_at")


class Report(models.Model):
    """A file about one treatment: asked for, then made by the worker. It lives in the row.

    A patient orders the workbooks and the own data, staff the summary and the workbooks.
    """

    class Kind(models.TextChoices):
        SUMMARY = "summary", _("Treatment summary")
        WORKBOOK = "workbook", _("Workbook to write in")
        FILLED = "filled", _("Workbook with the answers")
        OWN_DATA = "own_data", _("All own data")

    class Stage(models.TextChoices):
        WAITING = "waiting", _("Waiting for its turn")
        COLLECTING = "collecting", _("Collecting what it shall hold")
        DRAWING = "drawing", _("Drawing pages")
        DONE = "done", _("Done")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True, help_text="Idempotency key: a double click orders one report.")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="reports")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SUMMARY)
    language = models.CharField(max_length=5, default="sv")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=12, choices=Stage, default=Stage.WAITING)
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=200, blank=True)
    file = models.BinaryField(null=True)

    objects = ReportSet.as_manager()

    class Meta:
        indexes: ClassVar = [  # for followup.sweeps.make_one
            models.Index(fields=["next_attempt_at"], name="report_due", condition=Q(made_at=None, failed_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="report_made_has_file",
                condition=Q(made_at=None, file=None) | Q(made_at__isnull=False, file__isnull=False),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"file"}
        plain: ClassVar = {
            "id", "code", "key", "treatment", "kind", "language", "asked_at", "asked_by", "stage", "next_attempt_at",
            "attempts", "made_at", "failed_at", "last_error",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"report {self.code}"
