"""What the word list consists of (pure): phrases, and the words that are asked for beside them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class TextKind(StrEnum):
    """What a phrase speaks of. The list is closed."""

    PASSIVE = "passive"
    ACTIVE = "active"
    PLAN = "plan"
    INTENT = "intent"
    ATTEMPT = "attempt"
    SELF_HARM = "self_harm"
    BURDEN = "burden"
    HOPELESS = "hopeless"
    GOODBYE = "goodbye"
    MEANS = "means"
    INDIRECT = "indirect"


class Nuance(StrEnum):
    """What stands close to a phrase: a word that denies, or one of the past. Told beside the phrase, silences none."""

    NEGATED = "negated"
    PAST = "past"


Words = frozenset[str]


class Gap(IntEnum):
    """What may stand between two places of a phrase: filler words, a few of any words, or whole sentences."""

    FILLERS = 0
    WORDS = 1
    SENTENCES = 2


@dataclass(frozen=True)
class Entry:
    """One written phrase. `slots` are the words that may stand in each place, `gaps` what may stand between them."""

    written: str
    kind: TextKind | None  # None: an idiom
    why: str
    slots: tuple[Words, ...]
    gaps: tuple[Gap, ...]
    ends_sentence: bool = False
    not_before: Words = frozenset()
    not_after: Words = frozenset()


@dataclass(frozen=True)
class WordList:
    """The content of files that passed all checks."""

    version: str
    fillers: Words
    idiom_fillers: Words
    endings: Words
    negations: Words
    past: Words
    key_words: Words
    everyday: Words
    entries: tuple[Entry, ...]
