"""Keep what is being written. A draft is read by nobody; a marked risk item in it is looked at by sweep."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from clinics.audit import Did, audit
from clinics.models import User
from clinics.typed_text import storable_data
from programs.models import Draft, Treatment

AUDIT_EVERY = timedelta(hours=1)  # invariant I8: autosave leaves one row per draft and hour


class DraftConflict(Exception):
    """Another tab or device has saved since; `draft` is what stands. Nothing was overwritten."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(draft.pk)
        self.draft = draft


@transaction.atomic
def save_draft(
    *,
    owner: User,
    treatment: Treatment | None,
    form_key: str,
    data: dict[str, Any],
    version: int,
    now: datetime,
    is_measure: bool = False,
) -> tuple[Draft, bool]:
    """Store the form's fields. Return the draft and whether anything changed.

    `version` is the one the page last knew, 0 for none. A newer stored version with other words raises DraftConflict.
    """
    data = storable_data(data)
    draft, created = Draft.objects.select_for_update().get_or_create(
        owner=owner,
        form_key=form_key,
        defaults={"treatment": treatment, "updated_at": now, "is_measure": is_measure, "data": data, "version": 1},
    )
    if not created:
        if draft.data == data:
            return draft, False
        if draft.version != version:
            raise DraftConflict(draft)
        draft.data, draft.version, draft.updated_at, draft.screened_at = data, draft.version + 1, now, None
        draft.save(update_fields=["data", "version", "updated_at", "screened_at"])
    if treatment and (draft.audited_at is None or now - draft.audited_at >= AUDIT_EVERY):
        audit(by=owner, did=Did.SAVED, what=f"draft:{draft.pk}", patient=treatment.patient, now=now)
        draft.audited_at = now
        draft.save(update_fields=["audited_at"])
    return draft, True


@transaction.atomic
def keep_posted(
    *, owner: User, treatment: Treatment | None, form_key: str, data: dict[str, Any], now: datetime
) -> None:
    """Keep what was sent and could not be taken: it stands before what was saved while it was written."""
    known = Draft.objects.select_for_update().filter(owner=owner, form_key=form_key).first()
    version = known.version if known else 0
    try:
        save_draft(owner=owner, treatment=treatment, form_key=form_key, data=data, version=version, now=now)
    except DraftConflict as saved_meanwhile:
        version = saved_meanwhile.draft.version
        save_draft(owner=owner, treatment=treatment, form_key=form_key, data=data, version=version, now=now)


def hold_form(*, owner: User, form_key: str) -> None:
    """Let saving and sending one person's form happen one after the other, until the transaction ends.

    A row cannot be locked for this: the draft may not be there yet, or not any more.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"draft:{owner.pk}:{form_key}"])


def delete_draft(*, owner: User, form_key: str) -> None:
    """Forget the draft of a form that has been sent, also one that is being saved in this moment."""
    hold_form(owner=owner, form_key=form_key)
    Draft.objects.filter(owner=owner, form_key=form_key).delete()
