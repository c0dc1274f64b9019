"""The cover calendar: for each of the coming 14 days who is there, whom nobody stands behind, and what to do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.audit import audit_list
from clinics.cover.away import hours_words, why_words
from clinics.models import Role, User
from programs.models import Treatment
from riskmonitor.watch.cover_days import Day, Hole, Hours, days_of
from riskmonitor.watch.uncovered import ClinicAhead, look_ahead


@dataclass(frozen=True)
class HoleShown:
    """Patients whom nobody stands behind at the same hours for the same reason.

    `names` come each with a link to name somebody else, or "". `stand_in` is the link to choose one for the therapist's
    absence, where that would mend it.
    """

    names: list[tuple[str, str]]
    gaps: list[str]
    stand_in: str


@dataclass(frozen=True)
class DayShown:
    day: date
    is_open: bool
    open_words: str
    there: list[str]
    away: list[str]
    holes: list[HoleShown]
    nameless: int


@require_safe
@requires(Permission.SEE_COVER)
def cover_calendar(request: HttpRequest) -> HttpResponse:
    """Show the coming days of each clinic where one treats or leads."""
    now, user = timezone.now(), signed_in(request)
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    shown, named = [], []
    for clinic in clinics_of(user, Role.THERAPIST, Role.LEAD, Role.DEPUTY):
        ahead = look_ahead(clinic, now)
        known = [each for each in ahead.uncovered if clinic in led or _is_named_for(user, each)]
        named += [each.patient for each in known]
        days = [_shown(day, known, leads=clinic in led) for day in days_of(ahead, now)]
        shown.append((clinic, days, _summary(ahead)))
    audit_list(by=user, patients=named, what="cover", now=now)
    return render(request, "clinics/cover_calendar.html", {"clinics": shown, "leads": bool(led)})


def _is_named_for(user: User, treatment: Treatment) -> bool:
    return user.pk in (treatment.assignment.therapist_id, treatment.assignment.substitute_id)


def _summary(ahead: ClinicAhead) -> tuple[int, int]:
    """Return how many patients are covered all the time, and how many are not."""
    return len(ahead.treatments) - len(ahead.uncovered), len(ahead.uncovered)


def _shown(day: Day, known: Sequence[Treatment], *, leads: bool) -> DayShown:
    pks = {each.pk for each in known}
    holes = [each for each in day.holes if each.treatment.pk in pks]
    return DayShown(
        day=day.day,
        is_open=bool(day.openings),
        open_words=hours_words(day.openings),
        there=[_person(each) for each in day.there],
        away=[_person(each) for each in day.away],
        holes=_grouped(holes, leads=leads),
        nameless=len(day.holes) - len(holes),
    )


def _person(hours: Hours) -> str:
    return hours.name if hours.is_whole else f"{hours.name} {hours_words(hours.ranges)}"


def _grouped(holes: Sequence[Hole], *, leads: bool) -> list[HoleShown]:
    found: dict[tuple[UUID | None, str], HoleShown] = {}
    for hole in holes:
        words = [f"{hours_words([(gap.start, gap.end)])}: {why_words(gap)}" for gap in hole.gaps]
        stand_in = reverse("absence-stand-ins", args=[hole.absence]) if hole.absence and leads else ""
        patient = hole.treatment.patient
        rename = reverse("cover-named", args=[patient.code]) if leads and not hole.absence else ""
        group = found.setdefault((hole.absence, "".join(words)), HoleShown([], words, stand_in))
        group.names.append((patient.user.full_name, rename))
    return list(found.values())
