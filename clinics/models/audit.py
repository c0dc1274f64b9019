"""The audit log: who did what with whose data, and when. Append-only by a trigger in the database."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class AuditEvent(models.Model):
    """One row. No foreign keys: the log outlives live data (HSLF-FS 2016:40 4 kap. 9 §)."""

    at = models.DateTimeField()
    actor = models.UUIDField(null=True, help_text="The user's code; null when a named job of the system acted.")
    job = models.CharField(max_length=40, blank=True)
    did = models.CharField(max_length=20)
    what = models.CharField(max_length=80, help_text="Kind and code of the thing, such as treatment:<code>.")
    patient = models.UUIDField(null=True)
    clinic = models.UUIDField(null=True)
    why = models.TextField(blank=True)
    request = models.CharField(max_length=40, blank=True, help_text="Correlation id.")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["patient", "at"], name="audit_by_patient"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="audit_has_actor_or_job",
                condition=models.Q(actor__isnull=False, job="") | (models.Q(actor=None) & ~models.Q(job="")),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"why"}
        plain: ClassVar = {"id", "at", "actor", "job", "did", "what", "patient", "clinic", "request"}

    def __str__(self) -> str:
        return f"{self.did} {self.what}"
