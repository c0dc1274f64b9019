"""Figures of a clinic: each with its definition in words one click away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clinics.models import Clinic
from programs.models import Submission, Treatment
from programs.treatment.stuck import reasons
from riskmonitor.models import Flag
from riskmonitor.rules import Kind

PERIOD = timedelta(days=365)


@dataclass(frozen=True)
class Figure:
    """One number, and how it is counted."""

    id: str
    label: str | Promise
    value: int
    definition: str | Promise
    note: str | Promise = ""


def count_treatments(clinic: Clinic, now: datetime) -> dict[str, int]:
    """Return the counts of the clinic's treatments, by the ids of the figures. One query."""
    started = Q(started_at__gt=now - PERIOD, started_at__lte=now)
    ended = Q(ended_at__gt=now - PERIOD, ended_at__lte=now, started_at__isnull=False)  # a plan taken back is no end
    return Treatment.objects.filter(patient__clinic=clinic).aggregate(
        started=Count("pk", filter=started),
        active=Count("pk", filter=Q(state=Treatment.State.ACTIVE)),
        completed=Count("pk", filter=ended & Q(state=Treatment.State.COMPLETED)),
        discontinued=Count("pk", filter=ended & Q(state=Treatment.State.DISCONTINUED)),
    )


def count_flags(clinic: Clinic, now: datetime) -> dict[str, int]:
    """Return the counts of the clinic's open flags, by the ids of the figures. One query."""
    return (
        Flag.objects.open()
        .filter(clinic=clinic)
        .aggregate(
            open_flags=Count("pk"),
            overdue_flags=Count("pk", filter=Q(due_at__lt=now)),
            uncovered=Count("patient", distinct=True, filter=Q(kind=Kind.UNCOVERED)),
        )
    )


def stuck_reasons(clinic: Clinic, now: datetime) -> dict[str, int]:
    """Return how often each reason was given for why it is slow going, by its id, none left out. One query.

    Counted are the last 365 days, each saying by itself: a patient who says it twice has met it twice.
    """
    said = Submission.objects.stuck().filter(
        treatment__patient__clinic=clinic, sent_at__gt=now - PERIOD, sent_at__lte=now
    )
    counted = said.values_list("answers__reason").annotate(times=Count("pk")).order_by()
    return dict.fromkeys(reasons(), 0) | dict(counted)


# id, label, definition, note: in the order of the page
DEFINITIONS: list[tuple[str, Promise, Promise, Promise | str]] = [
    (
        "started", _("Started"),
        _("Treatments at the clinic that started in the last 365 days, today included."),
        _("in the last 12 months"),
    ),
    (
        "active", _("Active now"),
        _("Treatments at the clinic that have started, and are neither paused nor ended."), "",
    ),
    (
        "completed", _("Completed"),
        _("Treatments that ended in the last 365 days and went through to their end."),
        _("in the last 12 months"),
    ),
    (
        "discontinued", _("Broken off"),
        _("Treatments that ended before their end in the last 365 days, whatever the reason."),
        _("in the last 12 months"),
    ),
    (
        "open_flags", _("Open flags"),
        _("Flags at the clinic that nobody has closed with an outcome yet, of every kind."), "",
    ),
    (
        "overdue_flags", _("Overdue flags"),
        _("Open flags whose time to answer has passed. The time is counted in the clinic's opening hours."),
        _("should always be 0"),
    ),
    (
        "uncovered", _("Patients without cover"),
        _("Patients in treatment for whom, some time in the next 14 days, nobody named is present and competent."),
        _("should always be 0"),
    ),
]  # fmt: skip


def clinic_figures(clinic: Clinic, now: datetime) -> list[Figure]:
    """Return the dashboard's figures. Two queries."""
    counted = count_treatments(clinic, now) | count_flags(clinic, now)
    return [
        Figure(id=name, label=label, value=counted[name], definition=definition, note=note)
        for name, label, definition, note in DEFINITIONS
    ]
