"""Every change to messages: write, and read."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable
from messaging.models import Message
from messaging.signals import message_sent
from programs.actions import delete_draft
from programs.models import Step, Treatment


@transaction.atomic
def send_message(*, treatment: Treatment, text: str, key: UUID, by: User, now: datetime, draft: str = "") -> Message:
    """Store one message. The same key with the same text is a double click; with another text it is another message."""
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
        _mark_answered(treatment, by, now)
    if draft:
        delete_draft(owner=by, form_key=draft)
    return message


def mark_read(*, treatment: Treatment, by: User, now: datetime) -> int:
    """Mark what the other side wrote as read. Return how many messages that was."""
    from_patient = by.pk != treatment.patient.user_id
    unread = Message.objects.filter(treatment=treatment, from_patient=from_patient, read_at=None)
    return unread.update(read_at=now, read_by=by)


def _mark_answered(treatment: Treatment, by: User, now: datetime) -> None:
    """A reply answers what lay waiting: messages are read, and modules that were sent are answered."""
    mark_read(treatment=treatment, by=by, now=now)
    Step.objects.filter(treatment=treatment, sent_at__isnull=False, answered_at=None).update(answered_at=now)
