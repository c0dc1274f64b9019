"""Recognises the words of the word list however they are spelled (pure).

A word is compared without case, accents and hidden characters, with digits read as the letters they look like. If it is
no known word, it is compared once more with doubled letters made single, and then with one letter missing, added,
changed or swapped with its neighbour. `everyday` words are never taken for misspelled ones.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from snowballstemmer.swedish_stemmer import SwedishStemmer

from riskmonitor.lexicon.slips import Near, candidates, deletions, index_of, one_edit, single, swaps

# NUL, soft hyphen, the zero width characters and variation selectors may hide inside a word.
HIDDEN = "\x00\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f"
HIDDEN_CHARACTERS = re.compile(f"[{HIDDEN}]")
SIGNS_WITHIN = re.compile("['\u2019*$@]")
DRAWN_OUT = re.compile(r"(.)\1{2,}")  # the same letter three times or more
OUR_ACCENTS = "\u00e5\u00e4\u00f6"
WITHOUT_ACCENTS = str.maketrans(OUR_ACCENTS, "aao")
LOOKALIKES = str.maketrans(
    "\u00f8\u00e6\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0131", "\u00f6\u00e4aeopcyxii"
)
LEET = str.maketrans("0134578@$", "oieastbas", "*'\u2019")

LONGEST_WORD = 60  # letters; what is longer is a base64 blob or a held-down key, or many words written as one
SHORT = 4  # letters: those of such a word may be swapped but not changed
JOINED = 6  # letters of something that may be several words written as one
SPLIT = 5  # letters of a word that may be written as two
LONG_WORD = 6  # letters of a word that may hold a slip; of the shorter ones only key words may
LONG_PART = 7  # likewise of a beginning, an end or a stem: shorter ones are parts of too many words


@dataclass(frozen=True)
class Known:
    """What a written word may be: the ids of the slots that it fits, and its single words if it is several."""

    slots: frozenset[int]
    folded: str
    words: tuple[Known, ...] = ()


# Each word once in a process' life: texts say most of their words again and again. What is kept, here and by
# `Vocabulary.find`, is what patients wrote, names too, but word by word, without order, time or writer, and only in the
# memory of processes that read the texts anyway. It is written nowhere, and gone when the process ends.
@lru_cache(maxsize=100_000)
def spell(word: str) -> str:
    """Return the word in small letters, without hidden characters and foreign accents; Swedish ones stay."""
    small = unicodedata.normalize("NFKC", HIDDEN_CHARACTERS.sub("", word)).casefold().translate(LOOKALIKES)
    if small.isascii():
        return small
    return "".join(
        letter if letter in OUR_ACCENTS else unicodedata.normalize("NFD", letter)[:1]
        for letter in small
        if not unicodedata.combining(letter)
    )


def fold(word: str) -> str:
    """Return the form that is compared: as `spell`, without any accents and drawn-out letters, digits as letters."""
    return _fold(spell(word))


def _fold(spelled: str) -> str:
    if not spelled.isalpha() and any(letter.isalpha() for letter in spelled):
        spelled = spelled.translate(LEET)
    return DRAWN_OUT.sub(r"\1", spelled.translate(WITHOUT_ACCENTS))


class Vocabulary:
    """The words of all slots. `slots` maps each id to its `word`, `word!`, `stem~`, `beginning*` and `*ending`."""

    def __init__(self, slots: Mapping[int, Iterable[str]], key_words: Iterable[str], everyday: Iterable[str]) -> None:
        self._stemmer = SwedishStemmer()
        self._everyday = frozenset(fold(word) for word in everyday)
        self._exact: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))  # folded, spelled
        self._stems: dict[str, set[int]] = defaultdict(set)
        self._beginnings: dict[str, set[int]] = defaultdict(set)
        self._endings: dict[str, set[int]] = defaultdict(set)
        for slot, words in slots.items():
            for word in words:
                self._add(word, slot)
        self._key_words = frozenset(fold(word.strip("*~")) for word in key_words)
        self._single_letters = index_of((single(word), word) for word in self._exact)
        self._slips = index_of(
            (slip, word) for word in self._exact if self._is_corrected(word, LONG_WORD) for slip in deletions(word)
        )
        self._swaps = index_of((swap, word) for word in self._exact if len(word) == SHORT for swap in swaps(word))
        self._near_beginnings = Near(part for part in self._beginnings if self._is_corrected(part, LONG_PART))
        self._near_endings = Near(part for part in self._endings if self._is_corrected(part, LONG_PART))
        self._near_stems = Near(stem for stem in self._stems if self._is_corrected(stem, LONG_PART))
        self._stem_heads = frozenset(stem[:1] for stem in self._stems)
        self._longest = max(map(len, [*self._exact, *self._beginnings, *self._endings]), default=0)
        splittable = [*self._exact, *self._beginnings]
        self._heads = frozenset(word[:n] for word in splittable if len(word) >= SPLIT for n in range(1, len(word) + 1))
        self.find = lru_cache(maxsize=100_000)(self._find)
        self.split_word = lru_cache(maxsize=100_000)(self._split_word)

    def _add(self, word: str, slot: int) -> None:
        spelled = spell(word.strip("*~!"))
        folded = _fold(spelled)
        if word.endswith("~"):
            self._stems[self._stem(folded)].add(slot)
        elif word.endswith("*"):
            self._beginnings[folded].add(slot)
        elif word.startswith("*"):
            self._endings[folded].add(slot)
        else:
            self._exact[folded][spelled + "!" * word.endswith("!")].add(slot)

    def _find(self, word: str) -> Known:
        """Return what a word of a text may be; nothing for what is too long to be one."""
        if len(word) > 4 * LONGEST_WORD:
            return Known(frozenset(), "")
        spelled = spell(word)
        folded = _fold(spelled)
        slots = self._as_written(spelled, folded)
        if folded in self._exact or folded in self._everyday:
            return Known(slots, folded)
        if len(folded) <= LONGEST_WORD:  # a "beginning*" that fits may be the beginning of a misspelled word
            slots |= self._doubled(folded) | self._one_slip(folded)
        parts = self._parts(folded) if len(folded) >= JOINED else ()
        words = tuple(Known(self._as_written(part, _fold(part)), _fold(part)) for part in _cut(spelled, parts))
        return Known(slots, folded, (Known(slots, ""), *words) if slots and words else words)

    def takes_for_slip(self, word: str) -> bool:
        """Say whether a word would fit some slot only if it were misspelled, or several words written as one."""
        spelled = spell(word)
        folded = _fold(spelled)
        if folded in self._exact or len(folded) > LONGEST_WORD:
            return False
        as_written = self._as_written(spelled, folded)
        if (self._doubled(folded) | self._one_slip(folded)) - as_written:
            return True
        return not as_written and len(folded) >= JOINED and bool(self._parts(folded))

    def may_begin(self, folded: str) -> bool:
        """Say whether a word of the list begins like this: then the next word may be the rest of it."""
        return folded in self._heads

    def _split_word(self, first: str, spelled: str, *, apart: bool) -> frozenset[int]:
        """Return the slots of a word that was written as two or more, spelled right apart from that.

        `first` is its first part, folded. "d\u00f6d \u00e4r" is two words and not "d\u00f6dar". `apart` says that each
        part is a word of the list: then they are one word only if it is just that word, or begins as a key word does.
        """
        folded = _fold(spelled)
        if len(folded) < SPLIT or folded in self._everyday:
            return frozenset()
        if apart:
            found = set(self._exact.get(folded, {}).get(spelled, ()))
        else:
            found = {slot for slots in self._exact_slots(spelled, folded) for slot in slots}
        for n in range(max(len(first) + 2, SPLIT), len(folded) + 1):
            if not apart or folded[:n] in self._key_words:
                found |= self._beginnings.get(folded[:n], frozenset())
        return frozenset(found)

    def _exact_slots(self, spelled: str, folded: str) -> Iterator[set[int]]:
        return (slots for written, slots in self._exact.get(folded, {}).items() if _accents_fit(spelled, written))

    def _as_written(self, spelled: str, folded: str) -> frozenset[int]:
        found = {slot for slots in self._exact_slots(spelled, folded) for slot in slots}
        for n in range(2, min(len(folded), self._longest) + 1):
            found |= self._beginnings.get(folded[:n], frozenset())
            found |= self._endings.get(folded[n - 1 :], frozenset())
        if folded[:1] in self._stem_heads:
            found |= self._stems.get(self._stem(folded), frozenset())
        return frozenset(found)

    def _doubled(self, folded: str) -> frozenset[int]:
        once = single(folded)
        found = set(self._of(self._single_letters.get(once, ())))
        if once != folded:
            found |= self._as_written(once, once)
        return frozenset(found)

    def _is_corrected(self, word: str, least: int) -> bool:
        """Say whether a slip in this word or part of a word is forgiven: it is long, or it is a key word."""
        return len(word) >= least or (len(word) > SHORT and word in self._key_words)

    def _one_slip(self, folded: str) -> frozenset[int]:
        if len(folded) < SHORT:
            return frozenset()
        found = set(self._of(self._swaps.get(folded, ())))
        found |= self._of(word for word in candidates(self._slips, folded) if one_edit(folded, word))
        for part in self._near_beginnings.to(folded[:n] for n in self._near_beginnings.lengths if n <= len(folded)):
            found |= self._beginnings[part]
        for part in self._near_endings.to(folded[-n:] for n in self._near_endings.lengths if n <= len(folded)):
            found |= self._endings[part]
        if folded[:1] in self._stem_heads:
            for part in self._near_stems.to([self._stem(folded)]):
                found |= self._stems[part]
        return frozenset(found)

    def _of(self, words: Iterable[str]) -> frozenset[int]:
        return frozenset(slot for word in words for slots in self._exact[word].values() for slot in slots)

    def _parts(self, folded: str) -> tuple[str, ...]:
        """Return the words that are written as one here, all known and one of them a key word; longest first."""
        ways: list[tuple[str, ...] | None] = [None] * len(folded) + [()]
        for at in range(len(folded) - 1, -1, -1):
            for end in range(min(len(folded), at + self._longest), at + 1, -1):
                rest = ways[end]
                if rest is not None and (folded[at:end] in self._exact):
                    ways[at] = (folded[at:end], *rest)
                    break
        parts = ways[0] or ()
        return parts if len(parts) > 1 and not self._key_words.isdisjoint(parts) else ()

    def _stem(self, folded: str) -> str:
        return str(self._stemmer.stemWord(folded))


def _cut(spelled: str, parts: Sequence[str]) -> Sequence[str]:
    """Return the parts with their accents, if the whole is as long as they are."""
    if len(spelled) != sum(map(len, parts)):
        return parts
    ends = list(itertools.accumulate(map(len, parts)))
    return [spelled[end - len(part) : end] for part, end in zip(parts, ends, strict=True)]


def _accents_fit(spelled: str, written: str) -> bool:
    """Say whether no letter has an accent that the list's word lacks; a missing accent is a matter of keyboards.

    A word of the list that ends with ! has its accents or is another word.
    """
    if written.endswith("!"):
        return DRAWN_OUT.sub(r"\1", spelled) == written[:-1]
    if len(spelled) != len(written):
        return True  # drawn out, or digits for letters
    return all(a == b or a not in OUR_ACCENTS for a, b in zip(spelled, written, strict=True))
