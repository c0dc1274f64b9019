"""A question about suicide that was left out, and is answered after all."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from programs.models import Submission
from riskmonitor.models import FlagEvent, FlagFinding

ANSWERS = (Submission.Kind.MEASURE, Submission.Kind.ASKED_AGAIN)
_UNANSWERED = FlagFinding.objects.unanswered().order_by("pk").select_for_update(of=("self",))


@transaction.atomic(savepoint=False)  # who catches an error and goes on has a savepoint of its own
def note_answered(*, submission: Submission, now: datetime) -> None:
    """Tie the answers to the open findings that said "left out": from then on a human may close for that reason.

    It lowers nothing: the flag stands until somebody closes it, and a marked answer is a finding of its own. Doing it
    twice changes nothing.
    """
    if submission.kind not in ANSWERS:
        return
    given = [item for item, value in submission.answers.items() if isinstance(value, int)]
    waiting = _UNANSWERED.filter(
        flag__patient=submission.treatment.patient_id, submission__form=submission.form, item__in=given,
        submission__sent_at__lt=submission.sent_at,
    )  # fmt: skip
    for finding in waiting:
        finding.answered_in = submission
        finding.save(update_fields=["answered_in"])
        FlagEvent.objects.create(flag_id=finding.flag_id, kind=FlagEvent.Kind.ANSWERED, at=now)
