"""The patient's questionnaire: all items on one page, sent in one transaction."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, own_patient, requires, signed_in
from clinics.crisis import box_contacts
from clinics.typed_text import storable
from programs.actions import DraftConflict, save_draft, send_measure
from programs.actions.answers import measure_key
from programs.drafts import Kept, kept_draft
from programs.forms.measures import SKIP, MeasureForm
from programs.instruments import Instrument, text
from programs.models import Submission, Treatment
from programs.shipped import instruments

RESERVED = {"csrfmiddlewaretoken", "idempotency_key", "form_version", "send", SKIP}
LONGEST_ANSWER = 2000  # of a form that we do not know: enough to read, too little to fill the disk


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def measure(request: HttpRequest, instrument: str) -> HttpResponse:
    """Show the questionnaire, or take its answers. An unsent one goes on where it was."""
    now = timezone.now()
    if (asked := instruments().get(instrument)) is None:
        raise Http404
    patient = own_patient(request, what=f"measure:{asked.id}", now=now)
    treatment = patient.treatments.running().select_related("patient__clinic").first()
    if treatment is None:
        return render(request, "programs/measure_closed.html", status=410)
    if request.method == "POST":
        return _take(request, treatment, asked, now)
    kept = kept_draft(signed_in(request), f"measure:{asked.id}")
    names = [item.id for item in asked.items] + ["function"]
    initial = {name: kept.first(name) for name in names} | {
        "form_version": asked.version,
        "idempotency_key": measure_key(treatment, asked.id),
    }
    return _page(request, MeasureForm(asked, get_language() or "sv", initial=initial), kept)


def _take(request: HttpRequest, treatment: Treatment, asked: Instrument, now: datetime) -> HttpResponse:
    """Store and lead on, or show what is missing with everything marked still there."""
    form, by = MeasureForm(asked, get_language() or "sv", data=request.POST), signed_in(request)
    form.full_clean()
    version = storable(request.POST.get("form_version", ""))[:64]
    known = version == asked.version
    if known and not (form.may_be_sent and (SKIP in request.POST or not form.missing)):
        return _show_missing(request, form, treatment, now)
    submission = send_measure(
        treatment=treatment,
        instrument=asked,
        version=version,
        answers=form.answers if known else _as_it_came(request),
        key=form.key or measure_key(treatment, asked.id),
        by=by,
        now=now,
    )
    return _lead_on(asked, submission)


def _lead_on(asked: Instrument, submission: Submission) -> HttpResponse:
    """Lead to the receipt; by way of the follow-up questions when a risk item is marked, or was left out."""
    if any(submission.answers.get(item) != 0 for item in asked.risk_items):
        return redirect(f"{reverse('follow-up')}?after={submission.code}")
    return redirect("measure-receipt", instrument=asked.id, code=submission.code)


def _show_missing(request: HttpRequest, form: MeasureForm, treatment: Treatment, now: datetime) -> HttpResponse:
    """Keep what is marked as a draft, also without JavaScript, and say what is missing."""
    by, form_key = signed_in(request), f"measure:{form.instrument.id}"
    marked = {name: str(value) for name, value in form.answers.items()} | {"form_version": form.instrument.version}
    with suppress(DraftConflict):  # a tab that saved in this very moment: what is marked stands on the page in any case
        save_draft(
            owner=by,
            treatment=treatment,
            form_key=form_key,
            data=marked,
            version=kept_draft(by, form_key).version,
            now=now,
            is_measure=True,
        )
    if form.missing and form.may_be_sent:
        form.offer_to_skip()
    return _page(request, form, kept_draft(by, form_key))


def _page(request: HttpRequest, form: MeasureForm, kept: Kept) -> HttpResponse:
    asked, language = form.instrument, get_language() or "sv"
    form_key = f"measure:{asked.id}"
    form.autosave(url=reverse("autosave", args=[form_key]), version=kept.version, status="saved")
    context: dict[str, Any] = {
        "form": form,
        "window": text(asked.window, language),
        "saved_at": kept.saved_at,
        "contacts": box_contacts(language),
        "help_hidden": not any(kept.first(item) not in ("", "0") for item in asked.risk_items),
        "missing": len(form.missing) if form.is_bound else 0,
        "allowed": asked.scoring.missing_allowed,
        "may_skip": form.is_bound and form.may_be_sent,
        "risk_is_missing": form.is_bound and form.risk_is_missing,
    }
    return render(request, "programs/measure.html", context)


def _as_it_came(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a form that we do not know, numbers as numbers: a human reads them."""
    fields = {name[:60]: str(value)[:LONGEST_ANSWER] for name, value in request.POST.items() if name not in RESERVED}
    return {name: int(value) if value.isascii() and value.isdecimal() else value for name, value in fields.items()}
