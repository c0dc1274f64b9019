"""Open flags as lists say them: each with its strongest finding only. Reads only.

A flag may hold a hundred findings; a list of fifty patients would fetch them all to say one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Value, When

from ikbt.casework.flags_shown import words_of
from riskmonitor.models import FlagFinding
from riskmonitor.rules import URGENCY_ORDER


class ListedFlag(NamedTuple):
    """One open flag in plain values; those from `rule` on are of its finding."""

    pk: int
    patient: int
    kind: str
    urgency: str
    due_at: datetime
    owner_first_name: str
    owner_last_name: str
    try_again_at: datetime | None  # when a patient who was not reached is tried again
    rule: str
    item: str
    value: int | None
    draft_key: UUID | None
    phrase: str
    before: Decimal | None
    after: Decimal | None  # the total of the answers that it was found in

    @property
    def owner_name(self) -> str:
        return f"{self.owner_first_name} {self.owner_last_name}"

    @property
    def words(self) -> str:
        """Return the finding in short; only for those who may read the patient."""
        return words_of(self, self.kind, self.after)


FIELDS = (
    "flag", "flag__patient", "flag__kind", "flag__urgency", "flag__due_at", "flag__owner__first_name",
    "flag__owner__last_name", "flag__try_again_at", "rule", "item", "value", "draft_key", "phrase", "before",
    "submission__total",
)  # fmt: skip
STRENGTH = Case(*(When(urgency=urgency, then=Value(place)) for urgency, place in URGENCY_ORDER.items()))
STRONGEST = (
    FlagFinding.objects.filter(flag__closed_at=None)
    .order_by("flag", STRENGTH.desc(), "-found_at", "pk")
    .distinct("flag")
    .values_list(*FIELDS)
)  # put together once: only whose flags is said anew


def open_flags(patients: Collection[int]) -> dict[int, list[ListedFlag]]:
    """Return the open flags of each patient by its id, the first deadline first. One query."""
    found = [ListedFlag(*row) for row in STRONGEST.filter(flag__patient__in=patients)]
    by_patient: dict[int, list[ListedFlag]] = defaultdict(list)
    for flag in sorted(found, key=lambda each: (each.due_at, each.pk)):
        by_patient[flag.patient].append(flag)
    return by_patient
