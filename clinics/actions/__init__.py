"""Every change to people's absences: one verb each."""

from __future__ import annotations

from clinics.actions.absences import (
    AbsenceOver,
    AbsenceRefused,
    NobodyLeads,
    Uncovered,
    end_absence,
    ill_today,
    plan_absence,
)

__all__ = [
    "AbsenceOver",
    "AbsenceRefused",
    "NobodyLeads",
    "Uncovered",
    "end_absence",
    "ill_today",
    "plan_absence",
]
