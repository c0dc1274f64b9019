"""Every change to people's absences: one verb each."""

from __future__ import annotations

from clinics.actions.absences import (
    AbsenceOver,
    AbsenceRefused,
    Fault,
    NobodyLeads,
    Uncovered,
    date_fault,
    end_absence,
    ill_today,
    name_stand_ins,
    plan_absence,
)

__all__ = [
    "AbsenceOver",
    "AbsenceRefused",
    "Fault",
    "NobodyLeads",
    "Uncovered",
    "date_fault",
    "end_absence",
    "ill_today",
    "name_stand_ins",
    "plan_absence",
]
