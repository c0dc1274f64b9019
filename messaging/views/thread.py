"""The patient's messages with the therapist."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinics.access import Permission, requires, signed_in
from clinics.audit import Did, audit
from clinics.crisis import box_contacts
from messaging.actions import mark_read, send_message
from messaging.forms import MessageForm
from messaging.models import Message
from messaging.reading import promise_for, thread_of
from programs.actions import keep_line, keep_posted, remove_line
from programs.doors import may_write, own_treatment
from programs.drafts import kept_draft
from programs.models import Treatment
from programs.plans.plan_ahead import kept_codes

FORM_KEY = "message"


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.DO_TREATMENT)
def messages(request: HttpRequest) -> HttpResponse:
    """Show what has been written, newest last, and who answers; or send a message."""
    now, user = timezone.now(), signed_in(request)
    treatment = own_treatment(request, what="messages", now=now)
    form = MessageForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and may_write(treatment):
        send_message(treatment=treatment, text=form.written, key=form.key, by=user, now=now, draft=FORM_KEY)
        return redirect(f"{reverse('messages')}?sent=1#receipt")
    if request.method == "POST":  # the door has audited the reading of a GET only
        audit(by=user, did=Did.READ, what="messages", patient=treatment.patient, now=now)
    days = thread_of(treatment)
    context = {
        "days": days,
        "kept": kept_codes(treatment, "message") if may_write(treatment) else None,
        "was_sent": "sent" in request.GET,
        "contacts": box_contacts(get_language() or "sv"),
        **(_writing(request, treatment, form, now) if may_write(treatment) else _unsent(request, treatment, now)),
    }
    if any(not each.from_patient and each.read_at is None for _on, written in days for each in written):
        mark_read(treatment=treatment, by=user, now=now, until=now)
    return render(request, "messaging/messages.html", context)


@require_POST
@requires(Permission.DO_TREATMENT)
def keep(request: HttpRequest, message: UUID) -> HttpResponse:
    """Save what the therapist wrote in the patient's plan ahead, or take it out again (undo)."""
    now, by = timezone.now(), signed_in(request)
    treatment = own_treatment(request, what="messages", now=now)
    received = Message.objects.visible_to(by).filter(treatment=treatment, from_patient=False).select_related("author")
    found = get_object_or_404(received, code=message)
    if may_write(treatment):
        source = _("Message from %(name)s") % {"name": found.author.first_name}
        line = keep_line(
            treatment=treatment, origin=f"message:{found.code}", source=source, text=found.text, by=by, now=now
        )
        if "undo" in request.POST:
            remove_line(line=line, by=by, now=now)
    return redirect(f"{reverse('messages')}#message-{found.code}")


def _unsent(request: HttpRequest, treatment: Treatment, now: datetime) -> dict[str, object]:
    """Return what was written and can no longer be sent; it is kept as the draft, so that it is there again."""
    user, text = signed_in(request), request.POST.get("text", "")
    if text.strip():
        keep_posted(owner=user, treatment=treatment, form_key=FORM_KEY, data={"text": text}, now=now)
    return {"unsent": text or kept_draft(user, FORM_KEY).first("text")}


def _writing(request: HttpRequest, treatment: Treatment, form: MessageForm, now: datetime) -> dict[str, object]:
    """Return the form with what lies unsent in it, and who will read."""
    kept = kept_draft(signed_in(request), FORM_KEY)
    if not form.is_bound:
        form = MessageForm(initial={"text": kept.first("text"), "idempotency_key": uuid4()})
    form.autosave(url=reverse("autosave", args=[FORM_KEY]), version=kept.version, status="saved")
    treatment.assignment.patient = treatment.patient  # loaded with its clinic
    return {
        "form": form,
        "saved_at": kept.saved_at,
        "promise": promise_for(treatment.assignment, now),
    }
