"""What a flag is about, how soon a human must look, and one sign that says so (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from riskmonitor.lexicon import Nuance

RULES_VERSION = "3"


class Kind(StrEnum):
    """What a flag is about. One open flag per patient and kind."""

    SUICIDE = "suicide"
    HELP_ASKED = "help_asked"
    DETERIORATION = "deterioration"
    BREAK_OFF = "break_off"
    UNSCREENABLE = "unscreenable"
    UNCOVERED = "uncovered"


class Urgency(StrEnum):
    """Before when a human must look: an hour, a working day, three working days. Not a severity."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"


URGENCY_ORDER = {Urgency.WEEK: 0, Urgency.TODAY: 1, Urgency.NOW: 2}


class UnknownForm(ValueError):
    """The instrument, or this version of it, has no entry in `FORMS`."""


class BadAnswer(ValueError):
    """An answer is not of the kind, or not within the range, that its question has."""


@dataclass(frozen=True)
class Finding:
    """One sign that a human must look at.

    Either `item` and `value` (None: not answered), or `phrase` with its place and what stands beside it (`nuances`), or
    a rule with what it counted: of a worsening `value` is its size in per cent of the reliable change and `before` the
    total it is measured from; of a sign of breaking off `value` is its length in days. `start` and `end` count code
    points of the text as it was received, end not included.
    """

    kind: Kind
    urgency: Urgency
    rule: str
    version: str = RULES_VERSION
    item: str | None = None
    value: int | None = None
    phrase: str = ""
    start: int | None = None
    end: int | None = None
    before: Decimal | None = None
    nuances: tuple[Nuance, ...] = ()
