"""The verdict: what got a receipt against what stands in the database."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from messaging.models import Message
from programs.models import Submission
from riskmonitor.models import Flag, FlagFinding
from tests.chaos.load import Submit

# When the transaction that stored a text's first finding was committed, not when it began: what a reader could see.
WAITS = """
    SELECT sent.key, extract(epoch FROM min(pg_xact_commit_timestamp(found.xmin)) - sent.sent_at)
    FROM riskmonitor_flagfinding found
    JOIN (SELECT id, NULL::bigint AS other, key, sent_at FROM messaging_message
          UNION ALL SELECT NULL, id, key, sent_at FROM programs_submission WHERE kind = 'stuck') sent
      ON sent.id = found.message_id OR sent.other = found.submission_id
    GROUP BY sent.key, sent.sent_at
"""


@dataclass(frozen=True)
class Ledger:
    """All counts must be 0. `waits` are the seconds from a text that was sent to its flag, in order."""

    lost: int
    unstored: int
    doubled: int
    ghost: int
    waits: list[float]


def read_ledger(submits: list[Submit], receipts: set[UUID]) -> Ledger:
    """Lost: receipt and no flag. Unstored: receipt and no row. Ghost: a flag for what nobody sent, or for no danger.

    Doubled: something sent once that stands twice, a finding that stands twice, or two open flags of one patient.
    """
    planned, risky = {submit.key for submit in submits}, {submit.key for submit in submits if submit.risky}
    stored = set(Message.objects.values_list("key", flat=True)) | set(Submission.objects.values_list("key", flat=True))
    flagged = set(_found().values_list("key", flat=True))
    twice = Flag.objects.open().values("patient", "kind").annotate(n=Count("pk")).filter(n__gt=1).count()
    same = _found().values("message", "submission", "rule", "item", "address", "start")
    return Ledger(
        lost=len((risky & receipts) - flagged),
        unstored=len(receipts - stored),
        doubled=twice + same.annotate(n=Count("pk")).filter(n__gt=1).count() + len(stored - planned),
        ghost=len(flagged - risky),
        waits=_waits(),
    )


def unscreened(submits: list[Submit], receipts: set[UUID]) -> int:
    """Return how many risky sendings with a receipt have no finding yet."""
    risky = {submit.key for submit in submits if submit.risky and submit.key in receipts}
    return len(risky - set(_found().values_list("key", flat=True)))


def _found() -> QuerySet[FlagFinding]:
    """Return the findings in what patients sent; `key` is the sending's."""
    about = FlagFinding.objects.exclude(message=None, submission=None)
    return about.annotate(key=Coalesce(F("message__key"), F("submission__key"))).order_by()


def _waits() -> list[float]:
    with connection.cursor() as cursor:
        cursor.execute(WAITS)
        return sorted(float(seconds) for _key, seconds in cursor.fetchall())
