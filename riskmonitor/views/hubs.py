"""The hub of a clinic: another one whose therapists help out. One lead asks, the other agrees, either ends it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from clinics import actions
from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.actions import HubFault, HubRefused
from clinics.cover.away import end_of_day, span_words
from clinics.forms import TOO_FAR, date_field, local
from clinics.models import Clinic, HubAgreement, Role
from riskmonitor.actions import let_hub_go, let_hub_help
from riskmonitor.views.absence_plan import uncovered_words

OVER_SHOWN = 10
FAULTS = {
    HubFault.SAME: gettext_lazy("Choose another clinic of the region."),
    HubFault.DATES: gettext_lazy("The last day lies before the first, or has passed."),
    HubFault.TOO_FAR: TOO_FAR,
    HubFault.KNOWN: gettext_lazy("You have asked this clinic for these days already, or it helps you then."),
    HubFault.OVER: gettext_lazy("Somebody has answered or ended it already. Nothing was changed."),
    HubFault.ALONE: gettext_lazy("Two people are needed: somebody else than the one who asked must agree."),
}


class HubForm(forms.Form):
    """Which clinic asks which, and the days; `end` is the midnight after the last one."""

    use_required_attribute = False

    needs = forms.ChoiceField(label=gettext_lazy("For"))
    hub = forms.ChoiceField(label=gettext_lazy("Ask"))
    first_day = date_field(gettext_lazy("First day"))
    last_day = date_field(gettext_lazy("Last day"))

    def __init__(self, *args: Any, led: Iterable[Clinic], others: Iterable[Clinic], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.led, self.others = ({str(each.code): each for each in clinics} for clinics in (led, others))
        for name, known in (("needs", self.led), ("hub", self.others)):
            choices = [("", _("Choose")), *((code, clinic.name) for code, clinic in known.items())]
            self.fields[name].choices = choices if len(known) > 1 else choices[1:]  # type: ignore[attr-defined]  # stubs: Field

    @property
    def asked(self) -> dict[str, Any]:
        typed = self.cleaned_data
        return {
            "needs": self.led[typed["needs"]],
            "hub": self.others[typed["hub"]],
            "starts_at": local(typed["first_day"], time()),
            "ends_at": end_of_day(local(typed["last_day"], time(12))),
        }


@dataclass(frozen=True)
class Shown:
    """One agreement as the reader may act on it."""

    agreement: HubAgreement
    span: str
    stands: bool
    may_agree: bool


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PLAN_ABSENCE)
def hubs(request: HttpRequest) -> HttpResponse:
    """Show who helps whom among the clinics that one leads, and ask another clinic."""
    now, user = timezone.now(), signed_in(request)
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    others = Clinic.objects.real().filter(region__clinics__in=led).distinct().order_by("name")
    form = HubForm(request.POST or None, led=led, others=others)
    if request.method == "POST" and form.is_valid():
        try:
            actions.ask_hub(**form.asked, by=user, now=now)
        except HubRefused as refused:
            form.add_error("hub", str(FAULTS[refused.fault]))
        else:
            messages.success(request, _("The clinic is asked. Nothing opens before somebody who leads there agrees."))
            return redirect("clinic-hub")
    rows = HubAgreement.objects.of(led).select_related("needs", "hub", "asked_by", "agreed_by", "ended_by")
    shown = [_shown(each, led, now) for each in rows.order_by("-starts_at", "-pk")]
    context = {
        "form": form,
        "standing": [each for each in shown if each.stands],
        "over": [each for each in shown if not each.stands][:OVER_SHOWN],
    }
    return render(request, "clinics/hub.html", context)


@require_POST
@requires(Permission.PLAN_ABSENCE)
def agree(request: HttpRequest, code: UUID) -> HttpResponse:
    """Agree, for the clinic that is asked."""
    now, user = timezone.now(), signed_in(request)
    led = clinics_of(user, Role.LEAD, Role.DEPUTY)
    found = get_object_or_404(HubAgreement.objects.of(led).select_related("hub", "needs"), code=code)
    if found.hub not in led:
        raise PermissionDenied
    try:
        actions.agree_to_hub(agreement=found, by=user, now=now)
    except HubRefused as refused:
        messages.error(request, str(FAULTS[refused.fault]))
    else:
        let_hub_help(clinic=found.needs, now=now)
        messages.success(request, _("Agreed. Your therapists are asked when nobody at the other clinic answers."))
    return redirect("clinic-hub")


@require_POST
@requires(Permission.PLAN_ABSENCE)
def end(request: HttpRequest, code: UUID) -> HttpResponse:
    """End it for either clinic; decline or take back what was only asked for."""
    now, user = timezone.now(), signed_in(request)
    known = HubAgreement.objects.of(clinics_of(user, Role.LEAD, Role.DEPUTY)).select_related("needs")
    found = get_object_or_404(known, code=code)
    try:
        actions.end_hub(agreement=found, by=user, now=now)
    except HubRefused as refused:
        messages.error(request, str(FAULTS[refused.fault]))
    except actions.Uncovered as refused:
        messages.error(request, uncovered_words(len(refused.gaps)))
    else:
        let_hub_go(clinic=found.needs, now=now)
        messages.success(request, _("It has ended. What lay with the hub has gone to those who are there."))
    return redirect("clinic-hub")


def _shown(agreement: HubAgreement, led: list[Clinic], now: datetime) -> Shown:
    stands = agreement.ended_at is None and agreement.ends_at > now
    may_agree = stands and agreement.agreed_at is None and agreement.hub in led
    return Shown(agreement, span_words(agreement.starts_at, agreement.ends_at), stands, may_agree)
