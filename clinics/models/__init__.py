from __future__ import annotations

from clinics.models.absence import Absence, Cover
from clinics.models.audit import AuditEvent
from clinics.models.care import AccessGrant, CareAssignment
from clinics.models.hub import HubAgreement
from clinics.models.next_of_kin import NextOfKin
from clinics.models.opening import ClosingDay, HoursChange, OpeningHours, Season, SeasonHours, Weekday
from clinics.models.organisation import Clinic, Region
from clinics.models.patients import Patient
from clinics.models.people import Competence, Membership, Profession, Role, User, WorkingHours

__all__ = [
    "Absence",
    "AccessGrant",
    "AuditEvent",
    "CareAssignment",
    "Clinic",
    "ClosingDay",
    "Competence",
    "Cover",
    "HoursChange",
    "HubAgreement",
    "Membership",
    "NextOfKin",
    "OpeningHours",
    "Patient",
    "Profession",
    "Region",
    "Role",
    "Season",
    "SeasonHours",
    "User",
    "Weekday",
    "WorkingHours",
]
