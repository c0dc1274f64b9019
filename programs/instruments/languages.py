"""In which language is a text written? By its smallest words, which every sentence has. Pure."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml

SMALL_WORDS = Path(__file__).parents[1] / "library" / "small_words.yaml"
FEWEST = 3


def is_written_in(language: str, passage: str) -> bool:
    """Say whether the passage has the small words of the language, and at least twice as many as of any other."""
    words = "".join(letter if letter.isalpha() else " " for letter in passage.casefold()).split()
    counts = {name: sum(word in known for word in words) for name, known in _small_words().items()}
    own = counts.pop(language, 0)
    return own >= FEWEST and all(own >= 2 * count for count in counts.values())


@cache
def _small_words() -> dict[str, frozenset[str]]:
    loaded = yaml.safe_load(SMALL_WORDS.read_text(encoding="utf-8"))
    return {name: frozenset(words.split()) for name, words in loaded.items()}
