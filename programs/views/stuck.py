""" "It is slow going": one tap on a reason, and words if one likes."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, requires
from programs.actions import AnswersRefused, NotOpen, send_stuck
from programs.actions.answers import STUCK, stuck_key
from programs.doors import own_treatment
from programs.forms.stuck import StuckForm
from programs.models import Draft, Step, Treatment
from programs.toolkit.entries import in_words
from programs.treatment.standing import Standing
from programs.treatment.stuck import reasons
from programs.views.forms import key_in


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def stuck(request: HttpRequest) -> HttpResponse:
    """Ask what makes it slow going; a tap on a reason sends it with the words that stand there."""
    now = timezone.now()
    treatment = own_treatment(request, what=STUCK, now=now)
    standing, step = Standing(treatment, now), _step(request, treatment)
    draft = treatment.patient.user.drafts.filter(form_key=STUCK).first()
    form = StuckForm(request.POST) if request.method == "POST" else StuckForm(initial=draft.data if draft else {})
    if request.method != "POST":
        return _show(request, standing, form, step, draft)
    if not standing.may_write or not form.is_valid():
        return _show(request, standing, form, step, draft, is_closed=not standing.may_write)
    try:
        sent = send_stuck(
            treatment=treatment, reason=form.cleaned_data["reason"], words=form.cleaned_data["words"], step=step,
            key=key_in(request) or stuck_key(treatment), by=treatment.patient.user, now=now,
        )  # fmt: skip
    except (AnswersRefused, NotOpen):
        return _show(request, standing, form, step, draft, is_closed=True)
    return redirect("stuck-receipt", sent.code)


def _show(
    request: HttpRequest, standing: Standing, form: StuckForm, step: Step | None, draft: Draft | None, *,
    is_closed: bool = False,
) -> HttpResponse:  # fmt: skip
    language = get_language() or "sv"
    context = {
        "form": form, "step": step, "reader": standing.reader, "form_key": STUCK, "is_closed": is_closed,
        "may_write": standing.may_write and not is_closed, "why_shut": standing.why,
        "reasons": [(each.id, in_words(each.label, language)) for each in reasons().values()],
        "key": key_in(request) or stuck_key(standing.treatment), "version": draft.version if draft else 0,
        "saved_at": draft.updated_at if draft else None,
    }  # fmt: skip
    return render(request, "programs/stuck.html", context, status=409 if is_closed else 200)


def _step(request: HttpRequest, treatment: Treatment) -> Step | None:
    """Return the module that the patient came from, None for none of theirs."""
    try:
        code = UUID(request.GET.get("step", ""))
    except ValueError:
        return None
    return treatment.steps.open().filter(code=code).select_related("module").first()
