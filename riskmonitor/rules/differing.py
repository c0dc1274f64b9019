"""What two rule sets make of the same answers: what one holds and the other finds (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from riskmonitor.rules.kinds import URGENCY_ORDER, Kind, Urgency

Told = tuple[Kind, Urgency]


class Change(StrEnum):
    """What becomes of a flag. The first two are the dangerous ones: somebody would look later, or never."""

    GONE = "gone"
    CALMER = "calmer"
    CAME = "came"
    MORE_URGENT = "more_urgent"


@dataclass(frozen=True)
class Difference:
    """One kind of flag of one row. `held` is as stored, `found` by the rules that are tried; None: no flag."""

    kind: Kind
    change: Change
    held: Urgency | None
    found: Urgency | None


def differences(held: Iterable[Told], found: Iterable[Told]) -> list[Difference]:
    """Return what differs for one row, by kind. Of several findings of a kind the most urgent decides, as in a flag.

    Another phrase or item with the same kind and urgency is no difference: the same person looks just as soon.
    """
    before, after = _most_urgent(held), _most_urgent(found)
    kinds = sorted(before.keys() | after.keys())
    return [
        Difference(kind, _change(before.get(kind), after.get(kind)), before.get(kind), after.get(kind))
        for kind in kinds
        if before.get(kind) != after.get(kind)
    ]


def _most_urgent(told: Iterable[Told]) -> dict[Kind, Urgency]:
    found: dict[Kind, Urgency] = {}
    for kind, urgency in told:
        found[kind] = max(found.get(kind, urgency), urgency, key=lambda each: URGENCY_ORDER[each])
    return found


def _change(held: Urgency | None, found: Urgency | None) -> Change:
    if held is None:
        return Change.CAME
    if found is None:
        return Change.GONE
    return Change.MORE_URGENT if URGENCY_ORDER[found] > URGENCY_ORDER[held] else Change.CALMER
