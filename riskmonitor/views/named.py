"""Who is named for one patient: the lead chooses another therapist or substitute. No words of the patient."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics import actions
from clinics.access import Permission, requires, signed_in
from clinics.audit import Did, audit
from clinics.cover import roster
from clinics.cover.away import gap_words
from clinics.cover.clinicians import name_key
from clinics.models import User
from clinics.people_forms import NamedForm
from programs.actions import NamingRefused, name_people
from programs.models import Treatment
from riskmonitor.access import led_treatment
from riskmonitor.actions import let_take_over
from riskmonitor.views.absence_plan import uncovered_words


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PLAN_ABSENCE)
def named(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show who is named and when nobody is there; name others."""
    now, treatment = timezone.now(), led_treatment(request, code)
    assignment = treatment.assignment
    form = NamedForm(
        request.POST or None, people=_may_treat(treatment, now),
        initial={"therapist": str(assignment.therapist.code), "substitute": str(assignment.substitute.code)},
    )  # fmt: skip
    left: list[str] = []
    if request.method == "POST" and form.is_valid():
        left = _name(request, treatment, form, now)
        if not left and form.is_valid():
            messages.success(request, _("They are named from now on. Open flags have gone to them."))
            return redirect("cover-calendar")
    audit(by=signed_in(request), did=Did.READ, what="named", patient=treatment.patient, now=now)
    gaps = [gap_words(gap) for gap in roster.gaps_ahead(assignment, now)]
    context = {"form": form, "name": treatment.patient.user.full_name, "gaps": gaps, "left": left}
    return render(request, "clinics/named.html", context)


def _name(request: HttpRequest, treatment: Treatment, form: NamedForm, now: datetime) -> list[str]:
    """Name the two who were chosen. Return the hours in which that would leave the patient alone, else nothing."""
    chosen = {str(user.code): user for user in User.objects.filter(code__in=form.cleaned_data.values())}
    therapist, substitute = (chosen[form.cleaned_data[each]] for each in ("therapist", "substitute"))
    by = signed_in(request)
    try:
        treatment.assignment = name_people(
            treatment=treatment, therapist=therapist, substitute=substitute, by=by, now=now
        )
    except actions.Uncovered as refused:
        form.add_error("substitute", uncovered_words(len(refused.gaps)))
        return [gap_words(gap) for each in refused.gaps for gap in each.left]
    except NamingRefused:
        form.add_error("therapist", _("They cannot be named now. Load the page again and choose anew."))
        return []
    let_take_over(treatment=treatment, now=now)
    return []


def _may_treat(treatment: Treatment, now: datetime) -> list[tuple[str, str]]:
    people = roster.people(treatment.patient.clinic, now)
    able = [each for each in people.members.values() if each.can_treat(treatment.assignment.programme)]
    return sorted(((each.code, each.name) for each in able), key=lambda each: name_key(each[1]))
