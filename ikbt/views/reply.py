"""The reply: message, next module and next contact in one transaction. Its draft is kept by ikbt.views.autosave."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.models import Patient, User
from ikbt.casework import rounds
from ikbt.casework.course import Course, read_course, reply_draft_key
from ikbt.forms import ReplyForm
from ikbt.views.patient import not_opened, running_treatment, seen_until, show
from messaging.actions import send_message
from programs.actions import GateClosed, SwitchRefused, keep_posted, mark_seen, open_module, plan_contact
from programs.models import Treatment


@require_POST
@requires(Permission.WRITE_MESSAGE)
def reply(request: HttpRequest, code: UUID) -> HttpResponse:
    """Send the reply and go on with the round. What cannot be sent comes back as it was written."""
    now, user = timezone.now(), signed_in(request)
    try:
        person = open_patient(request, code, now=now)
        running_treatment(user, person)
    except (PermissionDenied, Http404) as closed:
        return _unsent(request, code, now, closed)
    course = read_course(person, user)
    form = ReplyForm(request.POST, next_step=course.next_step if course else None, today=timezone.localdate(now))
    if course is None or not form.is_valid():
        return show(request, person, now, reply=form)
    not_open = _send(course, form, user, now)
    messages.success(request, _("Your reply to %(name)s is sent.") % {"name": person.user.first_name})
    if not_open:
        messages.warning(request, not_open)
        return redirect("way", code=code)
    return _go_on(request, person, user, now)


@transaction.atomic
def _send(course: Course, form: ReplyForm, user: User, now: datetime) -> str:
    """Write it all or nothing. Sent twice it is one message, one opening and one date.

    A module with a checklist before it stays closed, and that never holds a reply back: return why, "" when it opened.
    """
    not_open = ""
    given, treatment = form.cleaned_data, course.treatment
    until = seen_until(treatment, given["seen_at"], now)
    key = given["idempotency_key"] or course.reply_key(user)
    send_message(
        treatment=treatment, text=given["text"], key=key, by=user, now=now, draft=reply_draft_key(treatment),
        until=until,
    )  # fmt: skip
    chosen = course.step(given.get("step")) if given.get("open_next") else None
    if chosen:
        try:
            open_module(treatment=treatment, module=chosen.module, by=user, now=now)
        except (GateClosed, SwitchRefused) as refused:
            not_open = not_opened(chosen, refused)
    if given["next_contact_on"] != treatment.next_contact_on:
        plan_contact(treatment=treatment, on=given["next_contact_on"], by=user, now=now)
    mark_seen(treatment=treatment, now=now, until=until)
    return not_open


def _unsent(request: HttpRequest, code: UUID, now: datetime, closed: Exception) -> HttpResponse:
    """Keep the words as the writer's draft and show them, and nothing about the patient; the door stays closed."""
    user, text = signed_in(request), request.POST.get("text", "")
    if not text.strip():
        raise closed
    treatment = Treatment.objects.visible_to(user).filter(patient__code=code).order_by("-planned_at").first()
    if treatment:
        data = {name: request.POST[name] for name in ("text", "next_contact_on") if name in request.POST}
        keep_posted(owner=user, treatment=treatment, form_key=reply_draft_key(treatment), data=data, now=now)
    status = 404 if isinstance(closed, Http404) else 403
    context = {"heading": _("The reply was not sent"), "text": text, "is_kept": bool(treatment)}
    return render(request, "patient_view/unsent.html", context, status=status)


def _go_on(request: HttpRequest, person: Patient, user: User, now: datetime) -> HttpResponse:
    """Lead to the next patient of the round, or back to the list."""
    place = rounds.place_of(request.session, person.code)
    following = rounds.next_readable(place, user, now) if place else None
    return redirect("patient", code=following) if following else redirect("worklist")
