"""The nightly look back: everything of 14 days is screened again, and nothing new may be found."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Rescan(models.Model):
    """One night's look back. `…_done` are the places that it has come to, by primary key.

    `newly_found` are rows in which rules that came into force since the last whole look back found more than those
    before them: what two people have decided, and no fault.
    """

    night = models.DateField(unique=True)
    begun_at = models.DateTimeField()
    submission_done = models.BigIntegerField()
    message_done = models.BigIntegerField()
    rows = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0, help_text="Rows with a finding that no flag held.")
    newly_found = models.PositiveIntegerField(default=0, help_text="Rows in which newer rules found more.")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        plain: ClassVar = {
            "id",
            "night",
            "begun_at",
            "submission_done",
            "message_done",
            "rows",
            "lost",
            "newly_found",
            "ended_at",
        }

    def __str__(self) -> str:
        return f"rescan {self.night}"
