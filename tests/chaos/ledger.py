"""The verdict: what got a receipt against what stands in the database."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, QuerySet
from django.db.models.functions import Coalesce

from messaging.models import Message
from programs.models import Submission
from riskmonitor.actions.telling_again import BEGUN_ANEW
from riskmonitor.models import Flag, FlagEvent, FlagFinding
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

    Doubled: something sent once that stands twice, a finding that stands twice, two open flags of one patient, or a
    step that was taken twice.
    """
    planned, risky = {submit.key for submit in submits}, {submit.key for submit in submits if submit.risky}
    stored = set(Message.objects.values_list("key", flat=True)) | set(Submission.objects.values_list("key", flat=True))
    flagged = set(_found().values_list("key", flat=True))
    twice = Flag.objects.open().values("patient", "kind").annotate(n=Count("pk")).filter(n__gt=1).count()
    same = _found().values("message", "submission", "rule", "item", "address", "start")
    return Ledger(
        lost=len((risky & receipts) - flagged),
        unstored=len(receipts - stored),
        doubled=twice
        + same.annotate(n=Count("pk")).filter(n__gt=1).count()
        + len(stored - planned)
        + steps_taken_twice(FlagEvent.objects.order_by("flag", "pk").values_list("flag", "kind", "to", "audience")),
        ghost=len(flagged - risky),
        waits=_waits(),
    )


def untold(answered: Mapping[UUID, float]) -> int:
    """Return how many were stored by a try that got no answer, and answered only when they were sent again.

    `answered`: when the try began that got the receipt. Whoever does not try again would not know.
    """
    sent = {
        **dict(Message.objects.values_list("key", "sent_at")),
        **dict(Submission.objects.values_list("key", "sent_at")),
    }
    return sum(sent[key].timestamp() < began for key, began in answered.items() if key in sent)


def steps_taken_twice(events: Iterable[tuple[int, str, int | None, str]]) -> int:
    """Return how often a step called somebody whom it had called already, with nothing that begins the steps anew.

    `events`: flag, kind, person and audience, in the order of the flags and of time. No run is so long that a last
    step repeats.
    """
    called: set[tuple[int, int | None, str]] = set()
    twice = 0
    for flag, kind, person, audience in events:
        if kind in BEGUN_ANEW:
            called = {each for each in called if each[0] != flag}
        elif kind == FlagEvent.Kind.NOTIFIED and audience:
            twice += (flag, person, audience) in called
            called.add((flag, person, audience))
    return twice


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
