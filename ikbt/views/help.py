"""Help now: the page that must be there when nothing else is. And the two pages about the site itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from clinics.access import patient_of, public
from clinics.cover import coverage as cover
from clinics.cover import roster
from clinics.crisis import contacts
from clinics.models import Clinic, User
from programs.plans.plans_for_crisis import treatment_for_plan, versions

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class OwnClinic:
    """The patient's clinic: one of the two times is set, none when it never opens."""

    name: str
    phone: str
    opens_at: datetime | None = None
    closes_at: datetime | None = None

    @property
    def number(self) -> str:
        """Return the telephone number as a telephone dials it."""
        return "".join(sign for sign in self.phone if sign.isdigit() or sign == "+")


@transaction.non_atomic_requests  # no database is needed, so none may be waited for
@require_safe
@public("help in a crisis is for everybody, signed in or not")
def help_now(request: HttpRequest) -> HttpResponse:
    """Show where to turn. What the database adds is left out when it does not answer."""
    now, language = timezone.now(), translation.get_language() or settings.LANGUAGE_CODE
    try:
        patient = patient_of(request.user) if isinstance(request.user, User) else None
        clinic = _with_hours(patient.clinic, now) if patient else None
        plan = patient is not None and bool(treatment_for_plan(patient, now)) and versions(patient).exists()
        called = patient is not None and patient.treatments.exists()
        shown = {
            "contacts": contacts(language),
            "clinic": clinic,
            "now": now,
            "has_plan": plan,
            "can_be_called": called,
        }
        return render(request, "help/help.html", shown)
    except DatabaseError:
        log.warning("help.without_database")
        return without_database(request)


def without_database(request: HttpRequest) -> HttpResponse:
    """Return the same page from files alone; errors.server_error answers with it when all else failed."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language):
        return HttpResponse(get_template("help/help.html").render({"contacts": contacts(language)}))


@transaction.non_atomic_requests
@require_safe
@public("everybody may read how accessible the site is")
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "help/accessibility.html")


@transaction.non_atomic_requests
@require_safe
@public("everybody may read what is kept about them, and why")
def your_data(request: HttpRequest) -> HttpResponse:
    return render(request, "help/your_data.html")


def _with_hours(clinic: Clinic, now: datetime) -> OwnClinic:
    hours = roster.working_time(clinic)
    closes_at = hours.open_until(now)
    return OwnClinic(clinic.name, clinic.phone, None if closes_at else cover.moment(now, hours), closes_at)
