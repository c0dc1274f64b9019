"""Measure readability by LIX, exactly as the authors' guide defines it. Pure.

LIX = words / sentences + 100 × long words / words. What counts here:

* A word is a run of letters or digits; a hyphen inside a word keeps it one word ("kom-ihop").
* A long word has more than six letters or digits.
* A sentence ends at ".", "!", "?" or "…". A passage (paragraph or list item) without an end mark is one sentence;
  a colon ends nothing.
* A placeholder such as {{behandlare}} counts as one short word.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

LONG_WORD_OVER = 6

_PLACEHOLDER = re.compile(r"\{\{\s*\w*\s*\}\}")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?…]+")


@dataclass(frozen=True)
class Measure:
    """Counts of one text. Measures add up: page + page = the two pages read together."""

    words: int = 0
    sentences: int = 0
    long_words: int = 0

    @property
    def lix(self) -> float:
        """Return LIX, 0.0 for an empty text."""
        if not self.words:
            return 0.0
        return self.words / max(self.sentences, 1) + 100 * self.long_words / self.words

    def __add__(self, other: Measure) -> Measure:
        return Measure(self.words + other.words, self.sentences + other.sentences, self.long_words + other.long_words)


def words(text: str) -> list[str]:
    """Return the words of a text in order; a placeholder becomes the word "x"."""
    return _WORD.findall(_PLACEHOLDER.sub(" x ", text))


def sentences(passage: str) -> list[str]:
    """Split one passage into its sentences, leaving out pieces without a word (a closing quotation mark)."""
    return [piece.strip() for piece in _SENTENCE_END.split(passage) if words(piece)]


def measure(passages: Iterable[str]) -> Measure:
    """Count the words, sentences and long words of passages (paragraphs and list items)."""
    total = Measure()
    for passage in passages:
        found = words(passage)
        if found:
            long_words = sum(1 for word in found if len(word.replace("-", "")) > LONG_WORD_OVER)
            total += Measure(len(found), len(sentences(passage)), long_words)
    return total
