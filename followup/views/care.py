"""Follow-ups that nobody reads, for those who lead: whose they were, and to whom they go. No words, no answers."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.audit import audit_list
from clinics.models import Role
from followup.forms import HandOverForm
from programs.actions import NothingToFollowUp, NotTheirs, hand_over_follow_up
from programs.models import Treatment
from programs.treatment.aftercare import who_could_follow_up, without_reader


@require_safe
@requires(Permission.ASSIGN_FLAG)
def follow_ups(request: HttpRequest) -> HttpResponse:
    """List the follow-ups at the clinics that the user leads whose reader has left, is away, or was never there."""
    return _page(request, timezone.now())


@require_POST
@requires(Permission.ASSIGN_FLAG)
def hand_over(request: HttpRequest, code: UUID) -> HttpResponse:
    """Hand the follow-up to a colleague: 404 where the user does not lead."""
    now, user = timezone.now(), signed_in(request)
    led = Treatment.objects.visible_to(user).filter(patient__clinic__in=clinics_of(user, Role.LEAD, Role.DEPUTY))
    treatment = get_object_or_404(led.select_related("patient__clinic", "revision__programme"), code=code)
    form = HandOverForm(request.POST, people=who_could_follow_up(treatment, now), prefix=str(code))
    if not form.is_valid():
        return _page(request, now, form)
    try:
        hand_over_follow_up(treatment=treatment, to=form.person, by=user, now=now)
    except (NotTheirs, NothingToFollowUp):
        messages.error(request, _("That did not work: the follow-up is over, or the person is not there any more."))
        return redirect("clinic-follow-ups")
    messages.success(request, _("%(name)s follows up from now on.") % {"name": form.person.full_name})
    return redirect("clinic-follow-ups")


def _page(request: HttpRequest, now: datetime, refused: HandOverForm | None = None) -> HttpResponse:
    user = signed_in(request)
    found = without_reader(clinics_of(user, Role.LEAD, Role.DEPUTY), now)
    audit_list(by=user, patients=[each.treatment.patient for each in found], what="follow-ups", now=now)
    rows, people = [], {}
    for each in found:
        prefix, place = (
            str(each.treatment.code),
            (each.treatment.patient.clinic_id, each.treatment.revision.programme_id),
        )
        if place not in people:
            people[place] = who_could_follow_up(each.treatment, now)
        known = refused is not None and refused.prefix == prefix
        rows.append((each, refused if known else HandOverForm(people=people[place], prefix=prefix)))
    return render(request, "followup/follow_ups.html", {"rows": rows, "refused": refused})
