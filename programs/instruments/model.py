"""What an instrument is: items, the values they take, how they are counted together, and what the total means. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

FUNCTION = "function"  # answer key of the function item, which is never part of the total
SCALE, COUNT, CHOICE = "scale", "count", "choice"  # kinds of items

Answers = Mapping[str, int | str | None]
Words = Mapping[str, str]  # language: text


def text(words: Words, language: str) -> str:
    """Return the words in a language, else in Swedish, else in any; "" where there are none."""
    return words.get(language) or words.get("sv") or next(iter(words.values()), "")


def words_key(item: str) -> str:
    """Return the answer key of what is written beside an item."""
    return f"words_{item}"


@dataclass(frozen=True)
class Choice:
    """One value that can be marked, with its words by language; a half step, or a number on a scale, has none."""

    value: int
    words: Words = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One question. risk = an answer above 0, or none, must be seen by a human.

    kind "choice" has options, "scale" is numbers to tap (0–10) and "count" a number that is shown and never totalled.
    `options` are those of this item alone; without them the instrument's hold. `asks_words` adds a text box. An
    optional item may be left out when the form is sent; in the score it is missing like any other. `risk_from` is the
    value of a risk item from which the patient is met with help and follow-up questions, at or below any alarm.
    """

    id: str
    words: Words = field(default_factory=dict)
    risk: bool = False
    reversed: bool = False
    kind: str = CHOICE
    options: tuple[Choice, ...] = ()
    most: int | None = None  # of a count
    asks_words: bool = False
    optional: bool = False
    risk_from: int = 1


@dataclass(frozen=True)
class FunctionItem:
    """The question about difficulties in daily life that follows some instruments."""

    words: Words
    options: tuple[Choice, ...]


@dataclass(frozen=True)
class Scoring:
    """How items become a total; low and high bound it, up to missing_allowed items may be missing and are prorated.

    method: "sum"; "mean" of the items that are not counts, to two decimals, half up; "product" = the sum over pairs of
    neighbours of odd × even; "none" = no total.
    """

    method: str
    low: int
    high: int
    missing_allowed: int


@dataclass(frozen=True)
class Subscale:
    """The sum of some of the items, for itself."""

    id: str
    items: tuple[str, ...]
    words: Words


@dataclass(frozen=True)
class Band:
    """A total up to and including `to` has these words. The English ones are also the band's name for machines."""

    to: int
    words: Words


@dataclass(frozen=True)
class ReliableChange:
    """How large a change is more than chance, and how that is known. With sd and reliability it was computed here."""

    points: Decimal
    source: str
    sd: Decimal | None = None
    reliability: Decimal | None = None

    @property
    def formula(self) -> str:
        """Return how the points were computed (Jacobson & Truax 1991); "" for a published figure."""
        if self.sd is None or self.reliability is None:
            return ""
        return f"1.96 × {self.sd} × √2 × √(1 − {self.reliability}) = {self.points}"


def computed_change(sd: Decimal, reliability: Decimal) -> Decimal:
    """Return 1.96 · SD · √2 · √(1 − r) to one decimal (Jacobson & Truax 1991, J Consult Clin Psychol 59:12–19)."""
    change = Decimal("1.96") * sd * Decimal(2).sqrt() * (1 - reliability).sqrt()
    return change.quantize(Decimal("0.1"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Instrument:
    """A questionnaire. version changes with any word or scoring rule.

    A gated one is structure only: window and words are empty until a clinic's own wording is put in (`has_wording`).
    """

    id: str
    version: str
    names: Words
    window: Words
    options: tuple[Choice, ...]
    items: tuple[Item, ...]
    function_item: FunctionItem | None
    scoring: Scoring
    bands: tuple[Band, ...]
    change: ReliableChange | None
    licence: str
    source: str
    wording_checked_by: str
    higher_is_worse: bool = True
    validated: bool = True
    subscales: tuple[Subscale, ...] = ()
    bands_source: str = ""
    half_steps: tuple[int, ...] = ()
    printed_order: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return text(self.names, "sv")

    def called(self, language: str) -> str:
        """Return the name: an abbreviation is the same in every language, an own scale has words."""
        return text(self.names, language)

    @property
    def risk_items(self) -> tuple[str, ...]:
        """Return the ids of the items that ask about suicide or self-harm."""
        return tuple(item.id for item in self.items if item.risk)

    def needs_follow_up(self, answers: Answers) -> bool:
        """Say whether a risk item is marked from where it counts, or was left out: left out is unknown."""
        marks = [(answers.get(item.id), item.risk_from) for item in self.items if item.risk]
        return any(not isinstance(value, int) or value >= counts_from for value, counts_from in marks)

    @property
    def has_wording(self) -> bool:
        """Say whether it can be shown to a patient."""
        return bool(self.window) and all(item.words for item in self.items)

    @property
    def reliable_change(self) -> Decimal | None:
        """Return how many points are more than chance, None where nobody has shown it."""
        return self.change.points if self.change else None

    def options_of(self, item: Item) -> tuple[Choice, ...]:
        return item.options or self.options

    def values_of(self, item: Item) -> tuple[int, ...]:
        """Return what can be marked; of a count only the ends."""
        if item.kind == COUNT:
            return (0, item.most or 0)
        return tuple(option.value for option in self.options_of(item))


@dataclass(frozen=True)
class Score:
    """total and band are None when too much is missing; band is its place in Instrument.bands (0 = the lowest).

    A sum is a whole number, a mean a Decimal with at most two decimals.
    """

    total: int | Decimal | None
    band: int | None
    complete: bool
    missing: tuple[str, ...]
    subscales: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True)
class AnswerFault:
    """Why an answer cannot be taken: item id and reason ("unknown", "not_a_number", "out_of_range", "not_text")."""

    item: str
    reason: str
