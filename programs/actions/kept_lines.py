"""Keep a line for the plan ahead, sort it, take it away and put it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import User
from programs.models import KeptLine, Treatment


@transaction.atomic
def keep_line(
    *, treatment: Treatment, origin: str, source: str, text: str, by: User, now: datetime, part: str = ""
) -> KeptLine:
    """Keep words that the patient has read. The same line again changes nothing; a removed one is put back."""
    made = {"treatment": treatment, "origin": origin, "source": source, "text": text, "part": part, "kept_at": now}
    line, created = KeptLine.objects.get_or_create(key=KeptLine.key_of(treatment, origin, text), defaults=made)
    if created:
        audit(by=by, did=Did.SAVED, what=f"kept-line:{line.code}", patient=treatment.patient, now=now)
    elif line.removed_at is not None:
        line.removed_at = None
        _save(line, "removed_at", by, now)
    return line


@transaction.atomic
def move_line(*, line: KeptLine, part: str, by: User, now: datetime) -> None:
    """Place a line under a part of the plan, "" for none. part: a field of the tool relapse_plan."""
    if line.part != part:
        line.part = part
        _save(line, "part", by, now)


@transaction.atomic
def remove_line(*, line: KeptLine, by: User, now: datetime) -> None:
    """Take a line out of the plan. The row stays, so that it can be put back."""
    if line.removed_at is None:
        line.removed_at = now
        _save(line, "removed_at", by, now)


def _save(line: KeptLine, field: str, by: User, now: datetime) -> None:
    line.save(update_fields=[field])
    audit(by=by, did=Did.CHANGED, what=f"kept-line:{line.code}", patient=line.treatment.patient, now=now)
