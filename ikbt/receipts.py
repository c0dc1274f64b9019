"""What a receipt says after a questionnaire: one figure, how it compares, who reads and by when. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.http import Http404

from clinics.models import Patient
from messaging.promises import Promise
from messaging.reading import promise_for
from programs.doors import may_write
from programs.instruments import Instrument
from programs.models import Submission
from riskmonitor.follow_up import open_danger
from riskmonitor.models import Flag


@dataclass(frozen=True)
class Receipt:
    """`total` is None when it cannot be counted; `change` is against the time before, None when there is none.

    With an open flag its owner and time are told, and no promise is made beside it.
    """

    sent_at: datetime
    total: int | None
    highest: int
    change: int | None
    is_much_higher: bool
    flag: Flag | None
    promise: Promise | None

    @property
    def distance(self) -> int:
        return abs(self.change or 0)


def read_receipt(patient: Patient, instrument: Instrument, code: UUID, now: datetime) -> Receipt:
    """Return the receipt of one of the patient's own submissions; Http404 for any other."""
    sent = (
        Submission.objects.visible_to(patient.user)
        .measures()
        .filter(treatment__patient=patient, form=instrument.id)
        .select_related("treatment__assignment__therapist", "treatment__assignment__substitute")
        .order_by("sent_at", "pk")
    )
    before: Submission | None = None
    for submission in sent:
        if submission.code == code:
            return _receipt(patient, instrument, submission, before, now)
        if submission.total is not None:
            before = submission
    raise Http404


def _receipt(
    patient: Patient, instrument: Instrument, submission: Submission, before: Submission | None, now: datetime
) -> Receipt:
    total = None if submission.total is None else int(submission.total)
    change = None if total is None or before is None or before.total is None else total - int(before.total)
    flag = open_danger(patient, now)
    assignment = submission.treatment.assignment
    assignment.patient = patient  # with its clinic, which is known already
    return Receipt(
        sent_at=submission.sent_at,
        total=total,
        highest=instrument.scoring.high,
        change=change,
        is_much_higher=change is not None and change >= instrument.reliable_change,
        flag=flag,
        promise=promise_for(assignment, now) if flag is None and may_write(submission.treatment) else None,
    )
