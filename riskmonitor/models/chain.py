"""Who watches the watcher: pulses of the processes, and the auditor's latest count of what should be zero."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now


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
