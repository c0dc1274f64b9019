"""The canaries' runs: a risky message that must reach a therapist's list, again and again."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac

from messaging.models import Message
from programs.models import Treatment


class CanaryRunSet(models.QuerySet["CanaryRun"]):
    def under_way(self) -> Self:
        """The run that is neither passed nor failed; one at most."""
        return self.filter(passed_at=None, failed_at=None)

    def ended(self) -> Self:
        """Runs with an outcome, the newest first."""
        return self.exclude(passed_at=None, failed_at=None).order_by("-pk")

    def latest_begun(self) -> datetime | None:
        return self.order_by("-pk").values_list("begun_at", flat=True).first()


class CanaryRun(models.Model):
    """One message through the whole chain. `missing` names the links that had not answered when the time was out.

    `message` is empty until it has come in, through the web or else by the guard's own hand.
    """

    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="+")
    message = models.OneToOneField(Message, models.PROTECT, null=True, blank=True, related_name="+")
    begun_at = models.DateTimeField()
    web_at = models.DateTimeField(null=True, blank=True, help_text="When its message had come by the web.")
    worker_at = models.DateTimeField(null=True, blank=True, help_text="When the worker answered from its queue.")
    passed_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    missing = models.CharField(max_length=60, blank=True)

    objects = CanaryRunSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["passed_at"], condition=Q(passed_at=None, failed_at=None), nulls_distinct=False,
                name="canary_run_one_under_way",
            ),
            models.CheckConstraint(
                name="canary_run_ends_one_way",
                condition=Q(missing="", failed_at=None) | (~Q(missing="") & Q(passed_at=None, failed_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="canary_run_by_web_has_its_message", condition=Q(web_at=None) | Q(message__isnull=False)
            ),
        ]  # fmt: skip

    class Privacy:
        plain: ClassVar = {
            "id", "treatment", "message", "begun_at", "web_at", "worker_at", "passed_at", "failed_at", "missing",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"canary run {self.pk}"

    @property
    def key(self) -> UUID:
        """The message's idempotency key: the same however often the run is carried on, and to be guessed by nobody."""
        return UUID(bytes=salted_hmac("canary-run", str(self.pk), algorithm="sha256").digest()[:16])
