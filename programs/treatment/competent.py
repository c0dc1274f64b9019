"""Who may be named for a patient in a programme. Reads only."""

from __future__ import annotations

from datetime import datetime

from clinics.cover import roster
from clinics.models import Membership, Patient, User


def may_treat_with(user: User, patient: Patient, programme: str) -> bool:
    """Tell whether the person may treat with the programme at the patient's clinic."""
    memberships = Membership.objects.current().filter(
        user=user, clinic=patient.clinic, role="therapist", competences__programme=programme
    )
    return any(membership.may_treat for membership in memberships)


def may_stand_in_with(user: User, patient: Patient, programme: str, now: datetime) -> bool:
    """Tell whether the person may be named as substitute: treats at the patient's clinic, or at one that helps out."""
    if may_treat_with(user, patient, programme):
        return True
    person = roster.people(patient.clinic, now).get(str(user.code))
    return person is not None and person.from_hub and person.can_treat(programme)
