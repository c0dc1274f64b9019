"""Lines that patients saved for their plan ahead, from anywhere they read."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import UUID, uuid4, uuid5

from django.db import models

from programs.models.treatment import Treatment


class KeptLineSet(models.QuerySet["KeptLine"]):
    def kept(self) -> Self:
        """Lines that stand in the plan: the removed ones can be put back."""
        return self.filter(removed_at=None)


class KeptLine(models.Model):
    """One line of the plan. Its words were shown to the patient before: nothing is typed here, so nothing is screened.

    `key` is made of the treatment, where the line is from and its words (`key_of`): the same twice is one.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True)
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="kept_lines")
    part = models.CharField(max_length=20, blank=True, help_text="Field of the tool relapse_plan; empty: not sorted.")
    text = models.TextField()
    origin = models.CharField(max_length=160, help_text="answer:…, summary:…, example:…, entry:… or message:…")
    source = models.CharField(max_length=200, help_text="Where it is from, in words.")
    kept_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)

    objects = KeptLineSet.as_manager()

    class Meta:
        ordering: ClassVar = ["kept_at", "pk"]
        constraints: ClassVar = [
            models.CheckConstraint(name="kept_line_has_words", condition=~models.Q(text="")),
        ]

    class Privacy:
        clinical: ClassVar = {"text", "part"}
        plain: ClassVar = {"id", "code", "key", "treatment", "origin", "source", "kept_at", "removed_at"}

    def __str__(self) -> str:
        return f"kept line {self.code}"

    @staticmethod
    def key_of(treatment: Treatment, origin: str, text: str) -> UUID:
        """Return the key of a line: the same words from the same place are the same line."""
        return uuid5(treatment.code, f"{origin}\n{text}")
