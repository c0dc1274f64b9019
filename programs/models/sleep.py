"""The sleep windows of a treatment: what the diary gave, and what a therapist decided."""

from __future__ import annotations

from datetime import time
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import User
from programs.models.treatment import Treatment
from programs.sleep.window import bed_time


class SleepWindowSet(models.QuerySet["SleepWindow"]):
    def kept(self) -> Self:
        """Windows that the patient keeps or kept, the one that begins last first. A declined proposal is none."""
        return self.filter(minutes__isnull=False).order_by("-from_date", "-decided_at")


class SleepWindow(models.Model):
    """One decision about a proposal: a row that never changes (a trigger refuses it). Minutes; efficiency in per cent.

    `minutes`, `rise_time` and `from_date` are the window that the patient keeps, empty when the proposal was declined.
    """

    class Decision(models.TextChoices):
        CONFIRMED = "confirmed", _("Confirmed as proposed")
        CHANGED = "changed", _("Changed by the therapist")
        DECLINED = "declined", _("Declined")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True, help_text="Idempotency key: the same decision sent twice is one.")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="sleep_windows")
    decision = models.CharField(max_length=10, choices=Decision)
    rule = models.CharField(max_length=10, help_text="programs.sleep.window.Reason of the proposal.")
    nights = models.PositiveSmallIntegerField()
    mean_sleep = models.PositiveSmallIntegerField()
    mean_in_bed = models.PositiveSmallIntegerField()
    efficiency = models.DecimalField(max_digits=4, decimal_places=1)
    before_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    floor_minutes = models.PositiveSmallIntegerField()
    proposed_minutes = models.PositiveSmallIntegerField()
    drives = models.BooleanField(default=False)
    dozes = models.BooleanField(default=False)
    minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    rise_time = models.TimeField(null=True, blank=True)
    from_date = models.DateField(null=True, blank=True)  # the first night is the one to this morning
    words = models.TextField(blank=True, help_text="Why it was changed or declined, in the therapist's words.")
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, related_name="+")

    objects = SleepWindowSet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["treatment", "-decided_at"], name="sleep_window_by_treatment")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="window_whole_or_declined",
                condition=Q(decision="declined", minutes=None, rise_time=None, from_date=None)
                | (
                    ~Q(decision="declined")
                    & Q(minutes__isnull=False, rise_time__isnull=False, from_date__isnull=False)
                ),
            ),
            models.CheckConstraint(
                name="window_confirmed_as_proposed",
                condition=~Q(decision="confirmed") | Q(minutes=F("proposed_minutes")),
            ),
            models.CheckConstraint(
                name="window_change_has_reason", condition=Q(decision="confirmed") | ~Q(words="")
            ),
            models.CheckConstraint(
                name="window_never_under_floor", condition=Q(minutes=None) | Q(minutes__gte=F("floor_minutes"))
            ),
        ]  # fmt: skip

    class Privacy:
        clinical: ClassVar = {
            "decision", "rule", "nights", "mean_sleep", "mean_in_bed", "efficiency", "before_minutes", "floor_minutes",
            "proposed_minutes", "drives", "dozes", "minutes", "rise_time", "from_date", "words",
        }  # fmt: skip
        plain: ClassVar = {"id", "code", "key", "treatment", "decided_at", "decided_by"}

    def __str__(self) -> str:
        return f"sleep window {self.code}"

    @property
    def bed(self) -> time:
        """Return from when the patient may go to bed."""
        if self.rise_time is None or self.minutes is None:
            raise ValueError(self.decision)
        return time.fromisoformat(bed_time(f"{self.rise_time:%H:%M}", self.minutes))
