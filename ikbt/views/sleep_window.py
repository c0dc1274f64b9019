"""The sleep window that a patient's diary leads to, shown with its arithmetic; the therapist decides."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.audit import Did, audit
from clinics.models import Patient
from ikbt.casework.window_form import WindowForm
from ikbt.casework.window_words import arithmetic, in_clock
from ikbt.views.patient import running_treatment
from programs.actions import NotOpen, WindowRefused, decide_sleep_window, shown_as
from programs.models import Treatment
from programs.plans.sleep_windows import GATE, WindowCase, window_case, window_gate_is_open
from programs.sleep.settings import settings
from programs.sleep.window import Careful, bed_time
from programs.toolkit.sleep import hours
from programs.views.forms import key_in
from programs.views.unsent import gives_back


@require_safe
@requires(Permission.READ_RECORD)
def sleep_window(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the nights, the proposal with its arithmetic, and the decisions so far."""
    now = timezone.now()
    person = open_patient(request, code, now=now)
    return _show(request, person, now)


@require_POST
@requires(Permission.WRITE_MESSAGE)
@gives_back
def decide(request: HttpRequest, code: UUID) -> HttpResponse:
    """Count again with what asks for care, or store the decision."""
    now, user = timezone.now(), signed_in(request)
    person = open_patient(request, code, now=now)
    treatment = running_treatment(user, person)
    form = WindowForm(request.POST, today=timezone.localdate(now))
    if "count" in request.POST or not form.is_valid():
        return _show(request, person, now, form=form, counted="count" in request.POST)
    try:
        window = decide_sleep_window(
            treatment=treatment, careful=_careful(person, form, now), seen=request.POST.get("seen", ""),
            kept=form.kept, words=form.cleaned_data["words"], key=key_in(request) or uuid4(), by=user, now=now,
        )  # fmt: skip
    except (WindowRefused, NotOpen) as refused:
        form.refuse(getattr(refused, "reason", "ended"))
        return _show(request, person, now, form=form)
    told = _("The window is decided. The patient sees it in the sleep diary and on the first page.")
    messages.success(request, told if window.minutes else _("The proposal is declined. The patient sees nothing new."))
    return redirect("patient-sleep-window", code)


def _careful(person: Patient, form: WindowForm | None, now: datetime) -> Careful:
    data = form.data if form else {}
    return Careful(age=person.age(now), drives=bool(data.get("drives")), dozes=bool(data.get("dozes")))


def _show(
    request: HttpRequest, person: Patient, now: datetime, *, form: WindowForm | None = None, counted: bool = False
) -> HttpResponse:
    user = signed_in(request)
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=user, did=Did.READ, what=f"patient:{person.code}", patient=person, now=now)
    treatment = Treatment.objects.visible_to(user).running().filter(patient=person).select_related("revision").first()
    context: dict[str, Any] = {"patient": person, "treatment": treatment}
    if treatment:
        case = window_case(treatment, timezone.localdate(now))
        context |= _case_shown(case, person, form, now, counted) | {
            "gate_is_open": window_gate_is_open(treatment),
            "gate": GATE,
        }
        context["key"] = key_in(request) or uuid4()
    return render(request, "sleep_window/window.html", context)


def _case_shown(
    case: WindowCase, person: Patient, form: WindowForm | None, now: datetime, counted: bool
) -> dict[str, Any]:
    proposal = case.proposal(_careful(person, form, now))
    if proposal and (form is None or counted):
        initial = {
            "minutes": proposal.minutes, "rise": _rise(case), "from_date": (case.today + timedelta(days=1)).isoformat(),
            "drives": bool(form and form.data.get("drives")), "dozes": bool(form and form.data.get("dozes")),
        }  # fmt: skip
        form = WindowForm(initial=initial, today=case.today)
    return {
        "case": case, "proposal": proposal, "form": form, "seen": shown_as(proposal) if proposal else "",
        "lines": arithmetic(proposal) if proposal else [], "needed": settings().week.nights_needed,
        "nights": [(each, hours(each.in_bed), hours(each.sleep), round(each.efficiency)) for each in case.nights],
        "bed": in_clock(bed_time(_rise(case), proposal.minutes)) if proposal else "", "rise": in_clock(_rise(case)),
        "length": hours(proposal.minutes) if proposal else "",
        "decisions": [
            (each, hours(each.minutes) if each.minutes else "", hours(each.proposed_minutes)) for each in case.decisions
        ],
    }  # fmt: skip


def _rise(case: WindowCase) -> str:
    """Return the time of rising: that of the window, which is fixed, else the usual one of the nights."""
    if case.window and case.window.rise_time:
        return f"{case.window.rise_time:%H:%M}"
    return case.week.rise if case.week else "07:00"
