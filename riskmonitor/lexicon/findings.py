"""Finds the phrases of the Swedish word list in what a patient wrote (pure).

A phrase is a row of places; in each of them one of some words must stand. Between two places a few filler words may
stand, or some words of any kind, as the phrase says; some phrases stand in any order. Negations are fillers, so none
silences a phrase; that it was there is told. The time is linear in the text. Silence is no assessment: the list only
finds.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple

from riskmonitor.lexicon import word_list
from riskmonitor.lexicon.phrases import Gap, Nuance, TextKind, WordList, Words
from riskmonitor.lexicon.search import PhraseSearch, after, before
from riskmonitor.lexicon.spelling import HIDDEN_CHARACTERS, Vocabulary
from riskmonitor.lexicon.written_words import UNSTORABLE, WrittenWord, sentence_ends, written_words

FOLDER = Path(__file__).with_name("words")
MAX_FINDINGS = 200  # in one text: it must be read whole anyway
LONGEST_PHRASE = 200  # code points that are shown; the place in the text tells the rest


@dataclass(frozen=True)
class TextFinding:
    """A risky phrase. `start` and `end` count code points of the text as received; `why` says in English what it is.

    `phrase` is what stands there, cleaned of hidden characters, so that it can be stored and shown. `nuances` are those
    that `why` has in brackets.
    """

    kind: TextKind
    start: int
    end: int
    why: str
    phrase: str
    nuances: tuple[Nuance, ...] = ()


class _Hit(NamedTuple):
    """A phrase in one reading. They sort by what is told first: those within a sentence, then the longest."""

    is_wide: bool
    minus_length: int
    start: int
    kind: TextKind
    why: str
    nuances: tuple[Nuance, ...]


class Lexicon:
    """A word list made ready for matching. Building it costs a part of a second: keep it."""

    def __init__(self, folder: Path = FOLDER) -> None:
        """Read the files. Raise BadLexicon with file, line and reason."""
        words = word_list.read(folder)
        self.version = words.version
        slots = _numbered(words)
        self._negation, self._past, self._filler = slots[words.negations], slots[words.past], slots[words.fillers]
        self._vocabulary = vocabulary_of(words, words.everyday)
        weights = {slot: _commonness(each, words.fillers) for each, slot in slots.items()}
        risky = (entry for entry in words.entries if entry.kind is not None)
        idioms = (entry for entry in words.entries if entry.kind is None)
        ends = slots[words.endings]
        self._phrases = PhraseSearch(risky, slots, weights, filler=self._filler, ending=ends)
        self._idioms = PhraseSearch(idioms, slots, weights, filler=slots[words.idiom_fillers], ending=ends)

    def screen(self, text: str) -> list[TextFinding]:
        """Return the risky phrases in the order of the text; of those of one kind that overlap only one.

        Hidden characters may glue a word or part two, so a text that has them is read both ways.
        """
        text = text.replace("_", " ")
        found = set(self._read(text))
        if HIDDEN_CHARACTERS.search(text):
            found |= set(self._read(HIDDEN_CHARACTERS.sub(" ", text)))
        return sorted(
            (
                TextFinding(hit.kind, hit.start, end, hit.why, _clean(text[hit.start : end]), hit.nuances)
                for hit, end in _apart(found)
            ),
            key=lambda finding: (finding.start, finding.end, finding.kind),
        )

    def _read(self, text: str) -> Iterator[_Hit]:
        """Yield the hits in one reading of the text."""
        words = written_words(text, self._vocabulary)
        ends = sentence_ends(text, words)
        idiomatic = {
            i
            for indexes, _idiom in self._idioms.matches(words, ends)
            for i in indexes
            if self._filler not in words[i].slots and not any(ends[indexes[0] : indexes[-1]])
        }
        found = 0
        for indexes, phrase in self._phrases.matches(words, ends):
            if phrase.entry.kind is None or not idiomatic.isdisjoint(indexes):
                continue
            start, end = words[indexes[0]].start, words[indexes[-1]].end
            is_wide, nuances = Gap.SENTENCES in phrase.entry.gaps, self._nuances(words, indexes)
            why = f"{phrase.entry.why} ({', '.join(nuances)})" if nuances else phrase.entry.why
            yield _Hit(is_wide, start - end, start, phrase.entry.kind, why, nuances)
            found += 1
            if found >= MAX_FINDINGS:
                return

    def _nuances(self, words: Sequence[WrittenWord], indexes: tuple[int, ...]) -> tuple[Nuance, ...]:
        """Return that the phrase was negated or told of the past: that never silences it."""
        around = [*before(words, indexes[0]), *range(indexes[0], indexes[-1] + 1), *after(words, indexes[-1])]
        holds = {
            Nuance.NEGATED: any(self._negation in words[i].slots and i not in indexes for i in around),
            Nuance.PAST: any(self._past in words[i].slots for i in around),
        }
        return tuple(nuance for nuance in Nuance if holds[nuance])


def vocabulary_of(words: WordList, everyday: Iterable[str]) -> Vocabulary:
    """Return the words of all places; `everyday` words are never taken for misspelled ones."""
    return Vocabulary({slot: each for each, slot in _numbered(words).items()}, words.key_words, everyday)


def _numbered(words: WordList) -> dict[Words, int]:
    """Return a number for each set of words that may stand in one place of a phrase, or that the matching asks for."""
    sets = [words.fillers, words.idiom_fillers, words.endings, words.negations, words.past]
    for entry in words.entries:
        sets += [*entry.slots, entry.not_before, entry.not_after]
    return {each: number for number, each in enumerate(dict.fromkeys(each for each in sets if each))}


def _commonness(slot: Words, fillers: Words) -> int:
    """Return a rough measure of how often one of the words is written: short words and fillers are common."""
    return sum(1000 if word in fillers else 100 if len(word) < 4 else 10 if len(word) < 6 else 1 for word in slot)


def _apart(found: set[_Hit]) -> Iterator[tuple[_Hit, int]]:
    """Yield each hit with its end, but of those of one kind that overlap only the first in their order."""
    told: dict[TextKind, list[tuple[int, int]]] = defaultdict(list)
    for hit in sorted(found):
        start, end = hit.start, hit.start - hit.minus_length
        if all(end <= other_start or other_end <= start for other_start, other_end in told[hit.kind]):
            told[hit.kind].append((start, end))
            yield hit, end


def _clean(phrase: str) -> str:
    """Return the words on one line, without what a database or a page cannot hold."""
    return " ".join(UNSTORABLE.sub("\ufffd", HIDDEN_CHARACTERS.sub("", phrase)).split())[:LONGEST_PHRASE]


@cache
def default_lexicon() -> Lexicon:
    """Return the lexicon in use, read once per process. Raise BadLexicon."""
    return Lexicon()


def screen(text: str) -> list[TextFinding]:
    """Return the risky phrases in a text, by the lexicon in use. An empty list says nothing about the writer."""
    return default_lexicon().screen(text)


@cache
def lexicon_hash() -> str:
    """Return the SHA-256 of the word list's files in use, in the order of their names."""
    return hashlib.sha256(b"\n".join(path.read_bytes() for path in sorted(FOLDER.glob("*.yaml")))).hexdigest()
