"""Where a clinic sees which instruments it can show, and loads the wording of those that need its own licence.

For those who lead the clinic and for its administrator: there is nothing about patients here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, clinics_of, requires, signed_in
from clinics.models import Clinic, Role
from programs.actions import WordingRefused, load_wording
from programs.forms.wordings import WordingForm
from programs.instruments import Instrument, text, with_wording
from programs.measures.wordings import loaded_by
from programs.models import Wording
from programs.shipped import instruments, interviews, notes_on
from programs.treatment.languages import foreign


@dataclass(frozen=True)
class Shown:
    """One instrument in the list, with what the clinics have loaded of it."""

    instrument: Instrument
    name: str
    loaded: list[Wording]


@require_safe
@requires(Permission.LOAD_WORDING)
def wordings(request: HttpRequest) -> HttpResponse:
    """List the instruments: those that can be shown at once, those that wait for the clinic's wording, interviews."""
    loaded = loaded_by(_clinics(request))
    rows = _shown(instruments(), loaded)
    return render(
        request,
        "programs/wordings.html",
        {
            "gated": [row for row in rows if not row.instrument.has_wording],
            "shipped": [row for row in rows if row.instrument.has_wording],
            "interviews": _shown(interviews(), loaded),
        },
    )


def _shown(known: Mapping[str, Instrument], loaded: Sequence[Wording]) -> list[Shown]:
    language = get_language() or "sv"
    return [
        Shown(each, each.called(language), [row for row in loaded if row.instrument == each.id])
        for each in known.values()
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.LOAD_WORDING)
def wording(request: HttpRequest, instrument: str) -> HttpResponse:
    """Show how an instrument is counted and what is loaded of it, and take a wording."""
    asked, clinics = (instruments() | interviews()).get(instrument), _clinics(request)
    if asked is None:
        raise Http404
    form = WordingForm(request.POST or None, request.FILES or None, clinics=clinics)
    if request.method == "POST" and asked.has_wording:
        return redirect("wording", instrument=asked.id)
    if request.method == "POST" and _took(request, form, asked):
        return redirect("wording", instrument=asked.id)
    language = get_language() or "sv"
    notes = notes_on(asked, language)
    loaded = [row for row in loaded_by(clinics) if row.instrument == asked.id]
    context = {
        "asked": asked,
        "is_interview": asked.id in interviews(),
        "name": asked.called(language),
        "bands": _levels(asked, language),
        "notes": notes,
        "notes_lang": foreign(notes.language),
        "form": form,
        "loaded": [(row, _as_shown(asked, row)) for row in loaded],
        "reversed": ", ".join(item.id for item in asked.items if item.reversed),
    }
    return render(request, "programs/wording.html", context)


def _levels(asked: Instrument, language: str) -> list[tuple[str, str]]:
    """Return the bands as (from-to, words), from the mildest."""
    lows = [asked.scoring.low, *(band.to + 1 for band in asked.bands)]
    return [(f"{low}\u2013{band.to}", text(band.words, language)) for low, band in zip(lows, asked.bands, strict=False)]


def _took(request: HttpRequest, form: WordingForm, asked: Instrument) -> bool:
    """Store the wording; say whether it was taken, and what is wrong on the form otherwise."""
    if not form.is_valid():
        return False
    given = form.cleaned_data
    try:
        load_wording(
            clinic=form.chosen_clinic, instrument=asked, language=given["language"], written=given["file"],
            licence=given["licence"], by=signed_in(request), now=timezone.now(),
        )  # fmt: skip
    except WordingRefused as refused:
        form.refuse(refused.faults)
        return False
    messages.success(request, _("The wording is loaded. Compare it below with the printed sheet, word by word."))
    return True


def _clinics(request: HttpRequest) -> list[Clinic]:
    return clinics_of(signed_in(request), Role.LEAD, Role.DEPUTY, Role.ADMINISTRATOR)


def _as_shown(asked: Instrument, row: Wording) -> list[tuple[str, str, list[str]]]:
    """Return each question with its number and its options, as patients meet them."""
    worded = with_wording(asked, row.language, row.wording)
    return [
        (
            item.id,
            text(item.words, row.language),
            [f"{option.value} {text(option.words, row.language)}".strip() for option in worded.options_of(item)],
        )
        for item in worded.items
    ]
