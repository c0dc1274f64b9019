"""A patient's way through a programme: assessment, treatment, and the modules opened for them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from clinics.models import CareAssignment, Patient, Profession, User
from programs.models.content import Module, Revision
from programs.treatment.weeks import treatment_week


class Assessment(models.Model):
    """The decision before start, by someone entitled to assess; co-signed where the guideline demands it."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assessments")
    assessor = models.ForeignKey(User, models.PROTECT, related_name="+")
    profession = models.CharField(max_length=20, choices=Profession)
    decided_at = models.DateTimeField()
    icd10 = models.CharField(max_length=10)
    interview = models.CharField(max_length=100, blank=True, help_text="Structured interview: instrument and outcome.")
    risk = models.TextField(help_text="The assessor's own words on suicide risk.")
    cosigned_at = models.DateTimeField(null=True, blank=True)
    cosigned_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    cosigner_profession = models.CharField(max_length=20, choices=Profession, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assessment_cosigned_at_and_by",
                condition=Q(cosigned_at=None, cosigned_by=None)
                | Q(cosigned_at__isnull=False, cosigned_by__isnull=False),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"icd10", "interview", "risk"}
        plain: ClassVar = {
            "id", "patient", "assessor", "profession", "decided_at",
            "cosigned_at", "cosigned_by", "cosigner_profession",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"assessment {self.pk}"


class TreatmentSet(models.QuerySet["Treatment"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(patient__in=Patient.objects.visible_to(user))

    def active(self) -> Self:
        return self.filter(state=Treatment.State.ACTIVE)

    def running(self) -> Self:
        """Active or paused: somebody must stand behind the patient."""
        return self.filter(state__in=[Treatment.State.ACTIVE, Treatment.State.PAUSED])

    def planned(self) -> Self:
        """Not started yet: only the questionnaires of the screening are open."""
        return self.filter(state=Treatment.State.PLANNED)

    def current(self) -> Self:
        """Planned or running: a patient has one at most."""
        return self.filter(state__in=["planned", "active", "paused"])

    def worked_by(self, user: User, now: datetime) -> Self:
        """Running treatments that the user answers for now: own ones, and those covered for somebody away."""
        return self.running().filter(assignment__in=CareAssignment.objects.readable_by(user, now))


class Treatment(models.Model):
    class State(models.TextChoices):
        PLANNED = "planned", _("Planned")
        ACTIVE = "active", _("Active")
        PAUSED = "paused", _("Paused")
        COMPLETED = "completed", _("Completed")
        DISCONTINUED = "discontinued", _("Discontinued")

    class EndReason(models.TextChoices):
        """The reasons patients gave in the clinic's own study (source document, poster)."""

        NO_STRENGTH = "no_strength", _("Could not keep it up")
        TOO_UNWELL = "too_unwell", _("Too depressed or anxious")
        MOTIVATION = "motivation", _("Not motivated enough")
        WRITING = "writing", _("Hard to express oneself in writing")
        FORM = "form", _("Did not like the form")
        BETTER = "better", _("Better, or better enough")
        OTHER = "other", _("Other")

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="treatments")
    revision = models.ForeignKey(Revision, models.PROTECT, related_name="treatments")
    assignment = models.OneToOneField(CareAssignment, models.PROTECT, related_name="treatment")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, blank=True, related_name="treatments")
    state = models.CharField(max_length=12, choices=State, default=State.PLANNED)
    primary_measure = models.CharField(max_length=20)
    consented_at = models.DateTimeField(null=True, blank=True, help_text="Informed consent.")
    planned_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    resumed_at = models.DateTimeField(null=True, blank=True, help_text="When it last went on after a pause.")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=12, choices=EndReason, blank=True)
    reply_weekday = models.PositiveSmallIntegerField(default=2, help_text="The weekday of the therapist's answer.")
    next_contact_on = models.DateField(null=True, blank=True)
    seen_by_therapist_at = models.DateTimeField(null=True, blank=True)

    objects = TreatmentSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["state", "patient"], name="treatment_by_state"),
            # for riskmonitor.sweeps.check_break_off
            models.Index(fields=["started_at"], name="treatment_active_since", condition=Q(state="active")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=["planned", "active", "paused"]),
                name="one_treatment_at_a_time",
            ),
            models.CheckConstraint(
                name="started_has_time",
                condition=~Q(state__in=["active", "paused", "completed"]) | Q(started_at__isnull=False),
            ),
            models.CheckConstraint(
                name="started_after_assessment_and_consent",
                condition=Q(started_at=None) | Q(assessment__isnull=False, consented_at__isnull=False),
            ),
            models.CheckConstraint(name="planned_is_not_started", condition=~Q(state="planned") | Q(started_at=None)),
            models.CheckConstraint(
                name="ended_has_time",
                condition=Q(state__in=["completed", "discontinued"], ended_at__isnull=False)
                | (~Q(state__in=["completed", "discontinued"]) & Q(ended_at=None)),
            ),
            models.CheckConstraint(
                name="discontinued_has_reason", condition=~Q(state="discontinued") | ~Q(end_reason="")
            ),
            models.CheckConstraint(condition=Q(reply_weekday__lte=6), name="reply_weekday_known"),
        ]

    class Privacy:
        clinical: ClassVar = {"end_reason"}
        plain: ClassVar = {
            "id", "code", "patient", "revision", "assignment", "assessment", "state", "primary_measure",
            "consented_at", "planned_at", "started_at", "resumed_at", "ended_at", "reply_weekday",
            "next_contact_on", "seen_by_therapist_at",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"treatment {self.code}"

    @property
    def is_running(self) -> bool:
        """Active or paused: it takes what the patient writes."""
        return self.state in {Treatment.State.ACTIVE, Treatment.State.PAUSED}

    def week(self, now: datetime) -> int:
        return treatment_week(self.started_at, now)


class StepSet(models.QuerySet["Step"]):
    def open(self) -> Self:
        return self.exclude(opened_at=None)

    def waiting(self) -> Self:
        """Opened, not yet sent by the patient."""
        return self.open().filter(sent_at=None)

    def in_order(self) -> Self:
        """In the order of the patient's way: the therapist's where one was chosen, else the programme's."""
        return self.order_by(Coalesce("place", "module__number"))

    def unanswered(self) -> Self:
        """Sent, and the therapist has not answered yet."""
        return self.filter(sent_at__isnull=False, answered_at=None)

    def shown(self) -> Self:
        """Those on the patient's way: not taken out by the therapist."""
        return self.filter(hidden_at=None)

    def hidden(self) -> Self:
        return self.exclude(hidden_at=None)


class Step(models.Model):
    """One module in one treatment: when it was opened, by whom, and when the patient sent it.

    A module to be done again waits as if it had not been sent: what was sent from it stays among the submissions.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    treatment = models.ForeignKey(Treatment, models.PROTECT, related_name="steps")
    module = models.ForeignKey(Module, models.PROTECT, related_name="steps")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    last_page = models.SlugField(max_length=60, blank=True, help_text="Where the patient was last.")
    sent_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True, help_text="When the therapist answered what was sent.")
    safety_at = models.DateTimeField(
        null=True,
        blank=True,
        help_text="When it was last sent with an answer that the programme lists as one of safety.",
    )
    hidden_at = models.DateTimeField(null=True, blank=True, help_text="When it was taken out of the patient's way.")
    hidden_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    place = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Its place on the way where the therapist chose it, else the module's number."
    )
    due_on = models.DateField(null=True, blank=True, help_text="The day agreed on, where the therapist moved it.")

    objects = StepSet.as_manager()

    class Meta:
        ordering: ClassVar = [Coalesce("place", "module__number")]
        indexes: ClassVar = [
            # for riskmonitor.sweeps.notice_silence
            models.Index(
                fields=["sent_at"], name="step_unanswered", condition=Q(sent_at__isnull=False, answered_at=None)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["treatment", "module"], name="step_once"),
            models.UniqueConstraint(
                fields=["treatment", "place"], name="step_place_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                name="step_hidden_at_and_by",
                condition=Q(hidden_at=None, hidden_by=None) | Q(hidden_at__isnull=False, hidden_by__isnull=False),
            ),
            models.CheckConstraint(
                name="step_opened_at_and_by",
                condition=Q(opened_at=None, opened_by=None) | Q(opened_at__isnull=False, opened_by__isnull=False),
            ),
            models.CheckConstraint(condition=Q(sent_at=None) | Q(sent_at__gte=F("opened_at")), name="step_forward"),
        ]

    class Privacy:
        plain: ClassVar = {
            "id", "code", "treatment", "module", "opened_at", "opened_by", "last_page", "sent_at", "answered_at",
            "safety_at", "hidden_at", "hidden_by", "place", "due_on",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"step {self.code}"
