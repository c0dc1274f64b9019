"""Where care is given. When it is open stands in opening.py."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Region(models.Model):
    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    name = models.CharField(max_length=100, unique=True)

    class Privacy:
        plain: ClassVar = {"id", "code", "name"}

    def __str__(self) -> str:
        return self.name


class ClinicSet(models.QuerySet["Clinic"]):
    def real(self) -> Self:
        """Clinics with people. Every figure, list and export that reaches beyond one clinic begins here."""
        return self.filter(is_canary=False)

    def canaries(self) -> Self:
        """The clinic of the patients who are nobody, and test the chain."""
        return self.filter(is_canary=True)


class Clinic(models.Model):
    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    region = models.ForeignKey(Region, models.PROTECT, related_name="clinics")
    name = models.CharField(max_length=100)
    phone = models.CharField(max_length=20)
    listed_patients = models.PositiveIntegerField(help_text=_("Number of people listed at the clinic."))
    is_canary = models.BooleanField(default=False, help_text="Nobody is here: it tests the chain, and counts nowhere.")

    objects = ClinicSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "name"], name="clinic_name_once_per_region"),
            models.CheckConstraint(condition=~Q(phone=""), name="clinic_has_phone"),
            models.UniqueConstraint(fields=["is_canary"], condition=Q(is_canary=True), name="clinic_of_canaries_once"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "code", "region", "name", "phone", "listed_patients", "is_canary"}

    def __str__(self) -> str:
        return self.name
