"""Goes through what patients have sent, in batches and in the order of the primary keys. Reads only."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import Q, Subquery
from django.db.models.functions import Coalesce

from messaging.models import Message
from programs.models import Submission
from riskmonitor.screening import Screened

BACK = timedelta(days=14)  # how far the nightly look back goes, and a dry run that a decision rests on
BATCH = 50  # rows in one transaction


class Place(Protocol):
    """How far somebody has come: the last key of each kind that was looked at."""

    submission_done: int
    message_done: int


def last_before(model: type[Screened], since: datetime) -> int:
    """Return the last key of what was sent before. Found from the end of the primary key, past the recent rows only."""
    return model.objects.filter(sent_at__lt=since).order_by("-pk").values_list("pk", flat=True).first() or 0


def key_before(model: type[Screened], since: datetime) -> Coalesce:
    """Return the same, asked in the query that is bound by it."""
    return Coalesce(Subquery(model.objects.filter(sent_at__lt=since).order_by("-pk").values("pk")[:1]), 0)


def next_rows(place: Place, which: Q) -> list[Screened]:
    """Return the next rows, all of one model, and move the place on. None are left: an empty list."""
    sent = Submission.objects.filter(which, pk__gt=place.submission_done).order_by("pk")
    answers = list(sent.select_related("treatment__patient")[:BATCH])
    if answers:
        place.submission_done = answers[-1].pk
        return list(answers)
    written = Message.objects.filter(which, pk__gt=place.message_done, from_patient=True).order_by("pk")
    texts = list(written.select_related("treatment__patient")[:BATCH])
    if texts:
        place.message_done = texts[-1].pk
    return list(texts)
