"""Leave a word to whoever stands in."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable
from programs.actions.drafts import delete_draft
from programs.models import HandoverNote, Treatment


class NotTheTherapist(Exception):
    """Somebody else than the patient's therapist wrote: what the therapist hands over is the therapist's."""


def note_draft(treatment: Treatment) -> str:
    """Return the key of the note's draft."""
    return f"handover:{treatment.code}"


@transaction.atomic
def write_handover_note(*, treatment: Treatment, text: str, by: User, now: datetime) -> HandoverNote:
    """Keep the note; the same words again are the note that stands. Raise NotTheTherapist."""
    treatment = (
        Treatment.objects.select_for_update(of=("self",), no_key=True)
        .select_related("patient", "assignment")
        .get(pk=treatment.pk)
    )
    if treatment.assignment.therapist_id != by.pk:
        raise NotTheTherapist(treatment.pk)
    delete_draft(owner=by, form_key=note_draft(treatment))
    before, words = treatment.handover_notes.first(), storable(text).strip()
    if before and before.text == words:
        return before
    note = HandoverNote.objects.create(treatment=treatment, text=words, written_at=now, written_by=by)
    audit(by=by, did=Did.SAVED, what=f"handover:{treatment.code}", patient=treatment.patient, now=now)
    return note
