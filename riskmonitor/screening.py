"""What a stored row asks for: the rules applied to submissions and messages. Reads rows, writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from messaging.models import Message
from programs.models import Submission
from riskmonitor.rules import Finding, follow_up_findings, item_findings, text_findings

Screened = Submission | Message


@dataclass(frozen=True)
class FoundIn:
    """A finding and the row that it was found in; `address` names the text where a row has several."""

    finding: Finding
    submission: Submission | None = None
    message: Message | None = None
    draft_key: UUID | None = None
    address: str = ""


def item_findings_of(submission: Submission) -> list[FoundIn]:
    """Return what the items of a questionnaire or of the follow-up page ask for.

    Raise UnknownForm or BadAnswer when that cannot be told.
    """
    if submission.kind == Submission.Kind.FOLLOW_UP:
        asked = follow_up_findings(submission.form, submission.form_version, submission.answers)
        return [FoundIn(finding, submission=submission) for finding in asked]
    if submission.kind != Submission.Kind.MEASURE:
        return []
    before = (
        Submission.objects.measures()
        .filter(treatment=submission.treatment_id, form=submission.form, sent_at__lt=submission.sent_at)
        .order_by("-sent_at")
        .values_list("answers", flat=True)
        .first()
    )
    found = item_findings(submission.form, submission.form_version, submission.answers, before)
    return [FoundIn(finding, submission=submission) for finding in found]


def text_findings_of(row: Screened) -> list[FoundIn]:
    """Return what the row's free text asks for."""
    if isinstance(row, Message):
        return [FoundIn(finding, message=row) for finding in text_findings(row.text)]
    return [
        FoundIn(finding, submission=row, address=address[:120])
        for address, text in row.texts
        for finding in text_findings(text)
    ]


def all_findings_of(row: Screened) -> Sequence[FoundIn]:
    """Return everything that the row asks for: the second net looks at items again, and at text."""
    items = item_findings_of(row) if isinstance(row, Submission) else []
    return [*items, *text_findings_of(row)]
