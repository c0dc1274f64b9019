"""Flags for those who lead: that they exist, whose they are and before when. No words, no names of patients."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.models import Role, User
from riskmonitor import actions
from riskmonitor.access import led_flag
from riskmonitor.flags.clocks import clocks, who_could_take
from riskmonitor.flags.flag_forms import AssignForm
from riskmonitor.models import Flag
from riskmonitor.rules import Kind
from riskmonitor.views.kind_words import closed_words


@require_safe
@requires(Permission.ASSIGN_FLAG)
def clinic_flags(request: HttpRequest) -> HttpResponse:
    return _page(request, timezone.now())


@require_POST
@requires(Permission.ASSIGN_FLAG)
def assign(request: HttpRequest, code: UUID) -> HttpResponse:
    """Hand the flag to somebody who is there and may treat in the programme."""
    now = timezone.now()
    found = led_flag(request, code, now=now)
    if found.kind == Kind.UNCOVERED:
        return redirect("clinic-absence")
    form = AssignForm(request.POST, people=who_could_take(found, now), prefix=str(found.code))
    if not form.is_valid():
        return _page(request, now, form, found)
    to = User.objects.get(code=form.cleaned_data["to"])
    try:
        actions.assign(flag=found, to=to, by=signed_in(request), now=now)
    except actions.AlreadyClosed as closed:
        messages.info(request, closed_words(closed.flag, now))
        return redirect("clinic-flags")
    except actions.NotYours:
        messages.error(request, _("That person is not there now. Choose somebody else."))
        return redirect("clinic-flags")
    messages.success(request, _("%(name)s answers for the flag now.") % {"name": to.full_name})
    return redirect("clinic-flags")


def _page(
    request: HttpRequest, now: datetime, refused: AssignForm | None = None, refused_for: Flag | None = None
) -> HttpResponse:
    """Show all flags. Only the refused one has a form object: one for each costs five times the rest of the page."""
    led = clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY)
    rows = [(clock, refused if clock.flag == refused_for else None) for clock in clocks(led, now)]
    return render(request, "riskmonitor/clinic_flags.html", {"rows": rows, "refused": refused})
