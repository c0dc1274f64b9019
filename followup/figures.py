"""Figures of a clinic: named queries, each with its definition in words one click away."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from programs.models import Treatment
from programs.models.treatment import TreatmentSet
from riskmonitor.models import Flag

PERIOD = timedelta(days=365)


@dataclass(frozen=True)
class Figure:
    """One number, and how it is counted."""

    id: str
    label: str | Promise
    value: int
    definition: str | Promise
    note: str | Promise = ""


Count = Callable[[Clinic, datetime], int]


def started(clinic: Clinic, now: datetime) -> int:
    return _treatments(clinic).filter(started_at__gt=now - PERIOD, started_at__lte=now).count()


def active(clinic: Clinic, now: datetime) -> int:
    return _treatments(clinic).active().count()


def completed(clinic: Clinic, now: datetime) -> int:
    ended = _treatments(clinic).filter(ended_at__gt=now - PERIOD, ended_at__lte=now)
    return ended.filter(state=Treatment.State.COMPLETED).count()


def discontinued(clinic: Clinic, now: datetime) -> int:
    ended = _treatments(clinic).filter(ended_at__gt=now - PERIOD, ended_at__lte=now)
    return ended.filter(state=Treatment.State.DISCONTINUED).count()


def open_flags(clinic: Clinic, now: datetime) -> int:
    return Flag.objects.open().filter(clinic=clinic).count()


def overdue_flags(clinic: Clinic, now: datetime) -> int:
    return Flag.objects.open().filter(clinic=clinic, due_at__lt=now).count()


def uncovered_patients(clinic: Clinic, now: datetime) -> int:
    uncovered = Flag.objects.open().filter(clinic=clinic, kind="uncovered")
    return uncovered.values("patient").distinct().count()


def _treatments(clinic: Clinic) -> TreatmentSet:
    return Treatment.objects.filter(patient__clinic=clinic)


# id, label, count, definition, note: in the order of the page
DEFINITIONS: list[tuple[str, Promise, Count, Promise, Promise | str]] = [
    (
        "started", _("Started"), started,
        _("Treatments at the clinic that started in the last 365 days, today included."),
        _("in the last 12 months"),
    ),
    (
        "active", _("Active now"), active,
        _("Treatments at the clinic that have started, and are neither paused nor ended."), "",
    ),
    (
        "completed", _("Completed"), completed,
        _("Treatments that ended in the last 365 days and went through to their end."),
        _("in the last 12 months"),
    ),
    (
        "discontinued", _("Broken off"), discontinued,
        _("Treatments that ended before their end in the last 365 days, whatever the reason."),
        _("in the last 12 months"),
    ),
    (
        "open_flags", _("Open flags"), open_flags,
        _("Flags at the clinic that nobody has closed with an outcome yet, of every kind."), "",
    ),
    (
        "overdue_flags", _("Overdue flags"), overdue_flags,
        _("Open flags whose time to answer has passed. The time is counted in the clinic's opening hours."),
        _("should always be 0"),
    ),
    (
        "uncovered", _("Patients without cover"), uncovered_patients,
        _("Patients in treatment for whom, some time in the next 14 days, nobody named is present and competent."),
        _("should always be 0"),
    ),
]  # fmt: skip


def clinic_figures(clinic: Clinic, now: datetime) -> list[Figure]:
    """Return the dashboard's figures, one query each."""
    return [
        Figure(id=name, label=label, value=count(clinic, now), definition=definition, note=note)
        for name, label, count, definition, note in DEFINITIONS
    ]
