"""The second page of an absence: whom it touches, who stands in, and what patients will read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinics import actions
from clinics.access import clinics_of, signed_in
from clinics.audit import audit_list
from clinics.cover import absence_plan, roster
from clinics.cover.absence_plan import AbsencePlan, Affected
from clinics.cover.away import gap_words, span_words
from clinics.forms import AbsenceForm, StandInForm
from clinics.models import Absence, Role, User
from messaging.promises import Promise, reply_promise
from riskmonitor.actions import hand_over

FAULTS = {
    actions.Fault.BACKWARDS: gettext_lazy("The absence ends before it begins."),
    actions.Fault.PAST: gettext_lazy("These days have passed."),
    actions.Fault.OVERLAPS: gettext_lazy("There is another absence in these days. End or cancel it first."),
}


@dataclass(frozen=True)
class Row:
    """One patient on the page. `promise` is what the patient will read about, None when the therapist stays."""

    name: str
    answering: list[str]
    gaps: list[str]
    promise: Promise | None


def answer_plan(
    request: HttpRequest, form: AbsenceForm, user: User, now: datetime, *, onward: str
) -> HttpResponse | None:
    """Show what the absence would do, or save it. None when the dates cannot be taken: the form says why."""
    start, end = max(form.start, now), form.end
    if fault := actions.date_fault(user, start, end, now):
        form.add_error("ends_on", str(FAULTS[fault]))
        return None
    first = absence_plan.plan(user=user, start=start, end=end, now=now)
    chooser = _chooser(request, first)
    chosen, error = chooser.chosen, ""
    if request.POST.get("step") == "save":
        try:
            saved = actions.plan_absence(
                user=user, starts_at=start, ends_at=end, stand_ins=chosen, by=signed_in(request), now=now
            )
        except (actions.Uncovered, actions.NobodyLeads) as refused:
            error = refused_words(refused)
        else:
            hand_over(absence=saved, now=now)
            messages.success(request, _("The absence is saved. Patients read about it when it begins."))
            return redirect(onward)
    plan = absence_plan.plan(user=user, start=start, end=end, now=now, stand_ins=chosen) if chosen else first
    return _show(request, plan, chooser, now, {"dates": form, "error": error, "onward": onward})


def answer_stand_ins(request: HttpRequest, absence: Absence, now: datetime, *, onward: str) -> HttpResponse:
    """Show an absence that is saved already, and take the stand-ins that are chosen for it."""
    user, start, end = absence.user, max(absence.starts_at, now), roster.seen_end(absence, now)
    if absence.is_over(now):
        messages.info(request, _("The absence was over already."))
        return redirect(onward)
    chooser = _chooser(request, absence_plan.plan(user=user, start=start, end=end, now=now))
    chosen, error = chooser.chosen, ""
    if request.POST.get("step") == "save":
        left = actions.name_stand_ins(absence=absence, stand_ins=chosen, by=signed_in(request), now=now)
        hand_over(absence=absence, now=now)
        if not left:
            messages.success(request, _("The stand-ins are saved."))
            return redirect(onward)
        error = uncovered_words(len(left))
    plan = absence_plan.plan(user=user, start=start, end=end, now=now, stand_ins=chosen)
    return _show(request, plan, chooser, now, {"dates": None, "error": error, "onward": onward})


def refused_words(refused: actions.Uncovered | actions.NobodyLeads) -> str:
    """Return why nothing was saved, as a sentence."""
    if isinstance(refused, actions.NobodyLeads):
        return _("Lead and deputy would both be away. One of them must be there.")
    return uncovered_words(len(refused.gaps))


def uncovered_words(count: int) -> str:
    """Return how many patients nobody would cover, and what to do about it."""
    return ngettext(
        "%(count)s patient would stand without cover. Choose who stands in.",
        "%(count)s patients would stand without cover. Choose who stands in.",
        count,
    ) % {"count": count}


def _chooser(request: HttpRequest, plan: AbsencePlan) -> StandInForm:
    codes = {person.code for each in plan.affected for person in each.choices}
    people = {str(person.code): person for person in User.objects.filter(code__in=codes)}
    return StandInForm(request.POST or None, affected=_known(request, plan), people=people)


def _known(request: HttpRequest, plan: AbsencePlan) -> list[Affected]:
    """Return the patients of clinics where the reader works: a lead reads no names of another clinic's patients."""
    own = clinics_of(signed_in(request), Role.THERAPIST, Role.LEAD, Role.DEPUTY)
    return [each for each in plan.affected if each.assignment.patient.clinic in own]


def _show(
    request: HttpRequest, plan: AbsencePlan, chooser: StandInForm, now: datetime, more: dict[str, object]
) -> HttpResponse:
    known = _known(request, plan)
    audit_list(
        by=signed_in(request), patients=[each.assignment.patient for each in known], what="absence-plan", now=now
    )
    rows = [_row(each, plan) for each in known]
    context = {
        "plan": plan,
        "span": span_words(plan.start, plan.end),
        "rows": rows,
        "all": len(plan.affected),
        "elsewhere": len(plan.affected) - len(rows),
        "covered": len(plan.covered),
        "uncovered": len(plan.uncovered),
        "promises": [each for each in dict.fromkeys(row.promise for row in rows) if each],
        "chooser": chooser.show(),
        **more,
    }
    return render(request, "clinics/absence_plan.html", context)


def _row(each: Affected, plan: AbsencePlan) -> Row:
    hours, people = plan.rosters[each.assignment.patient.clinic_id]
    is_own = each.assignment.therapist_id == plan.user.pk
    return Row(
        name=each.assignment.patient.user.full_name,
        answering=[person.name for person in each.answering],
        gaps=[gap_words(gap) for gap in each.left],
        promise=reply_promise(each.facts, people, hours, plan.start) if is_own else None,
    )
