"""Words that are one slip of the finger apart: a letter missing, added, doubled, changed or swapped (pure)."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

DOUBLED = re.compile(r"(.)\1+")


def index_of(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Return the words by each key that leads to them."""
    index: dict[str, list[str]] = defaultdict(list)
    for key, word in pairs:
        index[key].append(word)
    return dict(index)


class Near:
    """Parts of words that may hold one slip, and the lengths that they may then have."""

    def __init__(self, parts: Iterable[str]) -> None:
        known = list(parts)
        self._slips = index_of((slip, part) for part in known for slip in deletions(part))
        self.lengths = sorted({len(part) + more for part in known for more in (-1, 0, 1)})

    def to(self, written: Iterable[str]) -> Iterator[str]:
        """Yield the parts that are one edit from one of what is written."""
        for each in written:
            yield from (part for part in candidates(self._slips, each) if one_edit(each, part))


def single(word: str) -> str:
    """Return the word with doubled letters made single."""
    return DOUBLED.sub(r"\1", word)


def deletions(word: str) -> Iterator[str]:
    """Yield the word and each word with one letter left out. Two words one edit apart share one of them."""
    yield word
    yield from {word[:i] + word[i + 1 :] for i in range(len(word))}


def swaps(word: str) -> Iterator[str]:
    """Yield the word with two neighbours swapped, for each pair of them."""
    return (word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1) if word[i] != word[i + 1])


def candidates(index: Mapping[str, list[str]], word: str) -> set[str]:
    """Return the words of an index of deletions that may be one edit away."""
    return {known for slip in deletions(word) for known in index.get(slip, ())}


def one_edit(one: str, other: str) -> bool:
    """Say whether at most one letter is missing, added, changed or swapped with its neighbour.

    Nobody mistypes the first letter of a word unseen; a word with another first letter is another word.
    """
    if abs(len(one) - len(other)) > 1 or (one[:1] != other[:1] and one[:2] != other[1::-1]):
        return False
    start = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    a, b = one[start:], other[start:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])
