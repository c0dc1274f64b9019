"""What a receipt says after a questionnaire: one figure, how it compares, who reads and by when. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.http import Http404
from django.utils.translation import get_language

from clinics.models import Patient
from messaging.promises import Promise
from messaging.reading import promise_for
from programs.doors import may_write
from programs.instruments import Instrument, is_reliably_worse
from programs.measures.asking import asking_of, takes_measures
from programs.measures.schedule import Asked
from programs.models import Submission, Treatment
from riskmonitor.follow_up import open_danger
from riskmonitor.models import Flag


@dataclass(frozen=True)
class Receipt:
    """`total` is None when it cannot be counted; `change` is against the time before, None when there is none.

    With an open flag its owner and time are told, and no promise is made beside it. `more`: what waits for answers.
    """

    sent_at: datetime
    total: Decimal | None
    highest: int
    change: Decimal | None
    is_hard_week: bool
    is_totalled: bool
    higher_is_worse: bool
    flag: Flag | None
    promise: Promise | None
    more: tuple[Asked, ...]

    @property
    def distance(self) -> Decimal:
        return abs(self.change or Decimal())

    @property
    def grammatical_number(self) -> int:
        """Return 1 where one point is told, else 2: 1.5 is told in the plural."""
        return 1 if round(self.distance, 1) == 1 else 2


def read_receipt(patient: Patient, instrument: Instrument, code: UUID, now: datetime) -> Receipt:
    """Return the receipt of one of the patient's own submissions; Http404 for any other."""
    sent = (
        Submission.objects.visible_to(patient.user)
        .measures()
        .filter(treatment__patient=patient, form=instrument.id)
        .select_related("treatment__assignment__therapist", "treatment__assignment__substitute", "treatment__revision")
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
    total, earlier = submission.total, before.total if before else None
    change = None if total is None or earlier is None else total - earlier
    flag = open_danger(patient, now)
    treatment, assignment = submission.treatment, submission.treatment.assignment
    treatment.patient = assignment.patient = patient  # with its clinic, which is known already
    asks_more = flag is None and takes_measures(treatment, now)
    return Receipt(
        sent_at=submission.sent_at,
        total=total,
        highest=instrument.scoring.high,
        change=change,
        is_hard_week=total is not None and earlier is not None and is_reliably_worse(instrument, earlier, total),
        is_totalled=instrument.scoring.method != "none",
        higher_is_worse=instrument.higher_is_worse,
        flag=flag,
        promise=promise_for(assignment, now) if flag is None and _is_answered(treatment) else None,
        more=asking_of(treatment, now, get_language() or "sv").waiting if asks_more else (),
    )


def _is_answered(treatment: Treatment) -> bool:
    """Say whether somebody may be promised to answer: while it runs, and whoever planned it before it starts."""
    return may_write(treatment) or treatment.state == Treatment.State.PLANNED
