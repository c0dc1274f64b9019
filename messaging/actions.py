"""Every change to messages: write, and read; and to how a staff member wants to be reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import Exists, OuterRef

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable
from messaging import notices
from messaging.models import Message, NoticeChoice, PushSubscription
from messaging.signals import message_sent
from programs.actions import delete_draft
from programs.models import Step, Submission, Treatment

MOST_BROWSERS = 10


class TooManyBrowsers(Exception):
    """The person has as many browsers as anybody may."""


@transaction.atomic
def send_message(
    *,
    treatment: Treatment,
    text: str,
    key: UUID,
    by: User,
    now: datetime,
    draft: str = "",
    until: datetime | None = None,
) -> Message:
    """Store one message. The same key with the same text is a double click; with another text it is another message.

    A therapist's message answers what had come `until` then, when the page that it was written on was drawn; without
    it, what has come until now.
    """
    text, from_patient = storable(text), by.pk == treatment.patient.user_id
    defaults = {
        "treatment": treatment, "author": by, "from_patient": from_patient, "text": text, "sent_at": now,
        "screen_after": now, "screened_at": None if from_patient else now,
    }  # fmt: skip
    message, created = Message.objects.get_or_create(key=key, defaults=defaults)
    if not created and (message.text, message.treatment_id) != (text, treatment.pk):
        message, created = Message.objects.get_or_create(key=uuid5(key, f"{treatment.pk}:{text}"), defaults=defaults)
    if created:
        audit(by=by, did=Did.SENT, what=f"message:{message.code}", patient=treatment.patient, now=now)
        message_sent.send(Message, message=message, now=now)
    if created and not from_patient:
        _mark_answered(treatment, by, now, until or now)
    if draft:
        delete_draft(owner=by, form_key=draft)
    return message


def mark_read(*, treatment: Treatment, by: User, now: datetime, until: datetime | None = None) -> int:
    """Mark what the other side had written `until` then (until now without it) as read. Return how many messages."""
    from_patient = by.pk != treatment.patient.user_id
    written = Message.objects.filter(treatment=treatment, from_patient=from_patient, sent_at__lte=until or now)
    return written.filter(read_at=None).update(read_at=now, read_by=by)


def _mark_answered(treatment: Treatment, by: User, now: datetime, until: datetime) -> None:
    """A reply answers what lay waiting: messages are read, and modules that were sent are answered.

    A module that was sent once more after `until` waits still: its step remembers the first time only.
    """
    mark_read(treatment=treatment, by=by, now=now, until=until)
    later = Submission.objects.filter(treatment=treatment, module=OuterRef("module"), sent_at__gt=until)
    waiting = Step.objects.filter(treatment=treatment, sent_at__lte=until, answered_at=None)
    waiting.exclude(Exists(later)).update(answered_at=now)


@transaction.atomic
def choose_notices(*, by: User, chosen: Mapping[str, object], now: datetime) -> None:
    """Keep which ways notices take to the person. `chosen` holds fields of NoticeChoice; what is left out stays."""
    NoticeChoice.objects.update_or_create(user=by, defaults=chosen)
    audit(by=by, did=Did.CHANGED, what=f"user:{by.code}", now=now)


@transaction.atomic
def add_browser(*, by: User, endpoint: str, p256dh: str, auth: str, now: datetime) -> PushSubscription:
    """Let a browser show the person's notices, and nobody else's any more. Raise TooManyBrowsers.

    It gets a new code, so that what was on its way to a former owner ends.
    """
    if PushSubscription.objects.filter(user=by).exclude(endpoint=endpoint).count() >= MOST_BROWSERS:
        raise TooManyBrowsers
    PushSubscription.objects.filter(endpoint=endpoint).exclude(user=by).delete()
    keys = {"user": by, "p256dh": p256dh, "auth": auth, "created_at": now}
    browser, _created = PushSubscription.objects.update_or_create(endpoint=endpoint, defaults=keys)
    audit(by=by, did=Did.CHANGED, what=f"user:{by.code}", now=now)
    return browser


@transaction.atomic
def remove_browser(*, browser: PushSubscription, by: User, now: datetime) -> None:
    """Let a browser show nothing more. What is on its way to it ends there."""
    browser.delete()
    audit(by=by, did=Did.CHANGED, what=f"user:{by.code}", now=now)


@transaction.atomic
def try_notices(*, by: User, now: datetime) -> None:
    """Send the person a trial, at most one a minute."""
    notices.trial(to=by, path="/account/notices/", now=now)
    audit(by=by, did=Did.SENT, what=f"user:{by.code}", now=now)
