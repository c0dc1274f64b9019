"""The clinic's figures, for those who lead it."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.models import Clinic, Role
from followup.figures import clinic_figures
from followup.flag_waits import columns, flag_waits, in_words


@require_safe
@requires(Permission.SEE_CLINIC_FIGURES)
def dashboard(request: HttpRequest) -> HttpResponse:
    """Show the figures of one clinic; who leads several chooses among them. Counts only: no patient is shown."""
    led = clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY)
    clinic, now = _chosen(led, request.GET.get("clinic", "")), timezone.now()
    context = {
        "clinic": clinic,
        "tabs": _tabs(led, clinic),
        "figures": clinic_figures(clinic, now),
        "wait_columns": columns(),
        "waits": [in_words(each) for each in flag_waits(clinic, now)],
        "now": now,
    }
    return render(request, "followup/dashboard.html", context)


def _chosen(led: list[Clinic], code: str) -> Clinic:
    """Return the clinic asked for, the first when none is; another's clinic does not exist for this person."""
    if not code:
        return led[0]
    for clinic in led:
        if str(clinic.code) == code:
            return clinic
    raise Http404


def _tabs(led: list[Clinic], shown: Clinic) -> list[dict[str, object]]:
    return [
        {"url": f"{reverse('dashboard')}?clinic={each.code}", "label": each.name, "current": each == shown}
        for each in led
    ]
