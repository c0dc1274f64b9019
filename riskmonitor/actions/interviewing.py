"""Keep what a patient answered in a structured interview. It is told in the flag, and changes nothing else in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction

from clinics.models import User
from programs.instruments import Instrument, validate
from riskmonitor.actions.answering import audit_flag, locked_open
from riskmonitor.models import Flag, FlagEvent, Interview


@transaction.atomic
def note_interview(
    *, flag: Flag, asked: Instrument, answers: Mapping[str, int], held_at: datetime, key: UUID, by: User, now: datetime
) -> Interview:
    """Store the answers beside the flag's history. The clock keeps running, and nobody has taken the flag by it.

    `asked` has the wording that was read aloud. The same key with the same answers is one interview; with others it is
    a new one. Raise ValueError for answers that the interview does not have, or for none; AlreadyClosed.
    """
    if not answers or validate(asked, answers):
        raise ValueError(f"{asked.id}: no answers, or others than it has")
    flag = locked_open(flag)
    known = Interview.objects.filter(key=key).select_related("event").first()
    if known and (known.event.flag_id, known.answers, known.held_at) == (flag.pk, answers, held_at):
        return known
    event = flag.events.create(kind=FlagEvent.Kind.INTERVIEWED, at=now, by=by, note=asked.name)
    audit_flag(flag, by, now)
    return Interview.objects.create(
        event=event, key=uuid4() if known else key, instrument=asked.id, version=asked.version, answers=dict(answers),
        held_at=held_at,
    )  # fmt: skip
