"""Open a closed flag again: the same flag, with its history, a new clock and its people called from the first step."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did
from clinics.models import User
from clinics.typed_text import storable
from riskmonitor.actions.answering import audit_flag
from riskmonitor.actions.climbing import climb_or_stay_due, restart_steps
from riskmonitor.actions.raising import hold_patient, start_clock
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Kind


class ReopenRefused(Exception):
    """The flag stays as it is; `because` is "reason", "open", "newer" or "system"."""

    def __init__(self, flag: Flag, because: str) -> None:
        super().__init__(because)
        self.flag, self.because = flag, because


@transaction.atomic
def reopen(*, flag: Flag, by: User, reason: str, now: datetime) -> Flag:
    """Open the flag again, with a reason. Nobody has taken it on, and the waits count from now.

    What the closing said is kept in the history. Raise ReopenRefused without a reason, when it is open, when a newer
    flag of the kind is open (one per patient and kind), and for `uncovered`, which the system opens and closes itself.
    """
    hold_patient(flag.patient_id)  # as raise_flag: never two
    flag = Flag.objects.select_for_update(of=("self",)).select_related("clinic", "patient", "owner").get(pk=flag.pk)
    if because := _refused(flag, storable(reason)):
        raise ReopenRefused(flag, because)
    flag.events.create(
        kind=FlagEvent.Kind.REOPENED, at=now, by=by, note=storable(reason).strip(), outcome=flag.outcome,
        contact_at=flag.contact_at, contact_with=flag.contact_with,
    )  # fmt: skip
    _forget_the_closing(flag)
    flag.alerted_at = flag.next_step_at = now
    start_clock(flag, now)
    flag.save()
    restart_steps(flag, now)
    climb_or_stay_due(flag, now)
    audit_flag(flag, by, now, Did.OPENED)
    return flag


def _refused(flag: Flag, reason: str) -> str:
    if flag.closed_at is None:
        return "open"
    if flag.kind == Kind.UNCOVERED:
        return "system"
    if Flag.objects.open().filter(patient=flag.patient, kind=flag.kind).exists():
        return "newer"
    return "" if reason.strip() else "reason"


def _forget_the_closing(flag: Flag) -> None:
    flag.outcome = flag.assessment = flag.action = flag.contact_with = ""
    flag.contact_at = flag.next_contact_on = flag.closed_at = flag.closed_by = None
    flag.acknowledged_at = flag.acknowledged_by = flag.unreachable_since = None
    flag.done = []
