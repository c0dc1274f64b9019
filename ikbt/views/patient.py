"""The patient on one screen: what is new, how it goes, what was handed in, and the reply."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.audit import Did, audit
from clinics.models import Patient, User
from ikbt.casework import phrases, rounds
from ikbt.casework.course import Course, chart, read_course, reply_draft_key, with_questions
from ikbt.casework.flags_shown import flags_of, marks_in
from ikbt.casework.handed_in import sheet
from ikbt.casework.happenings import happenings
from ikbt.casework.measuring import measures_of
from ikbt.casework.said import Reader
from ikbt.forms import ContactForm, ReplyForm, moment_seen
from messaging.actions import mark_read
from programs.actions import GateClosed, SwitchRefused, mark_seen, open_module, plan_contact
from programs.instruments import text
from programs.models import Step, Submission, Treatment
from programs.pages.filling import placeholders
from programs.plans.sleep_windows import proposal_waits
from programs.treatment.languages import foreign


@require_safe
@requires(Permission.READ_RECORD)
def patient(request: HttpRequest, code: UUID) -> HttpResponse:
    """Show the patient. Looking marks nothing as read."""
    now = timezone.now()
    return show(request, open_patient(request, code, now=now), now)


@require_safe
@requires(Permission.READ_RECORD)
def submission(request: HttpRequest, code: UUID, submission: UUID) -> HttpResponse:
    """Show one answer set in full, with risky phrases marked."""
    now, language = timezone.now(), get_language() or "sv"
    person = open_patient(request, code, now=now)
    visible = Submission.objects.visible_to(signed_in(request)).filter(treatment__patient=person)
    related = visible.select_related("treatment__assignment__therapist", "treatment__patient__user")
    sent = get_object_or_404(with_questions(related), code=submission)
    flags = flags_of([person], also_closed=True)[person.pk]
    reader = Reader(language, placeholders(sent.treatment, now))
    context = {"patient": person, "sheet": sheet(sent, None, marks_in(flags), reader)}
    return render(request, "patient_view/submission.html", context)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def mark_as_read(request: HttpRequest, code: UUID) -> HttpResponse:
    """Mark what the page showed as read without replying, and count "since you were here" from when it was drawn."""
    now = timezone.now()
    treatment = shown_treatment(signed_in(request), open_patient(request, code, now=now))
    until = seen_until(treatment, moment_seen(request.POST.get("seen_at", "")), now)
    mark_read(treatment=treatment, by=signed_in(request), now=now, until=until)
    mark_seen(treatment=treatment, now=now, until=until)
    what = f"treatment:{treatment.code}"
    audit(by=signed_in(request), did=Did.CHANGED, what=what, patient=treatment.patient, now=now)
    messages.success(request, _("Marked as read."))
    return redirect("patient", code=code)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def open_step(request: HttpRequest, code: UUID, step: UUID) -> HttpResponse:
    """Open a module for the patient."""
    now, user = timezone.now(), signed_in(request)
    treatment = running_treatment(user, open_patient(request, code, now=now))
    chosen = get_object_or_404(treatment.steps.select_related("module"), code=step)
    try:
        open_module(treatment=treatment, module=chosen.module, by=user, now=now)
    except (GateClosed, SwitchRefused) as refused:
        messages.error(request, not_opened(chosen, refused))
        return redirect("way", code=code)
    messages.success(request, _("Module %(number)s is open for the patient.") % {"number": chosen.module.number})
    return redirect("patient", code=code)


def not_opened(step: Step, refused: GateClosed | SwitchRefused) -> str:
    """Return why a module could not be opened, and what to do."""
    if isinstance(refused, GateClosed):
        words = _("Module %(number)s is not open: a checklist stands before it. Go through it on the patient's way.")
    else:
        words = _("Module %(number)s is not open: it is taken out of the patient's way. Put it back first.")
    return words % {"number": step.module.number}


@require_POST
@requires(Permission.WRITE_MESSAGE)
def next_contact(request: HttpRequest, code: UUID) -> HttpResponse:
    """Plan the day of the next contact, or none."""
    now, user = timezone.now(), signed_in(request)
    person = open_patient(request, code, now=now)
    treatment = running_treatment(user, person)
    form = ContactForm(request.POST, today=timezone.localdate(now))
    if not form.is_valid():
        return show(request, person, now, contact=form)
    plan_contact(treatment=treatment, on=form.cleaned_data["next_contact_on"], by=user, now=now)
    messages.success(request, _("The day of the next contact is saved."))
    return redirect("patient", code=code)


def seen_until(treatment: Treatment, drawn_at: datetime | None, now: datetime) -> datetime:
    """Return until when things count as seen: when the page was drawn, else until when they were seen before."""
    return min(drawn_at or treatment.seen_by_therapist_at or treatment.planned_at, now)


def shown_treatment(user: User, person: Patient) -> Treatment:
    """Return the treatment that the patient's page shows, also one that is planned or followed up; 404 without any."""
    found = Treatment.objects.visible_to(user).filter(patient=person, steps__isnull=False).select_related("patient")
    treatment = found.order_by("-planned_at", "pk").first()
    if treatment is None:
        raise Http404
    return treatment


