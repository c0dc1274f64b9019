"""One person filling in one questionnaire: by the patient, or by staff for a patient on the telephone.

A page shows all items; what is marked is a draft until it is sent, and the draft is where the next visit goes on.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language

from clinics.access import signed_in
from clinics.crisis import box_contacts
from clinics.typed_text import storable
from programs.actions import DraftConflict, save_draft, send_measure
from programs.actions.answers import measure_key
from programs.drafts import Kept, kept_draft
from programs.forms.measures import SKIP, MeasureForm
from programs.instruments import Instrument, text
from programs.measures.schedule import minutes_for
from programs.measures.wordings import as_sent
from programs.models import Submission, Treatment

RESERVED = {"csrfmiddlewaretoken", "idempotency_key", "form_version", "send", SKIP}
LONGEST_ANSWER = 10_000  # of a form that we do not know: enough to read, too little to fill the disk


@dataclass(frozen=True)
class Sitting:
    """Who fills in what, for which treatment; `form_key` names the draft."""

    request: HttpRequest
    treatment: Treatment
    asked: Instrument
    form_key: str
    now: datetime

    @cached_property
    def _kept(self) -> Kept:
        """Return what lies unsent, asked once: of a refused form after it was kept."""
        return kept_draft(signed_in(self.request), self.form_key)

    def begun(self) -> MeasureForm:
        """Return the form with what was marked before."""
        kept = self._kept
        form = MeasureForm(self.asked, language())
        form.initial = {name: kept.first(name) for name in form.names} | {
            "form_version": self.asked.version,
            "idempotency_key": measure_key(self.treatment, self.asked.id),
        }
        return form

    def take(self) -> Submission | MeasureForm:
        """Store what was posted, or return the form that says what is missing, with everything marked kept."""
        posted, by = self.request.POST, signed_in(self.request)
        version = storable(posted.get("form_version", ""))[:64]
        asked = as_sent(self.asked.id, version) or self.asked  # other words may have been loaded since it was shown
        form = MeasureForm(asked, language(), data=posted)
        form.full_clean()
        known = version == asked.version
        if known and not (form.may_be_sent and (SKIP in posted or not form.missing)):
            self._keep(form)
            return form
        return send_measure(
            treatment=self.treatment,
            instrument=asked,
            version=version,
            answers=form.answers if known else _as_it_came(self.request),
            key=form.key or measure_key(self.treatment, asked.id),
            by=by,
            now=self.now,
            form_key=self.form_key,
        )

    def _keep(self, form: MeasureForm) -> None:
        """Keep what was posted as a draft, also without JavaScript."""
        by = signed_in(self.request)
        given = {name: self.request.POST.get(name, "")[:LONGEST_ANSWER] for name in form.names}
        marked = {name: value for name, value in given.items() if value} | {"form_version": form.instrument.version}
        with suppress(DraftConflict):  # a tab that saved in this very moment: what is marked stands on the page anyhow
            save_draft(
                owner=by,
                treatment=self.treatment,
                form_key=self.form_key,
                data=marked,
                version=kept_draft(by, self.form_key).version,
                now=self.now,
                is_measure=True,
            )
        if form.missing and form.may_be_sent:
            form.offer_to_skip()

    def context(self, form: MeasureForm) -> dict[str, Any]:
        """Return what the page shows around the form."""
        asked, kept = form.instrument, self._kept
        form.autosave(url=reverse("autosave", args=[self.form_key]), version=kept.version, status="saved")
        return {
            "form": form,
            "window": text(asked.window, language()),
            "name": asked.called(language()),
            "saved_at": kept.saved_at,
            "contacts": box_contacts(language()),
            "help_hidden": not _is_risky(asked, kept),
            "missing": len(form.missing) if form.is_bound else 0,
            "allowed": asked.scoring.missing_allowed,
            "may_skip": form.is_bound and form.may_be_sent,
            "risk_is_missing": form.is_bound and form.risk_is_missing,
            "questions": len(asked.items),
            "minutes": minutes_for(len(asked.items)),
            "goes_on": "" if form.is_bound else _first_open(form, kept),
        }


def language() -> str:
    return get_language() or "sv"


def _first_open(form: MeasureForm, kept: Kept) -> str:
    """Return the item to go on with, "" when nothing is marked yet or everything is."""
    items = [item.id for item in form.instrument.items]
    unmarked = [item for item in items if not kept.first(item)]
    return unmarked[0] if unmarked and len(unmarked) < len(items) else ""


def _is_risky(asked: Instrument, kept: Kept) -> bool:
    """Say whether a risk item is marked in the draft; what cannot be read counts as marked."""
    marks = [(item, kept.first(item.id)) for item in asked.items if item.risk]
    return any(mark and not (mark.isdecimal() and int(mark) < item.risk_from) for item, mark in marks)


def _as_it_came(request: HttpRequest) -> dict[str, Any]:
    """Return the fields of a form that we do not know, numbers as numbers: a human reads them."""
    fields = {name[:60]: str(value)[:LONGEST_ANSWER] for name, value in request.POST.items() if name not in RESERVED}
    return {name: int(value) if value.isascii() and value.isdecimal() else value for name, value in fields.items()}
