"""A clinic's escalation plans: whom a flag turns to and when, on a time line, with every version that was."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.cover import roster
from clinics.cover.working_time import NeverOpen, WorkingTime
from clinics.models import Clinic
from riskmonitor.access import SETTING, clinic_to_set
from riskmonitor.actions import PlanChangedMeanwhile, save_plan
from riskmonitor.escalation.clinic_plans import default_steps, plans_of, versions_of
from riskmonitor.escalation.plan_forms import PlanForm, next_friday
from riskmonitor.escalation.plan_preview import timeline
from riskmonitor.escalation.plan_rules import SCOPES, Scope
from riskmonitor.escalation.plan_words import Climbed, climbed, lines, name_of, reading_words
from riskmonitor.escalation.saved_plans import read_saved
from riskmonitor.escalation.steps import Audience, Step
from riskmonitor.models import EscalationPlan
from riskmonitor.rules import Kind

NOBODY_ANSWERS = gettext_lazy("Everybody is there, nobody answers")
CASES: list[tuple[Any, tuple[Audience, ...]]] = [
    (NOBODY_ANSWERS, ()),
    (gettext_lazy("Therapist and substitute are away"), (Audience.THERAPIST, Audience.SUBSTITUTE)),
]
LEAD_AWAY: list[tuple[Any, tuple[Audience, ...]]] = [
    (NOBODY_ANSWERS, ()),
    (gettext_lazy("The lead is away"), (Audience.LEAD,)),
]


@require_safe
@requires(Permission.EDIT_PLAN)
def plans(request: HttpRequest) -> HttpResponse:
    counting = plans_of(clinics_of(signed_in(request), *SETTING), timezone.now())
    shown = [
        (
            clinic,
            [(each.scope, name_of(each.scope), lines(each.steps), reading_words(each.reading)) for each in found],
        )
        for clinic, found in counting.items()
    ]
    return render(request, "riskmonitor/plans.html", {"clinics": shown})


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.EDIT_PLAN)
def plan(request: HttpRequest, clinic: UUID, plan: str) -> HttpResponse:
    """Show the plan and what it would do; save another version. `?default` fills in the platform's own."""
    now, scope, edited = timezone.now(), SCOPES.get(plan), clinic_to_set(request, clinic)
    if scope is None:
        raise Http404
    page = partial(_page, request, edited, scope, versions_of(edited, scope), default_steps(edited, scope, now))
    if request.method != "POST":
        return page(raised=next_friday(now))
    form = PlanForm(request.POST, scope=scope)
    if not form.is_valid():
        return page(form, raised=form.cleaned_data.get("raised") or next_friday(now))
    if request.POST.get("step") == "save":
        try:
            saved = save_plan(
                clinic=edited, scope=scope, steps=form.steps, based_on=form.cleaned_data["based_on"],
                by=signed_in(request), now=now,
            )  # fmt: skip
        except PlanChangedMeanwhile as meanwhile:
            said = _(
                "%(name)s has saved another version since you opened the page. It stands in the history. "
                "Your choices are still here: save again if they are to count instead."
            )
            form.add_error(None, said % {"name": meanwhile.plan.saved_by.full_name})
            form.data = request.POST.copy()
            form.data["based_on"] = str(meanwhile.plan.version)
        else:
            if saved:
                messages.success(request, _("The plan is saved. It counts for flags that are raised from now on."))
            else:
                messages.info(request, _("Nothing was changed: the plan looked like this already."))
            return redirect("flag-plan", clinic=edited.code, plan=scope.name)
    return page(form, form.steps, raised=form.cleaned_data["raised"])


def _page(
    request: HttpRequest,
    clinic: Clinic,
    scope: Scope,
    versions: Sequence[EscalationPlan],
    default: Sequence[Step],
    form: PlanForm | None = None,
    steps: Sequence[Step] = (),
    *,
    raised: datetime,
) -> HttpResponse:
    """Show the form with what was typed, else the plan that counts; `steps` are those of the time line."""
    saved = [read_saved(version.steps, scope) for version in versions]
    if form is None:
        followed = saved[0].followed if saved else ()
        steps = default if "default" in request.GET else followed or default
        form = PlanForm.of(steps, scope, based_on=versions[0].version if versions else 0, raised=raised)
    context = {
        "clinic": clinic,
        "scope": scope,
        "name": name_of(scope),
        "form": form,
        "raised": raised,
        "reading": reading_words(saved[0].reading) if saved else "",
        "history": [(version, lines(each.chosen)) for version, each in zip(versions, saved, strict=True)],
        "default": lines(default),
        "timelines": _timelines(steps, scope, roster.working_time(clinic), raised) if steps else [],
    }
    return render(request, "riskmonitor/plan.html", context)


def _timelines(
    steps: Sequence[Step], scope: Scope, hours: WorkingTime, raised: datetime
) -> list[tuple[str, list[Climbed]]]:
    """Return the time line of each case, none where the clinic never opens."""
    cases = LEAD_AWAY if scope.kind is Kind.UNCOVERED else CASES
    try:
        return [
            (str(case), [climbed(each) for each in timeline(steps, scope, hours, raised, away)]) for case, away in cases
        ]
    except NeverOpen:
        return []
