"""One question about suicide that was left out, asked again at the next visit."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, own_patient, requires, signed_in
from clinics.crisis import box_contacts
from programs.actions import send_asked_again
from programs.instruments import text
from riskmonitor.asked_again import form_for, left_out
from riskmonitor.follow_up import treatment_to_tell


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def asked_again(request: HttpRequest) -> HttpResponse:
    """Ask the question by itself. It may be left out again: then it stays unknown, and is asked at the next visit."""
    now, language = timezone.now(), get_language() or "sv"
    patient = own_patient(request, what="one-question", now=now)
    asked, treatment = left_out(patient, language), treatment_to_tell(patient)
    if asked is None or treatment is None:
        return redirect("home")
    form = form_for(asked, language, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        answers = {item: int(value) for item, value in form.answers.items()}
        send_asked_again(
            treatment=treatment, instrument=asked.instrument, answers=answers, key=asked.key, by=signed_in(request),
            now=now,
        )  # fmt: skip
        if asked.instrument.needs_follow_up(answers):
            return redirect("follow-up")
        messages.success(request, _("Thank you. Your answer has been sent."))
        return redirect("home")
    context = {
        "form": form,
        "window": text(asked.instrument.window, language),
        "contacts": box_contacts(language),
    }
    return render(request, "riskmonitor/asked_again.html", context)
