"""A structured interview about suicidal thoughts that staff have held, in the words that the clinic had loaded."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from riskmonitor.models.trail import FlagEvent


class Interview(models.Model):
    """What the patient answered, question by question. Never changed, never deleted (trigger): a new one is held.

    Its event in the flag's history says who wrote it down and when. A question that was not asked has no answer, and
    that is never a no. Nothing is counted, no rule reads it, and no flag moves by it.
    """

    event = models.OneToOneField(FlagEvent, models.PROTECT, related_name="interview")
    key = models.UUIDField(unique=True, help_text="Of the form: a second press stores nothing new.")
    instrument = models.CharField(max_length=20)
    version = models.CharField(max_length=64, help_text="Of the structure and of the clinic's wording.")
    answers = models.JSONField(help_text="Question to value; only those that were asked.")
    held_at = models.DateTimeField(help_text="When the patient was asked.")

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=~Q(answers={}), name="interview_has_an_answer")]

    class Privacy:
        clinical: ClassVar = {"answers"}
        plain: ClassVar = {"id", "event", "key", "instrument", "version", "held_at"}

    def __str__(self) -> str:
        return f"interview {self.pk}"
