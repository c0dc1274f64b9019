"""Where care is given, and when it is open."""

from __future__ import annotations

from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
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


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class OpeningHours(models.Model):
    """One opening interval of a weekday; a clinic that closes for lunch has two."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="opening_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        ordering: ClassVar = ["weekday", "opens"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="opening_hours_forward"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "clinic", "weekday", "opens", "closes"}

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H.%M}-{self.closes:%H.%M}"


class ClosingDay(models.Model):
    """A day with other hours than its weekday: closed, or open in one shorter interval."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="closing_days")
    day = models.DateField()
    opens = models.TimeField(null=True, blank=True)
    closes = models.TimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "day"], name="closing_day_once"),
            models.CheckConstraint(
                name="closing_day_closed_or_forward",
                condition=Q(opens=None, closes=None) | Q(opens__isnull=False, closes__gt=F("opens")),
            ),
        ]

    class Privacy:
        plain: ClassVar = {"id", "clinic", "day", "opens", "closes"}

    def __str__(self) -> str:
        return f"{self.clinic} {self.day}"