def running_treatment(user: User, person: Patient) -> Treatment:
    """Return the treatment that can be changed; 404 when it has ended."""
    found = Treatment.objects.visible_to(user).running().filter(patient=person)
    treatment = found.select_related("patient", "revision__programme", "assignment__therapist").first()
    if treatment is None:
        raise Http404
    return treatment


def show(
    request: HttpRequest,
    person: Patient,
    now: datetime,
    *,
    reply: ReplyForm | None = None,
    contact: ContactForm | None = None,
) -> HttpResponse:
    """Render the patient's page; with a form that was refused, with its faults."""
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=signed_in(request), did=Did.READ, what=f"patient:{person.code}", patient=person, now=now)
    course = read_course(person, signed_in(request))
    place = rounds.place_of(request.session, person.code)
    context: dict[str, Any] = {"patient": person, "age": person.age(now), "place": place, "now": now}
    if course:
        context |= _shown(course, now) | _composer(course, signed_in(request), now, reply, contact)
    return render(request, "patient_view/patient.html", context)


def _shown(course: Course, now: datetime) -> dict[str, Any]:
    language, treatment = get_language() or "sv", course.treatment
    reader, thread = Reader(language, placeholders(treatment, now)), course.thread()
    return {
        "course": course,
        "treatment": treatment,
        "programme": text(treatment.revision.title, language),
        "week": treatment.week(now),
        "weeks": treatment.revision.facts.get("weeks", {}).get("planned"),
        "happenings": happenings(course, language),
        "trend": chart(course, language),
        "measures": measures_of(course, language, now),
        "sheets": course.sheets(reader),
        "new_messages": [each for each in thread if course.is_new(each[0])],
        "thread": [each for each in thread if not course.is_new(each[0])],
        "report_key": uuid4(),
        "window_waits": proposal_waits(treatment, course.steps, timezone.localdate(now)),
        "may_reply": treatment.is_running,
    }


def _composer(
    course: Course, user: User, now: datetime, reply: ReplyForm | None, contact: ContactForm | None
) -> dict[str, Any]:
    today = timezone.localdate(now)
    known = phrases.values_for(course, today)
    planned = {"next_contact_on": course.treatment.next_contact_on}
    return {
        "reply": reply or ReplyForm(initial=_begun(course, user, now), next_step=course.next_step, today=today),
        "contact": contact or ContactForm(initial=planned, today=today, auto_id="contact_%s"),
        "draft_key": reply_draft_key(course.treatment),
        "unsent": course.draft.first("text") if course.draft else "",
        "slots": phrases.slots(course, known),
        "notes": phrases.notes(course, known),
        "lang": foreign(course.current_step.module.language) if course.current_step else "",
    }


def _begun(course: Course, user: User, now: datetime) -> dict[str, Any]:
    """Return what the reply's fields hold at first: the draft, else the planned day. A tick stays with its module."""
    today = timezone.localdate(now)
    planned, step = course.treatment.next_contact_on, course.next_step
    begun: dict[str, Any] = {"next_contact_on": planned if planned and planned >= today else None}
    begun |= course.draft.data if course.draft else {}
    if step and begun.get("step") != str(step.code):
        begun["open_next"] = False
    begun |= {"idempotency_key": course.reply_key(user), "seen_at": now.isoformat()}
    return begun | {"step": step.code if step else None}
