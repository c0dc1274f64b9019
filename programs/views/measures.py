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
from programs.wordings import as_sent, showable

RESERVED = {"csrfmiddlewaretoken", "idempotency_key", "form_version", "send", SKIP}
LONGEST_ANSWER = 10_000  # of a form that we do not know: enough to read, too little to fill the disk


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def measure(request: HttpRequest, instrument: str) -> HttpResponse:
    """Show the questionnaire, or take its answers. An unsent one goes on where it was."""
    now = timezone.now()
    patient = own_patient(request, what=f"measure:{instrument[:20]}", now=now)
    if (asked := showable(patient.clinic, get_language() or "sv", [instrument]).get(instrument)) is None:
        raise Http404
    treatment = patient.treatments.running().select_related("patient__clinic").first()
    if treatment is None:
        return render(request, "programs/measure_closed.html", status=410)
    if request.method == "POST":
        return _take(request, treatment, asked, now)
    kept = kept_draft(signed_in(request), f"measure:{asked.id}")
    form = MeasureForm(asked, get_language() or "sv")
    form.initial = {name: kept.first(name) for name in form.names} | {
        "form_version": asked.version,
        "idempotency_key": measure_key(treatment, asked.id),
    }
    return _page(request, form, kept)


def _take(request: HttpRequest, treatment: Treatment, asked: Instrument, now: datetime) -> HttpResponse:
    """Store and lead on, or show what is missing with everything marked still there."""
    version = storable(request.POST.get("form_version", ""))[:64]
    asked = as_sent(asked.id, version) or asked  # the clinic may have loaded other words since the page was shown
    form, by = MeasureForm(asked, get_language() or "sv", data=request.POST), signed_in(request)
    form.full_clean()
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
    if asked.needs_follow_up(submission.answers):
        return redirect(f"{reverse('follow-up')}?after={submission.code}")
    return redirect("measure-receipt", instrument=asked.id, code=submission.code)


def _show_missing(request: HttpRequest, form: MeasureForm, treatment: Treatment, now: datetime) -> HttpResponse:
    """Keep what is marked as a draft, also without JavaScript, and say what is missing."""
    by, form_key = signed_in(request), f"measure:{form.instrument.id}"
    given = {name: request.POST.get(name, "")[:LONGEST_ANSWER] for name in form.names}
    marked = {name: value for name, value in given.items() if value} | {"form_version": form.instrument.version}
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
        "help_hidden": not _is_risky(asked, kept),
        "missing": len(form.missing) if form.is_bound else 0,
        "allowed": asked.scoring.missing_allowed,
        "may_skip": form.is_bound and form.may_be_sent,
        "risk_is_missing": form.is_bound and form.risk_is_missing,
    }
    return render(request, "programs/measure.html", context)


def _is_risky(asked: Instrument, kept: Kept) -> bool:
    """Say whether a risk item is marked in the draft; what cannot be read counts as marked."""
    marks = [(item, kept.first(item.id)) for item in asked.items if item.risk]
    return any(mark and not (mark.isdecimal() and int(mark) < item.risk_from) for item, mark in marks)


def _as_it_came(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a form that we do not know, numbers as numbers: a human reads them."""
    fields = {name[:60]: str(value)[:LONGEST_ANSWER] for name, value in request.POST.items() if name not in RESERVED}
    return {name: int(value) if value.isascii() and value.isdecimal() else value for name, value in fields.items()}
