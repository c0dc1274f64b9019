"""What a stored row asks for: the rules applied to submissions and messages. Reads rows, writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Q

from messaging.models import Message
from programs.models import Submission
from riskmonitor.rules import (
    Finding,
    Told,
    asked_again_findings,
    deterioration_findings,
    follow_up_findings,
    help_asked_findings,
    item_findings,
    text_findings,
)

Screened = Submission | Message
_ANSWERED = Submission.objects.filter(kind__in=[Submission.Kind.MEASURE, Submission.Kind.ASKED_AGAIN])
_EARLIER = _ANSWERED.order_by("sent_at", "pk").values_list("answers", "total")


@dataclass(frozen=True)
class FoundIn:
    """A finding and the row that it was found in; `address` names the text where a row has several."""

    finding: Finding
    submission: Submission | None = None
    message: Message | None = None
    draft_key: UUID | None = None
    address: str = ""

    @property
    def told(self) -> Told:
        """Return what it says of its row, for comparing."""
        found = self.finding
        return Told(found.kind, found.urgency, found.item or "", found.value, self.address, found.start, found.end)


def item_findings_of(submission: Submission) -> list[FoundIn]:
    """Return what the answers to set questions ask for, and what has changed since the times before.

    Raise UnknownForm or BadAnswer when that cannot be told.
    """
    rules = RULES.get(Submission.Kind(submission.kind))
    return [FoundIn(finding, submission=submission) for finding in rules(submission)] if rules else []


def _measure(submission: Submission) -> list[Finding]:
    form, earlier = submission.form, _earlier(submission)
    found = item_findings(form, submission.form_version, submission.answers, _last_known(earlier))
    if submission.total is None:
        return found
    totals = [Decimal(total) for _answers, total in earlier if total is not None]
    return found + deterioration_findings(form, [*totals, Decimal(submission.total)])


def _asked_again(submission: Submission) -> list[Finding]:
    before = _last_known(_earlier(submission))
    return asked_again_findings(submission.form, submission.form_version, submission.answers, before)


def _follow_up(submission: Submission) -> list[Finding]:
    return follow_up_findings(submission.form, submission.form_version, submission.answers)


def _call_me(submission: Submission) -> list[Finding]:
    return help_asked_findings(submission.form, submission.form_version, submission.answers)


def _earlier(submission: Submission) -> list[tuple[Mapping[str, Any], Decimal | None]]:
    """Return answers and total of the same questionnaire's earlier sendings, the oldest first. One query.

    Among them the questions that were left out and asked again, which have no total. What came later is left out, so
    that a sending judged anew next week has the same findings as today.
    """
    same_moment = Q(sent_at=submission.sent_at, pk__lt=submission.pk)
    return list(
        _EARLIER.filter(
            Q(sent_at__lt=submission.sent_at) | same_moment, treatment=submission.treatment_id, form=submission.form
        )
    )


def _last_known(earlier: Sequence[tuple[Mapping[str, Any], Decimal | None]]) -> dict[str, Any]:
    """Return each item's last value that is known: a question that was left out has the one before."""
    return {
        item: value for answers, _total in earlier for item, value in answers.items() if value is not None
    }  # the later overwrites


RULES: Mapping[Submission.Kind, Callable[[Submission], list[Finding]]] = {
    Submission.Kind.MEASURE: _measure,
    Submission.Kind.ASKED_AGAIN: _asked_again,
    Submission.Kind.FOLLOW_UP: _follow_up,
    Submission.Kind.CALL_ME: _call_me,
}


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
