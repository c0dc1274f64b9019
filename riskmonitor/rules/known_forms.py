"""The forms whose answers can be screened: versions, ranges, and the rules of the items about suicide (pure).

Nothing here is read from the instruments' own files: a person compares, and what nobody has compared is unscreenable.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True)
class ItemRule:
    """What one item's value asks for: `now_from` and above is now, `today_from` and above today, missing today."""

    name: str
    item: str
    now_from: int
    today_from: int
    rise_today: int | None = None  # a rise by so much since last time is today, also under the threshold


@dataclass(frozen=True)
class Form:
    """A form that can be screened: the versions known, its items, their range and its rules (none is allowed).

    `own` are the ranges of items that have another one. A gated form's version is its structure's, a dot, and what
    tells one clinic's wording from another's: the rules depend on the structure alone. `change` is the reliable change
    in points, None where nobody has shown one, and for the project's own scales.
    """

    versions: frozenset[str]
    items: int
    low: int
    high: int
    rules: tuple[ItemRule, ...] = ()
    own: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    gated: bool = False
    change: Decimal | None = None
    higher_is_worse: bool = True

    def knows(self, version: str) -> bool:
        """Say whether a person has compared the rules with this version of the form."""
        return (version.partition(".")[0] if self.gated else version) in self.versions

    def range_of(self, item: str) -> tuple[int, int]:
        return self.own.get(item, (self.low, self.high))

    def worsening(self, before: Decimal, after: Decimal) -> Decimal:
        """Return by how many points a total has become worse, below zero when it has become better."""
        return after - before if self.higher_is_worse else before - after

    @property
    def thresholds(self) -> tuple[object, ...]:
        """Return everything that the rules go by, in an order that does not change."""
        return (
            self.items, self.low, self.high, self.rules, sorted(self.own.items()), self.gated, self.change,
            self.higher_is_worse,
        )  # fmt: skip


# Thresholds: architecture, section 4. A form's version changes with any shipped word, item or scoring rule, and until
# it is added here its answers are unscreenable. Reliable changes: the instruments' files, with their sources.
FORMS: dict[str, Form] = {
    "phq9": Form(
        frozenset({"a1812ae195ca"}), 9, 0, 3, (ItemRule("phq9.item9", "9", now_from=2, today_from=1),),
        change=Decimal(6),
    ),
    "gad7": Form(frozenset({"85ca7aecdf84"}), 7, 0, 3, change=Decimal(4)),
    # Own scales: no item asks about suicide; what is written beside an item is screened as text.
    "crisis_week": Form(frozenset({"f28a777c7f80"}), 3, 0, 10),
    "goals": Form(frozenset({"b0f4dd2b5f7f"}), 3, 0, 10, higher_is_worse=False),
    "health_week": Form(frozenset({"957c231f7d96"}), 3, 0, 10),
    "pain_week": Form(frozenset({"0f1ab434d755"}), 3, 0, 10),
    "panic_week": Form(frozenset({"591dfef5d619"}), 3, 0, 10, own={"1": (0, 999)}),
    "self_week": Form(frozenset({"4df2b274b9c8"}), 3, 0, 10),
    "side_effects": Form(frozenset({"ccf918258387"}), 2, 0, 2, own={"2": (0, 1)}),
    "sleep_week": Form(frozenset({"437d4fce5976"}), 3, 0, 10),
    "social_week": Form(frozenset({"033671974924"}), 3, 0, 10),
    "stress_week": Form(frozenset({"5ff2fd712fe0"}), 3, 0, 10),
    # Gated: their wording differs between clinics, their structure does not.
    "madrs_s": Form(
        frozenset({"c61064635de4"}), 9, 0, 6,
        (ItemRule("madrs_s.item9", "9", now_from=4, today_from=3, rise_today=2),), gated=True,
        change=Decimal("7.8"),
    ),
    "audit": Form(frozenset({"b65ee7742b99"}), 10, 0, 4, gated=True),
    "bbq": Form(frozenset({"93764a58c168"}), 12, 0, 4, gated=True, change=Decimal("18.4"), higher_is_worse=False),
    "isi": Form(frozenset({"7a1f112b8ea6"}), 7, 0, 4, gated=True, change=Decimal(6)),
    "keds": Form(frozenset({"96e21b757516"}), 9, 0, 6, gated=True, change=Decimal("7.8")),
    "lsas_sr": Form(frozenset({"1cde70b8ff5a"}), 48, 0, 3, gated=True),
    "mini_spin": Form(frozenset({"ca80a29d258f"}), 3, 0, 4, gated=True),
    "neq20": Form(frozenset({"714e658aa764"}), 20, 0, 4, gated=True),
    "oasis": Form(frozenset({"5c12e7ccae75"}), 5, 0, 4, gated=True, change=Decimal(4)),
    "pdss_sr": Form(frozenset({"4027bf280cbf"}), 7, 0, 4, gated=True),
    "peg": Form(frozenset({"3c902888421f"}), 3, 0, 10, gated=True),
    "pss10": Form(frozenset({"ffe03714d8e1"}), 10, 0, 4, gated=True, change=Decimal(7)),
    "pss14": Form(frozenset({"ec75b4a098f0"}), 14, 0, 4, gated=True),
    "pswq": Form(frozenset({"e09ce6525e15"}), 16, 1, 5, gated=True),
    "rses": Form(frozenset({"70da77293df1"}), 10, 0, 3, gated=True, change=Decimal("4.8"), higher_is_worse=False),
    "sci": Form(frozenset({"39067cab9ecb"}), 8, 0, 4, gated=True, change=Decimal(7), higher_is_worse=False),
    "shai": Form(frozenset({"409dbbe848dd"}), 14, 0, 3, gated=True),
    "wai_sr": Form(frozenset({"b8ce66c9b2ae"}), 12, 1, 5, gated=True, higher_is_worse=False),
    "whodas12": Form(frozenset({"0bf21b806f72"}), 12, 0, 4, gated=True),
}  # fmt: skip
ITEM_RULES: dict[str, tuple[ItemRule, ...]] = {name: form.rules for name, form in FORMS.items() if form.rules}
