"""Why a change to people or hours was not saved, in words, with whom it would have left alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from clinics import actions
from clinics.access import clinics_of, signed_in
from clinics.audit import audit_list
from clinics.cover.away import gap_words
from clinics.forms import TOO_FAR
from clinics.models import Role
from riskmonitor.views.absence_plan import refused_words

Refusal = actions.Uncovered | actions.NobodyLeads | actions.LoanRefused | actions.HoursRefused
HOURS_FAULTS = {
    actions.HoursFault.PAST: gettext_lazy("These days have passed. Choose days to come."),
    actions.HoursFault.TOO_FAR: TOO_FAR,
    actions.HoursFault.BACKWARDS: gettext_lazy("The last day comes before the first."),
    actions.HoursFault.OVERLAPS: gettext_lazy("Another period has some of these days. Remove it first."),
    actions.HoursFault.NEVER_OPEN: gettext_lazy(
        "The clinic would not open for two months or more. Patients would wait for nobody: leave it open on some day."
    ),
}


def tried(verb: Callable[[], object]) -> Refusal | None:
    """Do it, and return why it was refused; None when it was done."""
    try:
        verb()
    except (actions.Uncovered, actions.NobodyLeads, actions.LoanRefused, actions.HoursRefused) as refused:
        return refused
    return None


def why(request: HttpRequest, refused: Refusal, now: datetime) -> dict[str, Any]:
    """Return why nothing was saved: to those who lead with each patient and the hours, else with the number alone."""
    if isinstance(refused, actions.HoursRefused):
        return {"error": str(HOURS_FAULTS[refused.fault])}
    if isinstance(refused, actions.LoanRefused):
        return {"error": _("This person works there already, or the last day has passed.")}
    if isinstance(refused, actions.NobodyLeads):
        return {"error": refused_words(refused)}
    led = clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY)
    known = [each for each in refused.gaps if each.assignment.patient.clinic in led]
    audit_list(by=signed_in(request), patients=[each.assignment.patient for each in known], what="uncovered", now=now)
    rows = [(each.assignment.patient, [gap_words(gap) for gap in each.left]) for each in known]
    words = ngettext(
        "%(count)s patient would stand without cover. Name somebody else first.",
        "%(count)s patients would stand without cover. Name somebody else for them first.",
        len(refused.gaps),
    ) % {"count": len(refused.gaps)}
    return {"error": words, "left": rows, "elsewhere": len(refused.gaps) - len(rows)}
