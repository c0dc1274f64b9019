""" "Ask somebody to call me": one press to get here, one to confirm, and a receipt that stays until somebody has."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, own_patient, requires, signed_in
from clinics.cover import roster
from clinics.crisis import contacts
from programs.actions import send_call_me
from programs.actions.answers import CALL_ME, call_me_key
from programs.drafts import kept_draft
from programs.views.forms import key_in
from riskmonitor.call_me import CallMeForm, call_asked, call_promise
from riskmonitor.follow_up import treatment_to_tell


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def call_me(request: HttpRequest) -> HttpResponse:
    """Take the request; show who is to call and by when while it stands. Help stands here always."""
    now, user = timezone.now(), signed_in(request)
    patient = own_patient(request, what="call-me", now=now)
    treatment = treatment_to_tell(patient)
    if treatment is None:  # nobody is named for the patient: numbers instead of a promise
        return redirect("help")
    if request.method == "POST":
        form = CallMeForm(request.POST)
        form.full_clean()  # no field can be wrong: whoever asks is never stopped
        send_call_me(
            treatment=treatment, phone=form.cleaned_data["phone"] or "", words=form.cleaned_data["words"] or "",
            key=key_in(request) or call_me_key(treatment), by=user, now=now,
        )  # fmt: skip
        return redirect("call-me")
    kept = kept_draft(user, CALL_ME)
    context = {
        "asked": call_asked(patient, now), "now": now,
        "promise": call_promise(roster.working_time(patient.clinic), now),
        "patient": patient, "form": CallMeForm(initial=kept.data), "form_key": CALL_ME, "kept": kept,
        "key": call_me_key(treatment), "contacts": contacts(get_language() or "sv"),
    }  # fmt: skip
    return render(request, "riskmonitor/call_me.html", context)
