"""What patient and therapist write to each other."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q

from clinics.models import Patient, User
from programs.models import Treatment


class MessageSet(models.QuerySet["Message"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(treatment__patient__in=Patient.objects.visible_to(user))

    def unread_by_staff(self) -> Self:
        return self.filter(from_patient=True, read_at=None)

    def unscreened(self, now: datetime) -> Self:
        return self.filter(from_patient=True, screened_at=None, screen_after__lte=now).order_by("screen_after")


class Message(models.Model):
    """One message, sent once (unique key) and never changed."""

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True)
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="messages")
    author = models.ForeignKey(User, models.PROTECT, related_name="+")
    from_patient = models.BooleanField()
    text = models.TextField()
    sent_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    read_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    screened_at = models.DateTimeField(null=True, blank=True)
    screen_after = models.DateTimeField()
    screen_attempts = models.PositiveSmallIntegerField(default=0)

    objects = MessageSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["treatment", "sent_at"], name="message_by_treatment"),
            models.Index(fields=["treatment"], name="message_unread", condition=Q(read_at=None)),
            # for riskmonitor.sweeps.screen_one and the auditor
            models.Index(
                fields=["screen_after"],
                name="message_unscreened",
                condition=Q(screened_at=None, from_patient=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="message_read_at_and_by",
                condition=Q(read_at=None, read_by=None) | Q(read_at__isnull=False, read_by__isnull=False),
            ),
            models.CheckConstraint(condition=~Q(text=""), name="message_not_empty"),
        ]

    class Privacy:
        clinical: ClassVar = {"text"}
        plain: ClassVar = {
            "id", "code", "key", "treatment", "author", "from_patient", "sent_at", "read_at", "read_by",
            "screened_at", "screen_after", "screen_attempts",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"message {self.code}"
