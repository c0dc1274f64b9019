"""What people write: drafts that nobody reads, and submissions that are screened and read."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Patient, User
from programs.models.content import Module
from programs.models.treatment import Treatment


class DraftSet(models.QuerySet["Draft"]):
    def unscreened(self, quiet_since: datetime) -> Self:
        """Measures that have lain unsent and unchanged since then, and whose risk items nobody has looked at."""
        return self.filter(screened_at=None, is_measure=True, updated_at__lte=quiet_since).order_by("updated_at")


class Draft(models.Model):
    """Unsent words, saved as they are typed. `key` becomes the submission's, so two tabs cannot send twice."""

    owner = models.ForeignKey(User, models.CASCADE, related_name="drafts")
    treatment = models.ForeignKey(Treatment, models.CASCADE, null=True, blank=True, related_name="drafts")
    form_key = models.CharField(max_length=120, help_text="Which form: measure:phq9, page:<step>:<page>, tool:goals, …")
    key = models.UUIDField(default=uuid4, unique=True)
    data = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=0)
    updated_at = models.DateTimeField()
    is_measure = models.BooleanField(default=False)
    screened_at = models.DateTimeField(null=True, blank=True)
    audited_at = models.DateTimeField(null=True, blank=True)

    objects = DraftSet.as_manager()

    class Meta:
        indexes: ClassVar = [  # for riskmonitor.sweeps.flag_marked_draft
            models.Index(
                fields=["updated_at"], name="draft_unscreened", condition=Q(screened_at=None, is_measure=True)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "form_key"], name="draft_once_per_form"),
        ]

    class Privacy:
        clinical: ClassVar = {"data"}
        plain: ClassVar = {
            "id", "owner", "treatment", "form_key", "key", "version", "updated_at", "is_measure", "screened_at",
            "audited_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"draft {self.pk}"


class SubmissionSet(models.QuerySet["Submission"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(treatment__patient__in=Patient.objects.visible_to(user))

    def unscreened(self, now: datetime) -> Self:
        return self.filter(screened_at=None, screen_after__lte=now).order_by("screen_after")

    def measures(self) -> Self:
        return self.filter(kind=Submission.Kind.MEASURE)

    def stuck(self) -> Self:
        """Why it is slow going, as patients said; `answers["reason"]` is one of programs.treatment.stuck.reasons()."""
        return self.filter(kind=Submission.Kind.STUCK)


class Submission(models.Model):
    """One answer set, sent once (unique key) and never changed. Screened twice: items at once, all soon after.

    A tool entry that is edited is a new submission; every later version points at the first one, the newest counts.
    """

    class Kind(models.TextChoices):
        MEASURE = "measure", _("Questionnaire")
        MODULE = "module", _("Module")
        TOOL = "tool", _("Tool")
        FOLLOW_UP = "follow_up", _("Follow-up questions")
        CRISIS_PLAN = "crisisplan", _("Crisis plan")
        STUCK = "stuck", _("It is slow going")
        CALL_ME = "call_me", _("Asked to be called")
        ASKED_AGAIN = "again", _("Question asked again")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    key = models.UUIDField(unique=True, help_text="Idempotency key: the same key twice is the same answers once.")
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="submissions")
    kind = models.CharField(max_length=10, choices=Kind)
    form = models.CharField(max_length=60, help_text="Instrument id, module slug, tool id, or crisis_plan.")
    form_version = models.CharField(max_length=64, blank=True)
    module = models.ForeignKey(Module, models.PROTECT, null=True, blank=True, related_name="submissions")
    answers = models.JSONField()
    texts = models.JSONField(default=list, help_text="Free text to screen, as pairs of address and text.")
    total = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    band = models.PositiveSmallIntegerField(null=True, blank=True, help_text="Place in the bands, 0 the mildest.")
    sent_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    items_screened_at = models.DateTimeField(null=True, blank=True)
    screened_at = models.DateTimeField(null=True, blank=True)
    screen_after = models.DateTimeField()
    screen_attempts = models.PositiveSmallIntegerField(default=0)
    replaces = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="versions",
        help_text="The first version of the tool entry that this one stands in for.",
    )  # fmt: skip

    objects = SubmissionSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # for riskmonitor.sweeps.screen_one and the auditor
            models.Index(fields=["screen_after"], name="submission_unscreened", condition=Q(screened_at=None)),
            models.Index(fields=["treatment", "-sent_at"], name="submission_by_treatment"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="submission_module_has_module", condition=~Q(kind="module") | Q(module__isnull=False)
            ),
            models.CheckConstraint(name="only_tool_entries_replace", condition=Q(replaces=None) | Q(kind="tool")),
        ]

    class Privacy:
        clinical: ClassVar = {"answers", "texts", "total", "band"}
        plain: ClassVar = {
            "id", "code", "key", "treatment", "kind", "form", "form_version", "module", "sent_at", "entered_by",
            "items_screened_at", "screened_at", "screen_after", "screen_attempts", "replaces",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"submission {self.code}"
