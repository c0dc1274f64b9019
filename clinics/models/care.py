"""Who stands behind whom. Cover, competence and visibility are resolved from these rows alone."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clinics.models.absence import Absence
from clinics.models.hub import HubAgreement
from clinics.models.patients import Patient
from clinics.models.people import Membership, Role, User


class CareAssignmentSet(models.QuerySet["CareAssignment"]):
    def active_at(self, now: datetime) -> Self:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def open_after(self, now: datetime) -> Self:
        """Return those that go on or are to come."""
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now))

    def treated_by(self, user: User, now: datetime) -> Self:
        """Assignments whose therapist the user is now: of those that `readable_by` holds, nearly all."""
        return self.active_at(now).filter(therapist=user)

    def readable_by(self, user: User, now: datetime) -> Self:
        """Assignments that open the patient's words to the user now.

        The therapist always; the named substitute and an absence's stand-in only while the absence lasts, to the
        minute. The substitute also when the therapist's account is closed: somebody must be able to read.
        """
        away = Absence.objects.ongoing(now)
        of_the_therapist = Exists(away.filter(user=OuterRef("therapist")))
        as_substitute = Q(substitute=user) & (of_the_therapist | Q(therapist__is_active=False))
        standing_in = away.filter(covers__assignment=OuterRef("pk"), covers__stand_in=user)
        return self.active_at(now).filter(Q(therapist=user) | as_substitute | Exists(standing_in))


class CareAssignment(models.Model):
    """One treatment's two named people. Written by the programs' actions; never changed, only ended."""

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="assignments")
    therapist = models.ForeignKey(User, models.PROTECT, related_name="assignments")
    substitute = models.ForeignKey(User, models.PROTECT, related_name="substitutions")
    programme = models.SlugField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = CareAssignmentSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["therapist"], name="assignment_open_therapist", condition=Q(ends_at=None)),
            models.Index(fields=["substitute"], name="assignment_open_substitute", condition=Q(ends_at=None)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(therapist=F("substitute")), name="two_named_people"),
            models.CheckConstraint(condition=Q(ends_at=None) | Q(ends_at__gte=F("starts_at")), name="care_forward"),
            models.UniqueConstraint(
                fields=["patient", "programme"], condition=Q(ends_at=None), name="one_open_assignment_per_programme"
            ),
        ]

    class Privacy:
        plain: ClassVar = {"id", "patient", "therapist", "substitute", "programme", "starts_at", "ends_at"}

    def __str__(self) -> str:
        return f"assignment {self.pk}"


class AccessGrantSet(models.QuerySet["AccessGrant"]):
    def open_at(self, now: datetime) -> Self:
        return self.filter(Q(ends_at=None) | Q(ends_at__gt=now), starts_at__lte=now)

    def left_behind(self, now: datetime) -> Self:
        """Return what flags gave and what should have ended, or should have an end.

        Who has it is not of the patient's clinic now, and does not help out there; or helps out, without an end.
        """
        held = Membership.objects.current().filter(user=OuterRef("user"))
        here = held.filter(clinic=OuterRef("patient__clinic"), role__in=[Role.THERAPIST, Role.LEAD, Role.DEPUTY])
        helping = held.filter(
            role=Role.THERAPIST, lent_from=None, clinic__helped__in=HubAgreement.objects.in_force(now),
            clinic__helped__needs=OuterRef("patient__clinic"),
        )  # fmt: skip
        opened = self.open_at(now).filter(~Exists(here), why=AccessGrant.Why.FLAG)
        return opened.filter(Q(ends_at=None) | ~Exists(helping))


class AccessGrant(models.Model):
    """A dated care relation outside the assignment.

    A colleague who was handed a flag or gave a logged reason, and after the end whoever reads the follow-ups.
    """

    class Why(models.TextChoices):
        FLAG = "flag", _("Handed an open flag")
        REASON = "reason", _("Gave a reason")
        FOLLOW_UP = "follow_up", _("Follows up after the end")

    patient = models.ForeignKey(Patient, models.PROTECT, related_name="grants")
    user = models.ForeignKey(User, models.PROTECT, related_name="grants")
    why = models.CharField(max_length=10, choices=Why)
    reason = models.TextField(blank=True)
    source = models.CharField(max_length=60, blank=True, help_text=_("What gave it, such as flag:<code>."))
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = AccessGrantSet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "patient"], name="grant_by_user"),
            models.Index(fields=["source"], name="grant_by_flag", condition=Q(why="flag")),
            models.Index(fields=["ends_at"], name="grant_of_flag_open", condition=Q(why="flag")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(why="reason", reason=""), name="grant_reason_written"),
            models.CheckConstraint(condition=~Q(why="follow_up", ends_at=None), name="grant_follow_up_ends"),
            models.UniqueConstraint(
                fields=["patient", "user", "source"], condition=Q(ends_at=None), name="grant_open_once"
            ),
        ]

    class Privacy:
        clinical: ClassVar = {"reason"}
        plain: ClassVar = {"id", "patient", "user", "why", "source", "starts_at", "ends_at"}

    def __str__(self) -> str:
        return f"grant {self.pk}"
