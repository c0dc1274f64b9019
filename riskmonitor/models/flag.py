"""A sign of danger that a named person must answer. What belongs to it stands in trail.py."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import ClassVar, Self
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinics.models import Absence, Clinic, Membership, Patient, User
from programs.models import Treatment
from riskmonitor.escalation.steps import Audience
from riskmonitor.rules import Kind, Urgency

KINDS = [
    (Kind.SUICIDE, _("Suicidal thoughts")),
    (Kind.HELP_ASKED, _("Asked to be called")),
    (Kind.DETERIORATION, _("Marked worsening")),
    (Kind.BREAK_OFF, _("May be breaking off")),
    (Kind.UNSCREENABLE, _("Could not be screened")),
    (Kind.UNCOVERED, _("Without cover")),
]
URGENCIES = [(Urgency.NOW, _("now")), (Urgency.TODAY, _("today")), (Urgency.WEEK, _("this week"))]
AUDIENCES = [
    (Audience.THERAPIST, _("therapist")),
    (Audience.SUBSTITUTE, _("substitute")),
    (Audience.TEAM, _("the team")),
    (Audience.LEAD, _("lead")),
    (Audience.DEPUTY, _("deputy lead")),
    (Audience.HUB, _("regional hub")),
]


class Outcome(models.TextChoices):
    """How a flag may be closed. Which outcomes fit which kind stands in riskmonitor.flags.outcomes."""

    CONTACTED = "contacted", _("Spoke with the patient")
    HANDED_OVER = "handed_over", _("Handed over, with confirmed receipt")
    EMERGENCY = "emergency", _("Called emergency services")
    NOT_ABOUT_SUICIDE = "not_about_suicide", _("Read, not about suicide")
    ASKED_AGAIN = "asked_again", _("Answered when asked again")
    READ_NOTHING = "read_nothing", _("Read by a human, nothing to act on")
    NO_CONTACT = "no_contact", _("Assessed without contact")
    ACTIVE_AGAIN = "active_again", _("The patient is active again")
    COVERED_AGAIN = "covered_again", _("Covered again")


class Done(models.TextChoices):
    """What is done about a flag, to tick: a fact, which changes nothing by itself."""

    CRISIS_PLAN = "crisis_plan", _("Crisis plan updated")
    PHYSICIAN = "physician", _("Medical assessment asked for")
    CLOSER = "closer", _("Measured more often")
    PAUSED = "paused", _("Treatment paused")

    @classmethod
    def words(cls, values: Iterable[str]) -> str:
        return ", ".join(str(cls(each).label) for each in values)


CONTACT_OUTCOMES = [Outcome.CONTACTED, Outcome.HANDED_OVER, Outcome.EMERGENCY]

LOOK_AGAIN = timedelta(minutes=5)


class FlagSet(models.QuerySet["Flag"]):
    def open(self) -> Self:
        return self.filter(closed_at=None)

    def due(self, now: datetime) -> Self:
        """Flags whose next step has come, and those whose owner has left since they were last looked at.

        Left is: an absence that has begun, an account that is closed, or no post at the clinic. The last two have no
        moment of their own, so that such a flag is looked at again every few minutes. Who helps out from a hub has no
        post here either: then the look changes nothing while they are there.
        """
        left = Absence.objects.ongoing(now).filter(
            Q(starts_at__gt=OuterRef("checked_at")) | Q(created_at__gt=OuterRef("checked_at")), user=OuterRef("owner")
        )
        here = Membership.objects.current().filter(user=OuterRef("owner"), clinic=OuterRef("clinic"))
        gone = Q(checked_at__lte=now - LOOK_AGAIN) & ~Exists(here)
        return self.open().filter(Q(next_step_at__lte=now) | Exists(left) | gone).order_by("next_step_at")

    def to_remind(self, now: datetime) -> Self:
        """Flags whose next try to reach the patient has come, and whose owner has not been reminded of it."""
        return self.open().filter(try_again_at__lte=now, reminded_at=None).order_by("try_again_at", "pk")

    def visible_to(self, user: User) -> Self:
        """Flags whose existence the user may know: those of the clinics where the user works."""
        return self.filter(patient__in=Patient.objects.visible_to(user).exclude(user=user))


class Flag(models.Model):
    """One open flag per patient and kind; a new finding attaches to it.

    `clock_from` is set when the flag is raised, re-alerted, or its acknowledgement lapses; all waits are working time
    of the clinic counted from it (architecture §4). `owner` is one person at every moment. `try_again_at` moves none of
    them: whoever owns the flag then is reminded, while its clock runs.
    """

    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="flags")
    treatment = models.ForeignKey(Treatment, models.PROTECT, null=True, blank=True, related_name="flags")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="flags")
    kind = models.CharField(max_length=20, choices=KINDS)
    urgency = models.CharField(max_length=10, choices=URGENCIES)
    raised_at = models.DateTimeField()
    first_read_at = models.DateTimeField(null=True, blank=True, help_text="When a clinician first opened its page.")
    alerted_at = models.DateTimeField(help_text="When it was raised, or last re-alerted.")
    clock_from = models.DateTimeField()
    due_at = models.DateTimeField()
    next_step_at = models.DateTimeField()
    checked_at = models.DateTimeField(help_text="When the steps were last looked at.")
    climbs = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    owner = models.ForeignKey(User, models.PROTECT, related_name="owned_flags")
    audience = models.CharField(max_length=12, choices=AUDIENCES, default=Audience.THERAPIST)
    may_decide = models.BooleanField(default=True, help_text="False: the owner may only assign.")
    unreachable_since = models.DateTimeField(null=True, blank=True, help_text="Nobody present on any step.")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    asked_plan = models.BooleanField(null=True, help_text="Follow-up page: has a plan or intent.")
    asked_today = models.BooleanField(null=True, help_text="Follow-up page: thinks of doing it today.")
    asked_safe = models.BooleanField(null=True, help_text="Follow-up page: feels safe right now.")
    asked_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome, blank=True)
    contact_at = models.DateTimeField(null=True, blank=True)
    contact_with = models.CharField(max_length=120, blank=True)
    assessment = models.TextField(blank=True, help_text="In the clinician's own words.")
    action = models.TextField(blank=True)
    done = ArrayField(models.CharField(max_length=20, choices=Done), default=list, blank=True)
    next_contact_on = models.DateField(null=True, blank=True)
    try_again_at = models.DateTimeField(
        null=True, blank=True, help_text="The patient was not reached, and is tried again then."
    )
    reminded_at = models.DateTimeField(null=True, blank=True, help_text="When the owner was reminded of that try.")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    objects = FlagSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            # for riskmonitor.sweeps.escalate_one and the auditor
            models.Index(fields=["next_step_at"], name="flag_open_due", condition=Q(closed_at=None)),
            models.Index(fields=["clinic", "due_at"], name="flag_open_by_clinic", condition=Q(closed_at=None)),
            models.Index(fields=["owner"], name="flag_open_by_owner", condition=Q(closed_at=None)),
            # for riskmonitor.sweeps.remind_due and the auditor
            models.Index(
                fields=["try_again_at"],
                name="flag_to_remind",
                condition=Q(closed_at=None, reminded_at=None, try_again_at__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(closed_at=None), name="one_open_flag_per_patient_and_kind"
            ),
            models.CheckConstraint(
                name="flag_acknowledged_at_and_by",
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False),
            ),
            models.CheckConstraint(name="flag_done_is_known", condition=Q(done__contained_by=Done.values)),
            models.CheckConstraint(
                name="flag_reminded_of_a_try", condition=Q(reminded_at=None) | Q(try_again_at__isnull=False)
            ),
            models.CheckConstraint(
                name="flag_closed_only_with_outcome",
                condition=Q(closed_at=None, outcome="")
                | (Q(closed_at__isnull=False) & ~Q(outcome="") & ~Q(assessment="")),
            ),
            models.CheckConstraint(
                name="flag_closed_by_someone",
                condition=Q(closed_at=None, closed_by=None)
                | Q(closed_at__isnull=False, closed_by__isnull=False)
                | Q(closed_at__isnull=False, outcome="covered_again"),
            ),
            models.CheckConstraint(
                name="flag_contact_has_time_and_person",
                condition=~Q(outcome__in=["contacted", "handed_over", "emergency"])
                | (Q(contact_at__isnull=False) & ~Q(contact_with="")),
            ),
        ]

    class Privacy:
        clinical: ClassVar = {
            "kind", "urgency", "asked_plan", "asked_today", "asked_safe", "outcome", "contact_with", "assessment",
            "action", "done",
        }  # fmt: skip
        plain: ClassVar = {
            "id", "code", "patient", "treatment", "clinic", "raised_at", "first_read_at", "alerted_at", "clock_from",
            "due_at", "next_step_at", "checked_at", "climbs", "failures", "owner", "audience", "may_decide",
            "unreachable_since", "acknowledged_at", "acknowledged_by", "asked_at", "contact_at", "next_contact_on",
            "try_again_at", "reminded_at", "closed_at", "closed_by",
        }  # fmt: skip

    def __str__(self) -> str:
        return f"flag {self.code}"

    @property
    def done_words(self) -> str:
        return Done.words(self.done)
