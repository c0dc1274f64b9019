"""Being away: one's own absence, illness in two clicks, and the lead's view of who is away and who is uncovered.

The pages stand here since an absence moves flags and cover in the same moment; the verbs are those of clinics.actions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics import actions
from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.audit import audit_list
from clinics.cover.absence_plan import gaps_in, members_of
from clinics.cover.away import gap_words, span_words
from clinics.forms import AbsenceForColleagueForm, AbsenceForm
from clinics.models import Absence, Clinic, Role, User
from programs.treatment.aftercare import without_reader
from riskmonitor.access import absence_to_change
from riskmonitor.actions import hand_over
from riskmonitor.views.absence_plan import answer_plan, answer_stand_ins

PAST_SHOWN = timedelta(days=90)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PLAN_OWN_ABSENCE)
def absence(request: HttpRequest) -> HttpResponse:
    """Show one's absences, and plan one: first what it would do, then save it."""
    now, user = timezone.now(), signed_in(request)
    form = AbsenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = answer_plan(request, form, user, now, onward="absence")
        if answer is not None:
            return answer
    recent = Absence.objects.not_over(now - PAST_SHOWN).filter(user=user).order_by("-starts_at")
    return render(request, "clinics/absence.html", {"form": form, "now": now, "absences": _with_spans(recent)})


@require_POST
@requires(Permission.PLAN_OWN_ABSENCE)
def ill_today(request: HttpRequest) -> HttpResponse:
    """Ill from now until the end of the day: ask once, then save whatever it leaves uncovered."""
    now, user = timezone.now(), signed_in(request)
    if "sure" not in request.POST:
        return render(request, "clinics/ill_today.html")
    _report_ill(request, user, now)
    return redirect("absence")


@require_POST
@requires(Permission.PLAN_OWN_ABSENCE)
def end(request: HttpRequest, code: UUID) -> HttpResponse:
    """Come back now; an absence that has not begun is cancelled."""
    now, user = timezone.now(), signed_in(request)
    found = absence_to_change(request, code)
    onward = "absence" if found.user_id == user.pk else "clinic-absence"
    try:
        ended = actions.end_absence(absence=found, by=user, now=now)
    except actions.AbsenceOver:
        messages.info(request, _("The absence was over already."))
        return redirect(onward)
    hand_over(absence=ended, now=now)
    messages.success(request, _("The absence is cancelled.") if ended.cancelled_at else _("The absence has ended."))
    return redirect(onward)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PLAN_ABSENCE)
def clinic_absence(request: HttpRequest) -> HttpResponse:
    """Show who is away and who stands uncovered, and plan absence or report illness for a colleague."""
    now, led = timezone.now(), clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY)
    form = AbsenceForColleagueForm(request.POST or None, people=members_of(led))
    if request.method == "POST" and form.is_valid():
        if form.is_illness:
            _report_ill(request, form.user, now, ends_at=form.end)
            return redirect("clinic-absence")
        answer = answer_plan(request, form, form.user, now, onward="clinic-absence")
        if answer is not None:
            return answer
    away = Absence.objects.of_members(led).not_over(now).select_related("user").order_by("starts_at")
    context = {
        "form": form, "now": now, "absences": _with_spans(away), "uncovered": _uncovered(request, led, now),
        "unread": len(without_reader(led, now)),
    }  # fmt: skip
    return render(request, "clinics/clinic_absence.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PLAN_ABSENCE)
def stand_ins(request: HttpRequest, code: UUID) -> HttpResponse:
    """Choose stand-ins for an absence that is saved already, such as illness."""
    return answer_stand_ins(request, absence_to_change(request, code), timezone.now(), onward="clinic-absence")


def _with_spans(absences: Iterable[Absence]) -> list[tuple[Absence, str]]:
    return [(each, span_words(each.starts_at, each.ends_at)) for each in absences]


def _report_ill(request: HttpRequest, user: User, now: datetime, ends_at: datetime | None = None) -> None:
    saved = actions.ill_today(user=user, by=signed_in(request), now=now, ends_at=ends_at)
    hand_over(absence=saved, now=now)
    messages.success(request, _("The absence is saved. Flags and messages go to those who stand in."))


def _uncovered(request: HttpRequest, led: list[Clinic], now: datetime) -> list[tuple[str, list[str]]]:
    """Return patients and the hours in which nobody covers them, with one audit row each."""
    found = [each for clinic in led for each in gaps_in(clinic, now)]
    audit_list(by=signed_in(request), patients=[a.patient for a, _gaps in found], what="uncovered", now=now)
    return [(assignment.patient.user.full_name, [gap_words(gap) for gap in gaps]) for assignment, gaps in found]
