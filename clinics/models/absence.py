"""When a clinician is away, and who stands in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.organisation import Clinic


class AbsenceSet(models.QuerySet["Absence"]):
    def kept(self) -> Self:
        return self.filter(cancelled_at=None)

    def ongoing(self, now: datetime) -> Self:
        return self.kept().filter(starts_at__lte=now, ends_at__gt=now)

    def of_members(self, clinics: Iterable[Clinic]) -> Self:
        """Absences of people who work at the clinics."""
        return self.filter(user__memberships__clinic__in=clinics, user__memberships__ended_at=None).distinct()

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.kept().filter(starts_at__lt=end, ends_at__gt=start)


class Absence(models.Model):
    """Away from `starts_at` up to, not including, `ends_at`. Coming back early moves `ends_at`."""

    class Kind(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ILL = "ill", _("Ill")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("clinics.User", models.PROTECT, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("clinics.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = AbsenceSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "ends_at"], name="absence_kept_by_user", condition=Q(cancelled_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gte=F("starts_at")), name="absence_forward"),
            models.CheckConstraint(
                name="absence_cancelled_at_and_by",
                condition=Q(cancelled_at=None, cancelled_by=None)
                | Q(cancelled_at__isnull=False, cancelled_by__isnull=False),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "code", "user", "kind", "starts_at", "ends_at",
            "created_at", "created_by", "cancelled_at", "cancelled_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"absence {self.code}"


class Cover(models.Model):
    """The person who stands in for one assignment during one absence, where it is not the named substitute."""

    absence = models.ForeignKey(Absence, models.CASCADE, related_name="covers")
    assignment = models.ForeignKey("clinics.CareAssignment", models.PROTECT, related_name="covers")
    stand_in = models.ForeignKey("clinics.User", models.PROTECT, related_name="covers")

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["absence", "assignment"], name="one_stand_in_per_absence"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "absence", "assignment", "stand_in"}

    def __str__(self) -> str:
        return f"cover {self.pk}"
