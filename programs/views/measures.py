"""The patient's questionnaires: what waits, and each with all items on one page, sent in one transaction."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinics.access import Permission, own_patient, requires
from programs.doors import may_write
from programs.forms.measures import MeasureForm
from programs.instruments import Instrument
from programs.measures.asking import answerable, asking_of
from programs.measures.schedule import Asked, minutes_for
from programs.measures.sittings import Sitting, language
from programs.measures.wordings import showable
from programs.models import Submission


@require_safe
@requires(Permission.DO_TREATMENT)
def measures(request: HttpRequest) -> HttpResponse:
    """Say which questionnaires wait, and how many questions and minutes that is."""
    now = timezone.now()
    treatment = answerable(own_patient(request, what="measures", now=now), now)
    if treatment is None:
        return render(request, "programs/measure_closed.html", status=410)
    waiting = asking_of(treatment, now, language())
    return render(
        request, "programs/measures.html", {"asking": waiting, "rows": [_row(each) for each in waiting.waiting]}
    )


def _row(asked: Asked) -> tuple[str, str, int, int]:
    """Return id, name, questions and minutes."""
    count = len(asked.instrument.items)
    return asked.instrument.id, asked.instrument.called(language()), count, minutes_for(count)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def measure(request: HttpRequest, instrument: str) -> HttpResponse:
    """Show the questionnaire, or take its answers. An unsent one goes on where it was.

    Before the start and after the end only what waits can be opened; what is sent then is screened like all else.
    """
    now = timezone.now()
    patient = own_patient(request, what=f"measure:{instrument[:20]}", now=now)
    if (asked := showable(patient.clinic, language(), [instrument]).get(instrument)) is None:
        raise Http404
    treatment = answerable(patient, now)
    may_open = treatment and (
        request.method == "POST" or may_write(treatment) or asking_of(treatment, now, language()).waits(asked.id)
    )
    if treatment is None or not may_open:
        return render(request, "programs/measure_closed.html", status=410)
    sitting = Sitting(request, treatment, asked, f"measure:{asked.id}", now)
    taken = sitting.take() if request.method == "POST" else sitting.begun()
    if isinstance(taken, MeasureForm):
        return render(request, "programs/measure.html", sitting.context(taken))
    return _lead_on(asked, taken)


def _lead_on(asked: Instrument, submission: Submission) -> HttpResponse:
    """Lead to the receipt; by way of the follow-up questions when a risk item is marked, or was left out."""
    if asked.needs_follow_up(submission.answers):
        return redirect(f"{reverse('follow-up')}?after={submission.code}")
    return redirect("measure-receipt", instrument=asked.id, code=submission.code)
