"""The receipt of a questionnaire: shown after COMMIT, needs no worker."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from clinics.access import Permission, own_patient, requires
from clinics.crisis import box_contacts, contacts
from ikbt.own.receipts import read_receipt
from ikbt.own.tips import read_tip
from programs.shipped import instruments


@require_safe
@requires(Permission.DO_TREATMENT)
def measure_receipt(request: HttpRequest, instrument: str, code: UUID) -> HttpResponse:
    """Say in plain words what was received and what happens next; help comes first while a flag stands."""
    now = timezone.now()
    if (asked := instruments().get(instrument)) is None:
        raise Http404
    patient = own_patient(request, what=f"submission:{code}", now=now)
    receipt = read_receipt(patient, asked, code, now)
    context = {
        "receipt": receipt,
        "now": now,
        "contacts": contacts(get_language() or "sv"),
    }
    return render(request, "programs/measure_receipt.html", context)


@require_safe
@requires(Permission.DO_TREATMENT)
def stuck_receipt(request: HttpRequest, code: UUID) -> HttpResponse:
    """Give the tip that fits the reason, a smaller step, and who answers by when. Help always stands here."""
    now, language = timezone.now(), get_language() or "sv"
    patient = own_patient(request, what=f"submission:{code}", now=now)
    tip = read_tip(patient, code, language, now)
    context = {"tip": tip, "promise": tip.promise, "contacts": box_contacts(language)}
    return render(request, "patient/stuck_receipt.html", context)
