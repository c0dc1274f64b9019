"""Whom an absent therapist hands over, and to whom. Reads only, at the same cost for one patient and for fifty."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Exists, OuterRef, Q, Subquery

from clinics.cover import absence_plan, roster
from clinics.cover.clinicians import Clinician
from clinics.models import Absence, Clinic, Patient, User
from clinics.models.absence import not_over
from programs.models import HandoverNote, Treatment
from riskmonitor.models import Flag

JUST_BACK = timedelta(days=7)


@dataclass(frozen=True)
class HandedOver:
    """One patient. `opens`: the reader may open the sheet now; `is_bare`: at some time of it nobody answers.

    Without anybody answering and not bare it is a time when the clinic is closed throughout.
    """

    treatment: Treatment
    clinic: Clinic
    answering: tuple[Clinician, ...]
    is_bare: bool
    opens: bool
    flags: int
    has_note: bool


@dataclass(frozen=True)
class Notable:
    """Absences that the work list points at: one's own that has just ended, and those in which one stands in."""

    back_from: Absence | None
    covered: list[Absence]


def notable(user: User, covered_for: Collection[int], now: datetime) -> Notable:
    """Return them; `covered_for` are the therapists whom the user stands in for now. One query."""
    ended = Q(user=user, ends_at__lte=now, ends_at__gt=now - JUST_BACK)
    covered = Q(starts_at__lte=now, user__in=covered_for) & not_over(now)
    found = Absence.objects.kept().filter(ended | covered).select_related("user").order_by("-starts_at", "pk")
    absences = list(found.only("code", "user__first_name", "user__last_name"))
    own = [each for each in absences if each.user_id == user.pk]
    return Notable(own[0] if own else None, [each for each in absences if each.user_id != user.pk])


def handed_over(absence: Absence, user: User, now: datetime) -> list[HandedOver]:
    """Return the absent person's own patients in the order of their names, as `user` may see them."""
    end = roster.seen_end(absence, now)
    plan = absence_plan.plan(user=absence.user, start=absence.starts_at, end=end, now=now)
    own = {each.assignment.pk: each for each in plan.affected if each.assignment.therapist_id == absence.user_id}
    open_flags = Flag.objects.open().filter(patient=OuterRef("patient")).order_by().values("patient")
    readable = Patient.objects.in_care_of(user, now).filter(pk=OuterRef("patient"))
    found = Treatment.objects.visible_to(user).current().filter(assignment__in=own)
    rows = found.select_related("patient__user", "patient__clinic", "revision").annotate(
        opens=Exists(readable),
        open_flags=Subquery(open_flags.annotate(found=Count("pk")).values("found")),
        has_note=Exists(HandoverNote.objects.filter(treatment=OuterRef("pk"))),
    )
    return [
        HandedOver(
            treatment=treatment,
            clinic=treatment.patient.clinic,
            answering=own[treatment.assignment_id].answering,
            is_bare=bool(own[treatment.assignment_id].left),
            opens=vars(treatment)["opens"],
            flags=vars(treatment)["open_flags"] or 0,
            has_note=vars(treatment)["has_note"],
        )
        for treatment in rows.order_by("patient__user__sort_name", "pk")
    ]
