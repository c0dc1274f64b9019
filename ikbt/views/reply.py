"""The reply: message, next module and next contact in one transaction; and its draft, saved as it is written."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinics.access import Permission, open_patient, requires, signed_in
from clinics.models import Patient, User
from ikbt import rounds
from ikbt.course import Course, read_course, reply_draft_key
from ikbt.forms import ReplyForm
from ikbt.views.patient import running_treatment, show
from messaging.actions import send_message
from programs.actions import DraftConflict, mark_seen, open_module, plan_contact, save_draft
from programs.drafts import clock

DRAFTED = ("text", "open_next", "step", "next_contact_on")


@require_POST
@requires(Permission.WRITE_MESSAGE)
def reply(request: HttpRequest, code: UUID) -> HttpResponse:
    """Send the reply and go on with the round. What cannot be sent comes back as it was written."""
    now, user = timezone.now(), signed_in(request)
    person = open_patient(request, code, now=now)
    course = read_course(person, user)
    running_treatment(user, person)
    form = ReplyForm(request.POST, next_step=course.next_step if course else None, today=timezone.localdate(now))
    if course is None or not form.is_valid():
        return show(request, person, now, reply=form)
    _send(course, form, user, now)
    messages.success(request, _("Your reply to %(name)s is sent.") % {"name": person.user.first_name})
    return _go_on(request, person, user, now)


@require_POST
@requires(Permission.WRITE_MESSAGE)
def draft(request: HttpRequest, code: UUID) -> HttpResponse:
    """Keep the unsent reply; the answers are those that static/js/autosave.js knows."""
    now, user = timezone.now(), signed_in(request)
    treatment = running_treatment(user, open_patient(request, code, now=now))
    sent = request.POST.get("version", "")
    try:
        kept, is_changed = save_draft(
            owner=user,
            treatment=treatment,
            form_key=reply_draft_key(treatment),
            data={name: request.POST[name] for name in DRAFTED if name in request.POST},
            version=int(sent) if sent.isascii() and sent.isdigit() else 0,
            now=now,
        )
    except DraftConflict as conflict:
        theirs = conflict.draft
        answer = {"version": theirs.version, "data": theirs.data, "saved_at": clock(theirs.updated_at)}
        return JsonResponse(answer, status=409)
    if not is_changed:
        return HttpResponse(status=204)
    return JsonResponse({"version": kept.version, "saved_at": clock(kept.updated_at), "help": False})


@transaction.atomic
def _send(course: Course, form: ReplyForm, user: User, now: datetime) -> None:
    """Write it all or nothing. Sent twice it is one message, one opening and one date."""
    given, treatment = form.cleaned_data, course.treatment
    key = given["idempotency_key"] or course.reply_key(user)
    send_message(
        treatment=treatment, text=given["text"], key=key, by=user, now=now, draft=reply_draft_key(treatment)
    )  # fmt: skip
    chosen = course.step(given.get("step")) if given.get("open_next") else None
    if chosen:
        open_module(treatment=treatment, module=chosen.module, by=user, now=now)
    if given["next_contact_on"] != treatment.next_contact_on:
        plan_contact(treatment=treatment, on=given["next_contact_on"], by=user, now=now)
    mark_seen(treatment=treatment, now=now)


def _go_on(request: HttpRequest, person: Patient, user: User, now: datetime) -> HttpResponse:
    """Lead to the next patient of the round, or back to the list."""
    place = rounds.place_of(request.session, person.code)
    following = rounds.next_readable(place, user, now) if place else None
    return redirect("patient", code=following) if following else redirect("worklist")
