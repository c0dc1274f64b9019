"""When a clinic is open: its weeks, its seasons, its single days, and every change to them."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Self

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from clinics.models.organisation import Clinic


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class WeeklyInterval(models.Model):
    """One interval in which something is open on a weekday."""

    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        abstract = True
        ordering: ClassVar = ["weekday", "opens"]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.opens:%H.%M}-{self.closes:%H.%M}"


class OpeningHours(WeeklyInterval):
    """One opening interval of a weekday; a clinic that closes for lunch has two."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="opening_hours")

    class Meta(WeeklyInterval.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "weekday", "opens"], name="opening_hours_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="opening_hours_forward"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "clinic", "weekday", "opens", "closes"}


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


class SeasonSet(models.QuerySet["Season"]):
    def ahead(self, today: date) -> Self:
        """Those that have not ended, the first one first."""
        return self.filter(last_day__gte=today).order_by("first_day")


class Season(models.Model):
    """Days with other weekly hours than usual, the first and the last included. No hours at all: closed throughout."""

    clinic = models.ForeignKey(Clinic, models.CASCADE, related_name="seasons")
    first_day = models.DateField()
    last_day = models.DateField()

    objects = SeasonSet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(last_day__gte=F("first_day")), name="season_forward"),
            ExclusionConstraint(  # ranges on both sides, so that no extension of PostgreSQL is needed
                name="seasons_of_a_clinic_do_not_overlap",
                expressions=[
                    (
                        Func(F("clinic"), F("clinic"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("first_day"), F("last_day"), RangeBoundary(inclusive_upper=True),
                            function="daterange", output_field=DateRangeField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]  # fmt: skip

    class Privacy:
        plain: ClassVar = {"id", "clinic", "first_day", "last_day"}

    def __str__(self) -> str:
        return f"{self.first_day}-{self.last_day}"


class SeasonHours(WeeklyInterval):
    """One opening interval of a weekday in a season."""

    season = models.ForeignKey(Season, models.CASCADE, related_name="hours")

    class Meta(WeeklyInterval.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["season", "weekday", "opens"], name="season_hours_once"),
            models.CheckConstraint(condition=Q(closes__gt=F("opens")), name="season_hours_forward"),
        ]

    class Privacy:
        plain: ClassVar = {"id", "season", "weekday", "opens", "closes"}


class HoursChange(models.Model):
    """One change to when the clinic is open. Never changed, never deleted (trigger).

    `before` and `after` are intervals `[weekday, "08:00", "17:00"]` of the days that it is about (0 for a single day);
    null where the clinic had, or has, nothing of its own for them. No days: the weeks of the year.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="hours_changes")
    first_day = models.DateField(null=True)
    last_day = models.DateField(null=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey("clinics.User", models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["-saved_at", "-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="hours_change_of_days_or_of_weeks",
                condition=Q(first_day=None, last_day=None) | Q(first_day__isnull=False, last_day__gte=F("first_day")),
            ),
        ]

    class Privacy:
        plain: ClassVar = {"id", "clinic", "first_day", "last_day", "before", "after", "saved_at", "saved_by"}

    def __str__(self) -> str:
        return f"hours of {self.clinic_id} at {self.saved_at:%Y-%m-%d %H.%M}"
