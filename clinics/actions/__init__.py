"""Every change to who is there: absences, and who belongs to a clinic. One verb each."""

from __future__ import annotations

from clinics.actions.absences import (
    AbsenceOver,
    AbsenceRefused,
    Fault,
    date_fault,
    end_absence,
    end_silence,
    ill_today,
    name_stand_ins,
    plan_absence,
    take_as_away,
)
from clinics.actions.belonging import (
    LoanRefused,
    change_competence,
    change_qualification,
    change_working_hours,
    close_account,
    end_membership,
    lend,
)
from clinics.cover_kept import NobodyLeads, Uncovered

__all__ = [
    "AbsenceOver",
    "AbsenceRefused",
    "Fault",
    "LoanRefused",
    "NobodyLeads",
    "Uncovered",
    "change_competence",
    "change_qualification",
    "change_working_hours",
    "close_account",
    "date_fault",
    "end_absence",
    "end_membership",
    "end_silence",
    "ill_today",
    "lend",
    "name_stand_ins",
    "plan_absence",
    "take_as_away",
]
