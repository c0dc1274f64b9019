"""What was raised stands in a second place too, so that a flag that disappears is missed."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from clinics.models import Patient
from programs.models import Treatment
from riskmonitor.models.flag import KINDS, Flag


class RaisedFlagSet(models.QuerySet["RaisedFlag"]):
    def missing(self) -> Self:
        """Open flags whose row is gone, and that nobody has been told of."""
        there = Flag.objects.filter(pk=OuterRef("flag_number"))
        return self.filter(Q(is_open=True, missed_at=None), ~Exists(there))

    def to_tell(self, now: datetime) -> Self:
        """Missing ones that nobody tried to tell of, then those that could not be told and have rested."""
        rested = Q(next_attempt_at=None) | Q(next_attempt_at__lte=now)
        return self.missing().filter(rested).order_by(F("next_attempt_at").asc(nulls_first=True), "flag_number")

    def missed_since(self, since: datetime) -> Self:
        return self.filter(missed_at__gte=since)


class RaisedFlag(models.Model):
    """A counterfoil: written by the database itself with each flag (trigger), and tied to it by a number alone.

    No foreign key leads from here to the flag: whatever takes the flag away leaves this row. It is never deleted, and
    only `is_open` (which follows the flag), `missed_at` and `next_attempt_at` ever change.
    """

    flag_number = models.BigIntegerField(unique=True, help_text="The flag's primary key.")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+")
    treatment = models.ForeignKey(Treatment, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=20, choices=KINDS)
    raised_at = models.DateTimeField()
    is_open = models.BooleanField()
    missed_at = models.DateTimeField(null=True, blank=True, help_text="When the row was found to be gone.")
    next_attempt_at = models.DateTimeField(
        null=True, blank=True, help_text="When one of which nobody could be told is tried again."
    )

    objects = RaisedFlagSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # for riskmonitor.sweeps.miss_flags and the auditor
            models.Index(fields=["flag_number"], name="raised_flag_open", condition=Q(is_open=True, missed_at=None)),
            models.Index(fields=["missed_at"], name="raised_flag_missed", condition=Q(missed_at__isnull=False)),
        ]

    class Privacy:
        clinical: ClassVar = {"kind"}
        plain: ClassVar = {
            "id", "flag_number", "patient", "treatment", "raised_at", "is_open", "missed_at", "next_attempt_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"counterfoil of flag {self.flag_number}"
