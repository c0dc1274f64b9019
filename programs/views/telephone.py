"""A questionnaire that staff fill in for a patient on the telephone: the same form, the same rules, the same flags."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.audit import Did, audit
from programs.drafts import phone_key
from programs.forms.measures import MeasureForm
from programs.measures.asking import answerable
from programs.measures.sittings import Sitting, language
from programs.measures.wordings import showable
from programs.views.unsent import gives_back


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.WRITE_MESSAGE)
@gives_back
def telephone(request: HttpRequest, code: UUID, instrument: str) -> HttpResponse:
    """Show the form with the patient's name on it, or take the answers; who filled it in is kept with them."""
    now = timezone.now()
    patient = open_patient(request, code, now=now)
    treatment = answerable(patient, now)
    asked = showable(patient.clinic, language(), [instrument]).get(instrument)
    if treatment is None or asked is None:
        raise Http404
    sitting = Sitting(request, treatment, asked, phone_key(treatment.code, asked.id), now)
    taken = sitting.take() if request.method == "POST" else sitting.begun()
    if isinstance(taken, MeasureForm):
        if request.method == "POST":  # the door has audited the reading of a GET only
            audit(by=signed_in(request), did=Did.READ, what=f"patient:{patient.code}", patient=patient, now=now)
        taken.worded_for_staff()
        return render(request, "programs/telephone.html", {"patient": patient, **sitting.context(taken)})
    if asked.needs_follow_up(taken.answers):
        messages.warning(
            request,
            _("Ask now, while you are still on the telephone: is there a plan, is it today, is the patient safe?"),
        )
        return redirect("patient", code=patient.code)
    return redirect("submission", code=patient.code, submission=taken.code)
