"""When a clinic is open: its week, its seasons, its single days, and what all of it means for patients and flags."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinics import actions
from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.cover import roster
from clinics.cover.holidays import holidays
from clinics.cover.working_time import Hours, WorkingTime
from clinics.models import Clinic, HoursChange, Season
from clinics.opening_forms import MomentForm, OwnDayForm, SeasonForm
from clinics.opening_words import change_lines, closed_words, day_words, days_words, week_lines
from clinics.people_forms import WeekForm
from riskmonitor.access import SETTING, clinic_to_set
from riskmonitor.actions import let_hours_count
from riskmonitor.escalation.hours_preview import told_at
from riskmonitor.views.refusing import tried, why

HOLIDAYS_AHEAD = timedelta(days=365)
CHANGES_SHOWN = 20
Forms = dict[str, Any]  # by what is asked: week, season, day, moment


@require_safe
@requires(Permission.SET_HOURS)
def hours(request: HttpRequest) -> HttpResponse:
    """Show the clinics that one leads or administers, with their weeks."""
    clinics = clinics_of(signed_in(request), *SETTING)
    shown = [(each, week_lines(_shifts(each))) for each in clinics]
    return render(request, "clinics/hours_of_clinics.html", {"clinics": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.SET_HOURS)
def clinic_hours(request: HttpRequest, clinic: UUID) -> HttpResponse:
    """Show a clinic's hours; change one thing of them. What is typed for the week can be tried before it is saved."""
    now, chosen = timezone.now(), clinic_to_set(request, clinic)
    asked = request.POST.get("do", "") if request.method == "POST" else ""
    forms = _forms(request, chosen, asked, now)
    context: dict[str, Any] = {}
    if asked and not (asked == "week" and request.POST.get("step") == "show"):
        verb = _verb(request, asked, forms, chosen, now)
        if verb is not None:
            refused = tried(verb)
            if refused is None:
                let_hours_count(clinic=chosen, now=now)
                messages.success(request, _("The opening hours are saved. Open flags are counted by them from now on."))
                return redirect("clinic-hours", chosen.code)
            context = why(request, refused, now)
    return render(request, "clinics/hours.html", _context(chosen, forms, now) | context)


def _forms(request: HttpRequest, clinic: Clinic, asked: str, now: datetime) -> Forms:
    """Return the forms of the page; the one that was sent holds what was typed."""

    def typed(name: str) -> Mapping[str, Any] | None:
        return request.POST if asked == name else None

    first, last = (_day_in(request.GET, name) for name in ("first", "last"))
    season = clinic.seasons.filter(first_day=first, last_day=last).first() if first and last else None
    shifts = season.hours.values_list("weekday", "opens", "closes") if season else []
    moment = request.POST if asked == "week" else request.GET if "at" in request.GET else None
    at = {"at": timezone.localtime(MomentForm.tonight(now))}
    return {
        "week": WeekForm(typed("week"), shifts=_shifts(clinic), prefix="week"),
        "season": SeasonForm(
            typed("season"), shifts=shifts, prefix="season",
            initial={"first_day": season.first_day, "last_day": season.last_day} if season else {},
        ),
        "day": OwnDayForm(typed("day"), prefix="day", initial={"day": _day_in(request.GET, "day")}),
        "moment": MomentForm(moment, initial=at),
    }  # fmt: skip


def _verb(
    request: HttpRequest, asked: str, forms: Forms, clinic: Clinic, now: datetime
) -> Callable[[], HoursChange | None] | None:
    """Return what the button asks for, ready to be done; None when something typed must be mended first."""
    common: dict[str, Any] = {"clinic": clinic, "by": signed_in(request), "now": now}
    if asked in ("forget", "drop"):
        first, last = (_day_in(request.POST, name) for name in ("first", "last"))
        if first is None or last is None:
            return None
        if asked == "forget":
            return lambda: actions.forget_day(day=first, **common)
        return lambda: actions.drop_season(first=first, last=last, **common)
    form = forms.get(asked)
    if form is None or not form.is_valid():
        return None
    if isinstance(form, SeasonForm):
        days = {"first": form.cleaned_data["first_day"], "last": form.cleaned_data["last_day"]}
        return lambda: actions.save_season(week=form.week, **days, **common)
    if isinstance(form, OwnDayForm):
        return lambda: actions.set_day(day=form.cleaned_data["day"], opening=form.opening, **common)
    return lambda: actions.change_week(week=form.week, **common)


def _day_in(sent: Mapping[str, Any], name: str) -> date | None:
    try:
        return parse_date(sent.get(name, ""))
    except ValueError:  # a day that no month has
        return None


def _context(clinic: Clinic, forms: Forms, now: datetime) -> dict[str, Any]:
    today, counted = timezone.localdate(now), roster.working_time(clinic)
    week, moment = forms["week"], forms["moment"]
    is_tried = week.is_bound and week.is_valid()
    if is_tried:
        counted = WorkingTime(replace(counted.hours, weekly=roster.weekly_hours(week.week)))
    at = moment.cleaned_data["at"] if moment.is_bound and moment.is_valid() else MomentForm.tonight(now)
    changes = clinic.hours_changes.select_related("saved_by")[:CHANGES_SHOWN]
    return {
        "clinic": clinic,
        "forms": forms,
        "is_tried": is_tried,
        "told": told_at(clinic, counted, at, now),
        "seasons": [
            (each, _days(each), week_lines(_intervals(each.hours.all())))
            for each in clinic.seasons.ahead(today).prefetch_related("hours")
        ],
        "days": [
            (each, days_words(each.day, each.day), day_words(each.opens, each.closes))
            for each in clinic.closing_days.filter(day__gte=today).order_by("day")
        ],
        "holidays": list(_holidays(counted.hours, today)),
        "changes": [
            (each, _days(each), change_lines(each, each.before), change_lines(each, each.after)) for each in changes
        ],
    }  # fmt: skip


def _holidays(hours: Hours, today: date) -> Iterator[tuple[date, str, str]]:
    """Yield the holidays of the coming year on which the clinic would be open otherwise, or is so all the same."""
    language = (get_language() or "sv")[:2]
    for year in (today.year, today.year + 1):
        for day, name in holidays(year, language).items():
            if today <= day <= today + HOLIDAYS_AHEAD and hours.usual(day):
                openings = hours.on(day)
                yield day, name, ", ".join(day_words(*each) for each in openings) or closed_words()


def _days(about: Season | HoursChange) -> str:
    return days_words(about.first_day, about.last_day)


def _shifts(clinic: Clinic) -> list[tuple[int, Any, Any]]:
    return list(clinic.opening_hours.values_list("weekday", "opens", "closes"))


def _intervals(rows: Any) -> list[tuple[int, Any, Any]]:
    return [(each.weekday, each.opens, each.closes) for each in rows]
