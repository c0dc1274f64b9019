"""The patients of a clinic, and who may know of them and read about them."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinics.models.organisation import Clinic
from clinics.models.people import Membership, Role, User

KNOWING_ROLES = (Role.THERAPIST, Role.LEAD, Role.DEPUTY)  # who know of the patients of the clinic where they work


class PatientSet(models.QuerySet["Patient"]):
    def visible_to(self, user: User) -> Self:
        """Patients whose existence the user may know: oneself, or those at a clinic where one works.

        Of a clinic that one's own helps out, those who are in one's care: a flag was handed on, or one stands in. What
        may be *read* about them is decided by `clinics.access.has_care_relation`: 404 here, 403 there.
        """
        own_clinics = Membership.objects.current().filter(
            user=user, role__in=KNOWING_ROLES, clinic=models.OuterRef("clinic")
        )
        return self.filter(Q(user=user) | models.Exists(own_clinics) | self._helped_by(user, timezone.now()))

    def _helped_by(self, user: User, now: datetime) -> Q:
        """Return the condition that the user helps out at the clinic and has the patient in care now."""
        from clinics.models.care import AccessGrant, CareAssignment
        from clinics.models.hub import HubAgreement

        here = models.OuterRef("pk")
        own = Membership.objects.current().filter(user=user, role=Role.THERAPIST, lent_from=None)
        helping = HubAgreement.objects.in_force(now).filter(
            needs=models.OuterRef("clinic"), hub__in=own.values("clinic")
        )
        handed = AccessGrant.objects.open_at(now).filter(user=user, patient=here, why=AccessGrant.Why.FLAG)
        assigned = CareAssignment.objects.readable_by(user, now).filter(patient=here)
        return Q(models.Exists(helping)) & (Q(models.Exists(handed)) | Q(models.Exists(assigned)))

    def in_care_of(self, user: User, now: datetime) -> Self:
        """Patients whose words the user may read now: as therapist, as stand-in for an absence, or by a dated grant."""
        from clinics.models.care import AccessGrant, CareAssignment

        assigned = CareAssignment.objects.readable_by(user, now).filter(patient=models.OuterRef("pk"))
        granted = AccessGrant.objects.open_at(now).filter(user=user, patient=models.OuterRef("pk"))
        return self.filter(models.Exists(assigned) | models.Exists(granted))


class Patient(models.Model):
    code = models.UUIDField(default=uuid4, unique=True, editable=False)
    user = models.OneToOneField(User, models.PROTECT, related_name="patient")
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="patients")
    personnummer = models.CharField(max_length=12, unique=True)
    born = models.DateField()
    phone = models.CharField(max_length=20)
    created_at = models.DateTimeField(default=timezone.now)

    objects = PatientSet.as_manager()

    class Privacy:
        identifying: ClassVar = {"personnummer", "born", "phone"}
        plain: ClassVar = {"id", "code", "user", "clinic", "created_at"}

    def __str__(self) -> str:
        return f"patient {self.code}"

    def age(self, now: datetime) -> int:
        today = timezone.localdate(now)
        return today.year - self.born.year - ((today.month, today.day) < (self.born.month, self.born.day))
