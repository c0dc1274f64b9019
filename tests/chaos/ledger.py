"""The verdict: what got a receipt against what stands in the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from messaging.models import Message
from programs.models import Submission
from riskmonitor.models import Flag, FlagFinding
from tests.chaos.load import Submit


@dataclass(frozen=True)
class Ledger:
    """All must be 0. Seconds from sent to flagged, in order."""

    lost: int
    unstored: int
    doubled: int
    ghost: int
    waits: list[float]


def read_ledger(submits: list[Submit], receipts: set[UUID]) -> Ledger:
    """Lost: receipt and no flag. Doubled: one key twice, or two open flags. Ghost: a flag for what nobody sent."""
    risky = {submit.key for submit in submits if submit.risky and submit.key in receipts}
    found = FlagFinding.objects.exclude(message=None)
    flagged = dict(found.order_by("-found_at").values_list("message__key", "found_at"))
    sent = dict(Message.objects.values_list("key", "sent_at"))
    stored = set(sent) | set(Submission.objects.values_list("key", flat=True))
    twice = Flag.objects.open().values("patient", "kind").annotate(n=Count("pk")).filter(n__gt=1).count()
    same = found.values("message", "rule", "address", "start").annotate(n=Count("pk")).filter(n__gt=1).count()
    extra = Message.objects.count() - len({submit.key for submit in submits if submit.risky} & set(sent))
    return Ledger(
        lost=len(risky - set(flagged)),
        unstored=len(receipts - stored),
        doubled=twice + same + extra,
        ghost=len(set(flagged) - {submit.key for submit in submits}),
        waits=sorted((flagged[key] - sent[key]).total_seconds() for key in risky & set(flagged)),
    )


def unscreened(submits: list[Submit], receipts: set[UUID]) -> int:
    """Return how many risky messages with a receipt have no finding yet."""
    risky = {submit.key for submit in submits if submit.risky and submit.key in receipts}
    return len(risky - set(FlagFinding.objects.exclude(message=None).values_list("message__key", flat=True)))
