"""How far a person has read a flag, so that nobody answers or closes what nobody has been shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from riskmonitor.models import Flag, FlagEvent, FlagFinding


@dataclass(frozen=True)
class Seen:
    """The newest finding and the newest answers that the patient gave afterwards, by primary key; 0 for none.

    `asked`: the follow-up page, or a structured interview that a colleague has held. Both are added with the flag's row
    locked, so that a later one always has a higher key.
    """

    finding: int = 0
    asked: int = 0

    def __str__(self) -> str:
        return f"{self.finding}.{self.asked}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a page carried; what cannot be read has seen nothing."""
        parts = text.split(".")
        if len(parts) != 2 or not all(part.isascii() and part.isdecimal() and len(part) < 20 for part in parts):
            return cls()
        return cls(*map(int, parts))

    def is_later_than(self, seen: Seen) -> bool:
        return self.finding > seen.finding or self.asked > seen.asked


_FINDINGS = FlagFinding.objects.filter(flag=OuterRef("pk")).order_by("-pk")
_TOLD = (FlagEvent.Kind.ASKED, FlagEvent.Kind.INTERVIEWED)
_ANSWERS = FlagEvent.objects.filter(flag=OuterRef("pk"), kind__in=_TOLD).order_by("-pk")
# For a query for the flag itself: what is then read of it, row by row, is at least as new as this.
NEWEST = {
    "newest_finding": Coalesce(Subquery(_FINDINGS.values("pk")[:1]), 0),
    "newest_asked": Coalesce(Subquery(_ANSWERS.values("pk")[:1]), 0),
}


def newest(flag: Flag) -> Seen:
    """Return what stands in the flag now. One query."""
    return drawn(Flag.objects.only("pk").annotate(**NEWEST).get(pk=flag.pk))


def drawn(flag: Flag) -> Seen:
    """Return what stood in the flag when it was fetched with `NEWEST`."""
    return Seen(vars(flag)["newest_finding"], vars(flag)["newest_asked"])
