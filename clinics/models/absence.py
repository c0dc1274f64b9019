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


def not_over(at: datetime, absence: str = "") -> Q:
    """Return the condition that an absence ends after the moment, or is without an end; `absence` is the way to it."""
    return Q(**{f"{absence}ends_at": None}) | Q(**{f"{absence}ends_at__gt": at})


class AbsenceSet(models.QuerySet["Absence"]):
    def kept(self) -> Self:
        return self.filter(cancelled_at=None)

    def not_over(self, at: datetime) -> Self:
        return self.kept().filter(not_over(at))

    def ongoing(self, now: datetime) -> Self:
        return self.not_over(now).filter(starts_at__lte=now)

    def of_members(self, clinics: Iterable[Clinic]) -> Self:
        """Absences of people who work at the clinics."""
        return self.filter(user__memberships__clinic__in=clinics, user__memberships__ended_at=None).distinct()

    def overlapping(self, start: datetime, end: datetime) -> Self:
        return self.not_over(start).filter(starts_at__lt=end)


class Absence(models.Model):
    """Away from `starts_at` up to, not including, `ends_at`. Coming back early moves `ends_at`.

    Nobody reports that somebody is silent: the system does, without an end, and the person's sign-in ends it.
    """

    class Kind(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ILL = "ill", _("Ill")
        SILENT = "silent", _("Not seen while something waited")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.ForeignKey("clinics.User", models.PROTECT, related_name="absences")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PLANNED)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey("clinics.User", models.PROTECT, null=True, blank=True, related_name="+")
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancelled_by = models.ForeignKey("clinics.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = AbsenceSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "ends_at"], name="absence_kept_by_user", condition=Q(cancelled_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="absence_forward"),
            models.CheckConstraint(
                name="absence_without_end_or_author_is_silence",
                condition=Q(kind="silent", created_by=None, created_at=F("starts_at"))
                | (~Q(kind="silent") & Q(ends_at__isnull=False, created_by__isnull=False)),
            ),
            models.UniqueConstraint(fields=["user"], condition=Q(ends_at=None), name="one_silence_at_a_time"),
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

    def is_over(self, now: datetime) -> bool:
        """Say whether nothing of it is left: it has ended, or was cancelled before it began."""
        return self.cancelled_at is not None or (self.ends_at is not None and self.ends_at <= now)


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
