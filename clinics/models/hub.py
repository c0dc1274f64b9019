"""Clinics that help out another one which has few of its own: agreed by both, dated, and ended by either."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from clinics.models.organisation import Clinic
from clinics.models.people import User


class HubAgreementSet(models.QuerySet["HubAgreement"]):
    def of(self, clinics: Iterable[Clinic]) -> Self:
        """Those in which one of the clinics asks or helps."""
        held = list(clinics)
        return self.filter(Q(needs__in=held) | Q(hub__in=held))

    def standing(self, now: datetime) -> Self:
        """Those that are asked for or agreed, and not over."""
        return self.filter(ended_at=None, ends_at__gt=now)

    def coming(self, now: datetime) -> Self:
        """Those that are agreed and hold, or will."""
        return self.standing(now).filter(agreed_at__isnull=False)

    def in_force(self, now: datetime) -> Self:
        return self.coming(now).filter(starts_at__lte=now)

    def has_hub(self, clinic: Clinic, now: datetime) -> bool:
        """Say whether the clinic has a hub now."""
        return self.in_force(now).filter(needs=clinic).exists()


class HubAgreement(models.Model):
    """The therapists of `hub` help out at `needs`, from `starts_at` until before `ends_at` or `ended_at`.

    The lead of the clinic that needs it asks, the lead of the other agrees: two people. A row is never used again.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    needs = models.ForeignKey(Clinic, models.PROTECT, related_name="hubs")
    hub = models.ForeignKey(Clinic, models.PROTECT, related_name="helped")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    agreed_at = models.DateTimeField(null=True, blank=True)
    agreed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = HubAgreementSet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["needs", "hub"], name="hub_not_ended", condition=Q(ended_at=None))]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(needs=F("hub")), name="hub_is_another_clinic"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="hub_forward"),
            models.CheckConstraint(
                name="hub_agreed_at_and_by_another",
                condition=Q(agreed_at=None, agreed_by=None)
                | (Q(agreed_at__isnull=False, agreed_by__isnull=False) & ~Q(agreed_by=F("asked_by"))),
            ),
            models.CheckConstraint(
                name="hub_ended_at_and_by",
                condition=Q(ended_at=None, ended_by=None) | Q(ended_at__isnull=False, ended_by__isnull=False),
            ),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "code", "needs", "hub", "starts_at", "ends_at", "asked_at", "asked_by", "agreed_at", "agreed_by",
            "ended_at", "ended_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"hub agreement {self.code}"
