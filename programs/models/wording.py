"""A clinic's own wording of an instrument that we may not ship. Rows are never changed: a new text is a new row."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from clinics.models import Clinic, User


class WordingSet(models.QuerySet["Wording"]):
    def newest(self, clinic: Clinic) -> Self:
        """The wording that the clinic shows now: the last one loaded of each instrument and language."""
        return (
            self.filter(clinic=clinic)
            .order_by("instrument", "language", "-loaded_at", "-pk")
            .distinct("instrument", "language")
        )


class Wording(models.Model):
    """Loaded under the clinic's own licence, which `licence` names in its words."""

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="wordings")
    instrument = models.CharField(max_length=20)
    language = models.CharField(max_length=5)
    wording = models.JSONField(help_text="Window and items with options, in our numbering.")
    content_hash = models.CharField(max_length=12, help_text="Stands in the version of every form that was sent.")
    licence = models.TextField()
    loaded_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()

    objects = WordingSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["clinic", "instrument", "language", "-loaded_at"], name="wording_newest"),
            models.Index(fields=["instrument", "content_hash"], name="wording_as_sent"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(language__in=["sv", "en"]), name="wording_language_known"),
            models.CheckConstraint(condition=~Q(licence=""), name="wording_has_licence"),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "clinic", "instrument", "language", "wording", "content_hash", "licence", "loaded_by", "loaded_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"{self.instrument} {self.language} {self.content_hash}"
