"""The one way in which what a patient says is stored: once, told to the apps above, audited, its drafts forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.db import IntegrityError, transaction

from clinics.audit import Did, audit
from clinics.models import User
from programs.actions.drafts import delete_draft
from programs.models import Submission, Treatment
from programs.signals import answers_sent

REPLAY = timedelta(days=1)


class AnswersRefused(Exception):
    """The answers cannot be stored as they are; `faults` says which and why, as (address, reason) pairs."""

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        super().__init__(faults)
        self.faults = list(faults)


class NotOpen(Exception):
    """The treatment or the module does not take answers now."""


def must_be_running(treatment: Treatment) -> None:
    """Raise NotOpen for a treatment that takes no answers."""
    if not treatment.is_running:
        raise NotOpen(treatment)


@transaction.atomic(savepoint=False)  # nothing is refused from here on: a fault takes back all that the request did
def send_once(
    *,
    treatment: Treatment,
    kind: str,
    form: str,
    answers: dict[str, Any],
    texts: list[list[str]],
    key: UUID,
    by: User,
    now: datetime,
    drafts: Sequence[str],
    **fields: Any,
) -> Submission:
    """Store once per key, tell the apps above, audit, forget the drafts.

    The same key with the same answers is a replay and changes nothing, for a day: what is sent from a page that has
    stood open longer is meant. The same key with other answers (two tabs) is stored beside the first under a key of
    its own: an answer is never dropped.
    """
    defaults = {
        "treatment": treatment, "kind": kind, "form": form, "answers": answers, "texts": texts,
        "sent_at": now, "screen_after": now, "entered_by": by, **fields,
    }  # fmt: skip
    submission, created = _stored(key, defaults)
    same = submission.answers == answers and submission.treatment_id == treatment.pk
    if not created and not (same and now - submission.sent_at < REPLAY):
        other = uuid5(key, f"{treatment.pk}:{now:%Y-%m-%d}:{sorted(answers.items(), key=str)}")
        submission, created = _stored(other, defaults)
    for form_key in drafts:  # before the apps above lock the patient: the sweep of drafts locks in the same order
        delete_draft(owner=by, form_key=form_key)
    if created:
        audit(by=by, did=Did.SENT, what=f"submission:{submission.code}", patient=treatment.patient, now=now)
        answers_sent.send(Submission, submission=submission, now=now)
    return submission


def _stored(key: UUID, fields: dict[str, Any]) -> tuple[Submission, bool]:
    """Return the row with the key, and whether it is new. Hardly anything is sent twice: the insert is the question."""
    try:
        with transaction.atomic():
            return Submission.objects.create(key=key, **fields), True
    except IntegrityError:
        known = Submission.objects.filter(key=key).first()
        if known is None:
            raise
        return known, False
