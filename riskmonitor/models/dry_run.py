"""The rules of a release, tried on stored answers before anybody puts them in force."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic, User
from messaging.models import Message
from programs.models import Submission, Treatment
from riskmonitor.models.flag import KINDS, URGENCIES
from riskmonitor.rules import Change, Kind


class DryRunSet(models.QuerySet["DryRun"]):
    def waiting(self) -> Self:
        return self.filter(ended_at=None, failed_at=None)

    def due(self, now: datetime, hash: str) -> Self:
        """Runs that a process with these rules may go on with. Another release cannot try what it does not have."""
        return self.waiting().filter(hash=hash, next_attempt_at__lte=now).order_by("next_attempt_at")

    def finished(self, hash: str) -> Self:
        """Runs of a rule set that came to their end, the newest first."""
        return self.filter(hash=hash, ended_at__isnull=False).order_by("-ended_at")


class DryRun(models.Model):
    """One dry run: asked for by a person, gone through by the worker in batches, which tell how far it has come.

    `hash` is the rule set that is tried, `in_force` the one that the flags were held against (empty: none was).
    `…_done` are the places that it has come to, by primary key. Looked at is what was sent within `days` before
    `asked_at` and has been screened, and then what was missing at `asked_at` in each active treatment; `unscreened`
    counts what had not been screened when the worker began, which counts first.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True, help_text="Idempotency key: a double click tries once.")
    hash = models.CharField(max_length=64)
    version = models.CharField(max_length=40)
    in_force = models.CharField(max_length=64, blank=True)
    days = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    submission_done = models.BigIntegerField(default=0)
    message_done = models.BigIntegerField(default=0)
    treatment_done = models.BigIntegerField(default=0, db_default=0)
    planned = models.PositiveIntegerField(
        null=True, help_text="How many answers, messages and treatments to look at; None until that is counted."
    )
    unscreened = models.PositiveIntegerField(null=True)
    rows = models.PositiveIntegerField(default=0, help_text="How many have been looked at.")
    next_attempt_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Of the batch that comes next.")
    ended_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    objects = DryRunSet.as_manager()

    class Meta:
        indexes: ClassVar = [  # for riskmonitor.sweeps.try_some
            models.Index(fields=["next_attempt_at"], name="dry_run_due", condition=Q(ended_at=None, failed_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(name="dry_run_ended_or_failed", condition=Q(ended_at=None) | Q(failed_at=None)),
            models.CheckConstraint(name="dry_run_looks_back", condition=Q(days__gte=1)),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "code", "key", "hash", "version", "in_force", "days", "asked_at", "asked_by", "submission_done",
            "message_done", "treatment_done", "planned", "unscreened", "rows", "next_attempt_at", "attempts",
            "ended_at", "failed_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"dry run {self.code}"


class DryRunDifference(models.Model):
    """One answer, message or treatment for which the tried rules would flag something else than what flags hold.

    Of a treatment it is what is missing: breaking off, or that this could not be told. Each may have two of a kind:
    what is dangerous goes, and something else comes.
    """

    CHANGES: ClassVar = [
        (Change.GONE, _("would no longer be flagged")),
        (Change.CALMER, _("would be less urgent")),
        (Change.CAME, _("would be flagged")),
        (Change.MORE_URGENT, _("would be more urgent")),
    ]

    dry_run = models.ForeignKey(DryRun, models.CASCADE, related_name="differences")
    submission = models.ForeignKey(Submission, models.PROTECT, null=True, blank=True, related_name="+")
    message = models.ForeignKey(Message, models.PROTECT, null=True, blank=True, related_name="+")
    treatment = models.ForeignKey(Treatment, models.PROTECT, null=True, blank=True, related_name="+")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+")
    at = models.DateTimeField(help_text="When it was sent; of a treatment, since when something is or was missing.")
    kind = models.CharField(max_length=20, choices=KINDS)
    change = models.CharField(max_length=12, choices=CHANGES)
    held = models.CharField(max_length=10, choices=URGENCIES, blank=True, help_text="As stored; empty: no flag.")
    found = models.CharField(max_length=10, choices=URGENCIES, blank=True, help_text="By the tried rules.")

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="difference_is_of_one_row",
                condition=Q(submission__isnull=False, message=None, treatment=None)
                | Q(submission=None, message__isnull=False, treatment=None)
                | Q(submission=None, message=None, treatment__isnull=False),
            ),
            models.CheckConstraint(
                name="difference_of_breaking_off_is_of_a_treatment",
                condition=Q(treatment=None) & ~Q(kind=Kind.BREAK_OFF)
                | Q(treatment__isnull=False, kind__in=[Kind.BREAK_OFF, Kind.UNSCREENABLE]),
            ),
            models.CheckConstraint(name="difference_differs", condition=~Q(held=models.F("found"))),
            models.UniqueConstraint(
                fields=["dry_run", "submission", "message", "treatment", "kind", "change"], nulls_distinct=False,
                name="difference_once_per_row_kind_and_change",
            ),
        ]  # fmt: skip

    class Privacy:
        clinical: ClassVar = {"kind", "change", "held", "found"}
        plain: ClassVar = {"id", "dry_run", "submission", "message", "treatment", "clinic", "at"}

    def __str__(self) -> str:
        return f"difference {self.pk}"
