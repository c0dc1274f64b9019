"""What an absent therapist leaves to whoever stands in, beside the facts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from clinics.models import User
from programs.models.treatment import Treatment


class HandoverNote(models.Model):
    """The therapist's own words about one patient, for colleagues. A new text is a new row; the newest counts."""

    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="handover_notes")
    text = models.TextField()
    written_at = models.DateTimeField()
    written_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-written_at", "-pk"]
        indexes: ClassVar = [models.Index(fields=["treatment", "-written_at"], name="handover_note_by_treatment")]
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(text=""), name="handover_note_not_empty")]

    class Privacy:
        clinical: ClassVar = {"text"}
        plain: ClassVar = {"id", "treatment", "written_at", "written_by"}

    def __str__(self) -> str:
        return f"handover note {self.pk}"
