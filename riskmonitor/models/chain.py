"""Who watches the watcher: pulses of the processes, and the auditor's latest count of what should be zero."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from clinics.models import Clinic


class Heartbeat(models.Model):
    """The last sign of life of one process. The time is the database's, so that clocks cannot disagree."""

    process = models.CharField(max_length=40, unique=True)
    version = models.CharField(max_length=40)
    refuses = models.CharField(max_length=20, blank=True, help_text="Why it does not screen; empty: it does.")
    beat_at = models.DateTimeField(db_default=Now())

    class Privacy:
        plain: ClassVar = {"id", "process", "version", "refuses", "beat_at"}

    def __str__(self) -> str:
        return self.process


class CoverCheck(models.Model):
    """When a clinic was last looked at for gaps in cover, and how many of its patients could not be: one row each."""

    clinic = models.OneToOneField(Clinic, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField()
    failed = models.PositiveIntegerField(help_text="1 where the clinic as a whole could not be looked at.")

    class Privacy:
        plain: ClassVar = {"id", "clinic", "checked_at", "failed"}

    def __str__(self) -> str:
        return f"cover of clinic {self.clinic_id}"


class ChainCheck(models.Model):
    """One finding of the auditor: a thing that should be zero and is not. No row: all is well."""

    problem = models.CharField(max_length=40, unique=True)
    count = models.PositiveIntegerField()
    since = models.DateTimeField()
    checked_at = models.DateTimeField()

    class Privacy:
        plain: ClassVar = {"id", "problem", "count", "since", "checked_at"}

    def __str__(self) -> str:
        return f"{self.problem}: {self.count}"
