"""Every change to who is there, and when: absences, who belongs to a clinic, opening hours. One verb each."""

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
from clinics.actions.hubs import HubFault, HubRefused, agree_to_hub, ask_hub, end_hub
from clinics.actions.opening import (
    HoursFault,
    HoursRefused,
    change_week,
    drop_season,
    forget_day,
    save_season,
    set_day,
)
from clinics.cover.cover_kept import NobodyLeads, Uncovered

__all__ = [
    "AbsenceOver",
    "AbsenceRefused",
    "Fault",
    "HoursFault",
    "HoursRefused",
    "HubFault",
    "HubRefused",
    "LoanRefused",
    "NobodyLeads",
    "Uncovered",
    "agree_to_hub",
    "ask_hub",
    "change_competence",
    "change_qualification",
    "change_week",
    "change_working_hours",
    "close_account",
    "date_fault",
    "drop_season",
    "end_absence",
    "end_hub",
    "end_membership",
    "end_silence",
    "forget_day",
    "ill_today",
    "lend",
    "name_stand_ins",
    "plan_absence",
    "save_season",
    "set_day",
    "take_as_away",
]
