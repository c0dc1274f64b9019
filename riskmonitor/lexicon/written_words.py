"""Splits a text into the words that the word list knows, with their places (pure).

Also words that were parted ("su icide", "d i e"), written as one ("villinteleva") or are an emoji.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from riskmonitor.lexicon.spelling import HIDDEN, Known, Vocabulary, spell

EMOJI = "\U0001f300-\U0001faff\u2600-\u27bf"
UNSTORABLE = re.compile("[\ud800-\udfff]")
# Combining marks belong to the word before them; apostrophes, stars and the like belong to a word when within it.
LETTERS = rf"[\w\u0300-\u036f{HIDDEN}]"
WORD = re.compile(rf"{LETTERS}+(?:['\u2019*$@]{LETTERS}+)*|[{EMOJI}]")
HARD_STOP = re.compile(r"[!?]|(?<![.\w])\.(?![.\w])|(?<=\w)\.(?![.\w])")  # not "..." and not the point in 8.30
SENTENCE_END = re.compile(r"[^\S\n]*(?:[^\w\s]|\n|$)")  # no further word before a sign or a new line
FEWEST_LETTERS = 3  # written one by one
MOST_PARTS = 3  # of a word that was parted


class WrittenWord(NamedTuple):
    """A word of the text that stands in some phrase. `place` counts all words, `sentence` the sentences."""

    place: int
    sentence: int
    slots: frozenset[int]
    start: int
    end: int


@dataclass
class _Raw:
    known: Known
    start: int
    end: int


def written_words(text: str, vocabulary: Vocabulary) -> list[WrittenWord]:
    """Return the known words in order. `start` and `end` count code points; the parts of a joined word share theirs."""
    stops = [stop.start() for stop in HARD_STOP.finditer(text)]
    words: list[WrittenWord] = []
    place = sentence = 0
    for raw in _put_together(list(_raw_words(text, vocabulary)), vocabulary, text):
        while sentence < len(stops) and stops[sentence] < raw.start:
            sentence += 1
        for known in raw.known.words or (raw.known,):
            if known.slots:
                words.append(WrittenWord(place, sentence, known.slots, raw.start, raw.end))
            place += 1
    return words


def sentence_ends(text: str, words: Sequence[WrittenWord]) -> list[bool]:
    """Say of each word whether nothing but a sign, a new line or the end of the text follows it."""
    return [bool(SENTENCE_END.match(text, word.end)) for word in words]


def _raw_words(text: str, vocabulary: Vocabulary) -> Iterator[_Raw]:
    for match in WORD.finditer(text):
        yield _Raw(vocabulary.find(match.group()), match.start(), match.end())


def _put_together(raw: Sequence[_Raw], vocabulary: Vocabulary, text: str) -> Iterator[_Raw]:
    """Yield the words, with parted ones made whole."""
    i = 0
    while i < len(raw):
        whole, parts = raw[i], 1
        folded = whole.known.folded
        if len(folded) == 1 or vocabulary.may_begin(folded):
            letters = _letters_from(raw, i, vocabulary) if len(folded) == 1 else None
            whole, parts = letters or _parts_from(raw, i, vocabulary, text) or (whole, 1)
        yield whole
        i += parts


def _letters_from(raw: Sequence[_Raw], first: int, vocabulary: Vocabulary) -> tuple[_Raw, int] | None:
    """Return the word or words whose letters are written one by one from here."""
    last = first
    while last < len(raw) and len(raw[last].known.folded) == 1 and raw[last].known.folded.isalpha():
        last += 1
    if last - first < FEWEST_LETTERS:
        return None
    known = vocabulary.find("".join(each.known.folded for each in raw[first:last]))
    return (_Raw(known, raw[first].start, raw[last - 1].end), last - first) if known.slots or known.words else None


def _parts_from(raw: Sequence[_Raw], first: int, vocabulary: Vocabulary, text: str) -> tuple[_Raw, int] | None:
    """Return a word that is written as two or three from here, with nothing but blanks or hyphens between."""
    joined = raw[first].known.folded
    shortest = len(joined) + 2  # letters of a word that goes on beyond its first part
    spelled = spell(text[raw[first].start : raw[first].end])
    for parts in range(2, MOST_PARTS + 1):
        last = first + parts - 1
        if not vocabulary.may_begin(joined) or last >= len(raw):
            return None
        if text[raw[last - 1].end : raw[last].start].strip(" \n\t-\u00a0"):
            return None
        joined += raw[last].known.folded
        if not vocabulary.may_begin(joined[:shortest]):
            return None
        spelled += spell(text[raw[last].start : raw[last].end])
        apart = all(part.known.slots for part in raw[first : last + 1])
        slots = vocabulary.split_word(raw[first].known.folded, spelled, apart=apart)
        if slots:
            return _Raw(Known(slots, joined), raw[first].start, raw[last].end), parts
    return None
