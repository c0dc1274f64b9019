"""The patient's follow-up questions after a marked, or unanswered, question about suicidal thoughts."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from clinics.access import Permission, own_patient, requires, signed_in
from clinics.crisis import box_contacts
from clinics.models import Patient
from programs.actions import send_follow_up
from programs.models import Submission, Treatment
from programs.shipped import instruments
from riskmonitor.actions import answer_follow_up
from riskmonitor.follow_up import FollowUpForm, open_danger, treatment_to_tell


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def follow_up(request: HttpRequest) -> HttpResponse:
    """Ask about plan, today and safety, with help already on the page. It may be skipped: that lowers nothing."""
    now = timezone.now()
    patient = own_patient(request, what="follow-up", now=now)
    treatment = treatment_to_tell(patient)
    if treatment is None:  # nobody would read the answers: help instead of questions
        return redirect("help")
    sent = _sent(patient, request.GET.get("after", ""))
    posted = request.POST if request.method == "POST" else None  # an empty form is a form too: everything left out
    form = FollowUpForm(posted, initial={"idempotency_key": uuid4()})
    if request.method == "POST":
        form.full_clean()  # an answer that cannot be read counts as left out: nobody is stopped here
        if form.answers:
            _keep(request, treatment, form, now)
        return redirect(_onward(sent))
    context = {
        "form": form,
        "flag": open_danger(patient, now),
        "now": now,
        "sent": sent is not None,
        "was_left_out": bool(sent and _left_out(sent)),
        "onward": _onward(sent),
        "contacts": box_contacts(get_language() or "sv"),
    }
    return render(request, "riskmonitor/follow_up.html", context)


def _keep(request: HttpRequest, treatment: Treatment, form: FollowUpForm, now: datetime) -> None:
    """Send the answers: the nets judge them and alert. What was answered is noted on the flag that stands then."""
    by = signed_in(request)
    submission = send_follow_up(treatment=treatment, answers=form.answers, texts=[], key=form.key, by=by, now=now)
    if submission.sent_at != now:
        return  # the same answers once more
    flag = open_danger(treatment.patient, now)
    if flag is not None:
        answer_follow_up(flag=flag, **form.asked, by=by, now=now)


def _sent(patient: Patient, code: str) -> Submission | None:
    """Return the questionnaire that led here, None when the patient came another way."""
    try:
        wanted = UUID(code)
    except ValueError:
        return None
    return Submission.objects.measures().filter(treatment__patient=patient, code=wanted).first()


def _left_out(sent: Submission) -> bool:
    instrument = instruments().get(sent.form)
    return bool(instrument and all(sent.answers.get(item) is None for item in instrument.risk_items))


def _onward(sent: Submission | None) -> str:
    """Return where to go on: the receipt of what was sent, else the first page."""
    if sent is None:
        return reverse("home")
    return reverse("measure-receipt", args=[sent.form, sent.code])
