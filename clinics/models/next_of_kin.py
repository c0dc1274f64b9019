"""Whom the clinic may contact beside the patient: with the patient's consent, dated, and until it is withdrawn."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q

from clinics.models.patients import Patient
from clinics.models.people import User


class NextOfKinSet(models.QuerySet["NextOfKin"]):
    def with_consent(self) -> Self:
        """Those whom the clinic may contact now."""
        return self.filter(withdrawn_at=None)


class NextOfKin(models.Model):
    """One person and one consent. Another person, or another number, is a new row; at most one holds for a patient.

    `given_by` wrote it down: the patient, or staff together with the patient. Secrecy towards next of kin is lifted
    only by the patient (offentlighets- och sekretesslagen 2009:400, 10 kap. 1 § and 25 kap. 1 §).
    """

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="next_of_kin")
    name = models.CharField(max_length=120)
    relation = models.CharField(max_length=60, blank=True)
    phone = models.CharField(max_length=40)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = NextOfKinSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(withdrawn_at=None), name="one_next_of_kin_with_consent"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(phone=""), name="next_of_kin_can_be_rung"),
            models.CheckConstraint(
                name="next_of_kin_withdrawn_at_and_by",
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__gte=F("given_at"), withdrawn_by__isnull=False),
            ),
        ]

    class Privacy:
        identifying: ClassVar = {"name", "relation", "phone"}
        plain: ClassVar = {"id", "patient", "given_at", "given_by", "withdrawn_at", "withdrawn_by"}

    def __str__(self) -> str:
        return f"next of kin {self.pk}"
