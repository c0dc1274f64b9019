"""What a row asks for today, against what flags hold of it: the one comparison that raising, looking back and dry
runs go by (pure). What a dry run does not show of a row, no look back at it raises afterwards.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from riskmonitor.rules.kinds import URGENCY_ORDER, Kind, Urgency


@dataclass(frozen=True)
class Told:
    """What is said of one row, stored or found again: of an answered item, of a place in a text, or of the whole row.

    `start` and `end` are a place in the text that `address` names; `item` with `value` is an answer. Without either it
    is the whole row, and `value` is what a rule has counted.
    """

    kind: Kind
    urgency: Urgency
    item: str = ""
    value: int | None = None
    address: str = ""
    start: int | None = None
    end: int | None = None

    def is_about(self, other: Told) -> bool:
        """Tell whether both speak of the same thing, whatever rule or phrase says so: places that overlap are one."""
        if self.kind != other.kind:
            return False
        if self._place is None or other._place is None:
            return self._place == other._place and self._answer == other._answer  # words are never about an answer
        (start, end), (others_start, others_end) = self._place, other._place
        return self.address == other.address and start < others_end and others_start < end

    @property
    def _place(self) -> tuple[int, int] | None:
        return None if self.start is None or self.end is None else (self.start, self.end)

    @property
    def _answer(self) -> tuple[str, int | None]:
        return self.item, self.value if self.item else None


def is_known(found: Told, held: Iterable[Told]) -> bool:
    """Tell whether a flag holds what was found already: the same thing, at least as urgent. Nobody is told again."""
    return any(each.is_about(found) and _rank(each) >= _rank(found) for each in held)


class Change(StrEnum):
    """What becomes of a flag. The first two are the dangerous ones: somebody would look later, or never."""

    GONE = "gone"
    CALMER = "calmer"
    CAME = "came"
    MORE_URGENT = "more_urgent"


@dataclass(frozen=True)
class Difference:
    """One kind of flag of one row. `held` is as stored, `found` by the rules that are tried; None: nothing."""

    kind: Kind
    change: Change
    held: Urgency | None
    found: Urgency | None


def differences(held: Collection[Told], found: Collection[Told]) -> list[Difference]:
    """Return what differs for one row: at most two of a kind, one of them GONE or CALMER.

    1. What no flag holds would be raised. Another phrase or rule for the same thing, as urgent, is no difference.
    2. Of a kind the most urgent decides how soon somebody looks, as in a flag: less than that is calmer.
    """
    kinds = sorted({each.kind for each in (*held, *found)})
    return [difference for kind in kinds for difference in _of_kind(_only(kind, held), _only(kind, found))]


def _only(kind: Kind, told: Iterable[Told]) -> list[Told]:
    return [each for each in told if each.kind == kind]


def _of_kind(held: Collection[Told], found: Collection[Told]) -> Iterator[Difference]:
    before, after = _most_urgent(held), _most_urgent(found)
    if before and (after is None or _rank(after) < _rank(before)):
        change = Change.CALMER if after else Change.GONE
        yield Difference(before.kind, change, before.urgency, after.urgency if after else None)
    if raised := _most_urgent([each for each in found if not is_known(each, held)]):
        known = _most_urgent([each for each in held if each.is_about(raised)])
        change = Change.MORE_URGENT if known else Change.CAME
        yield Difference(raised.kind, change, known.urgency if known else None, raised.urgency)


def _most_urgent(told: Collection[Told]) -> Told | None:
    return max(told, key=_rank, default=None)


def _rank(told: Told) -> int:
    return URGENCY_ORDER[told.urgency]
