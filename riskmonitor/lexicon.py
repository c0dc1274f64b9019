"""Finds the phrases of the Swedish word list in what a patient wrote (pure).

Words are compared folded: no case, no accents (a ring or dots may be missing or written apart), Swedish stem.
A phrase may be broken by a few filler words, among them every negation, so that no negation silences a phrase.
Matching walks a trie of words, so the time is linear in the text. Silence is no assessment: the list only finds.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import NamedTuple

from snowballstemmer.swedish_stemmer import SwedishStemmer

from riskmonitor import word_list
from riskmonitor.word_list import BadLexicon, Entry, TextKind

__all__ = ["BadLexicon", "Lexicon", "TextFinding", "TextKind", "default_lexicon", "lexicon_hash", "screen"]

PATH = Path(__file__).with_name("lexicon_sv.yaml")
MAX_FILLERS = 3
LONGEST_PHRASE = 200  # code points that are shown; the place in the text tells the rest
LONGEST_ENDING = 8  # letters that Snowball's Swedish rules may cut from the end of a word

# Combining marks belong to the word before them. NUL, soft hyphen and the zero width characters may hide inside a word.
HIDDEN = "\x00\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ufe00-\ufe0f"
WORD = re.compile(rf"[\w\u0300-\u036f{HIDDEN}]+")  # underscores are made blanks first
HIDDEN_CHARACTERS = re.compile(f"[{HIDDEN}]")
UNSTORABLE = re.compile("[\ud800-\udfff]")
SENTENCE_END = re.compile(r"[^\S\n]*(?:[^\w\s]|\n|$)")  # no further word before a sign or a new line
DRAWN_OUT = re.compile(r"(.)\1{2,}")  # the same letter three times or more
LOOKALIKES = str.maketrans({"\u00f8": "o", "\u00e6": "a", "\u00df": "s"})


@dataclass(frozen=True)
class TextFinding:
    """A risky phrase. `start` and `end` count code points of the text as received; `why` is the list's own phrase.

    `phrase` is what stands there, cleaned of hidden characters, so that it can be stored and shown.
    """

    kind: TextKind
    start: int
    end: int
    why: str
    phrase: str


Hit = tuple[int, int, TextKind, str]  # start, minus end (so that the longest sorts first), kind, the list's phrase


@dataclass
class _Node:
    """A place in the trie of word keys; `entries` are the phrases that end here, each with its words written out."""

    children: dict[str, _Node] = field(default_factory=dict)
    entries: list[tuple[Entry, str]] = field(default_factory=list)


class _Token(NamedTuple):
    """A word that stands in some phrase; the others are not kept, `place` tells where they were."""

    place: int
    keys: tuple[str, ...]  # the stem, and each "beginning*" of the list that fits
    start: int
    end: int


def fold(word: str) -> str:
    """Return the word without case, accents, hidden characters and drawn-out letters: the form that is compared."""
    if word.isascii() and word.isalnum():
        return DRAWN_OUT.sub(r"\1", word.lower())
    letters = unicodedata.normalize("NFKD", HIDDEN_CHARACTERS.sub("", word).casefold()).translate(LOOKALIKES)
    return DRAWN_OUT.sub(r"\1", "".join(letter for letter in letters if not unicodedata.combining(letter)))


class Lexicon:
    """A word list made ready for matching. Building it costs some 50 ms: keep it."""

    def __init__(self, path: Path = PATH) -> None:
        """Read the file. Raise BadLexicon with file, line and reason."""
        words = word_list.read(path, fold)
        self.version = words.version
        self._stemmer = SwedishStemmer()
        self._phrases, self._idioms = _Node(), _Node()
        self._fillers = frozenset(self._stem(fold(word)) for word in words.fillers)
        self._prefixes: set[str] = set()
        self._stems: set[str] = set(self._fillers)
        for entry in words.entries:
            for sequence in entry.sequences:
                self._add(self._idioms if entry.kind is None else self._phrases, sequence, entry)
        self._longest = max(map(len, self._stems | self._prefixes))
        self._keys = lru_cache(maxsize=50_000)(self._find_keys)

    def screen(self, text: str) -> list[TextFinding]:
        """Return the risky phrases in the order of the text; of the same kind in the same words only the longest.

        Hidden characters may glue a word or part two, so a text that has them is read both ways.
        """
        text = text.replace("_", " ")
        found = set(self._read(text))
        if HIDDEN_CHARACTERS.search(text):
            found |= set(self._read(HIDDEN_CHARACTERS.sub(" ", text)))
        return [
            TextFinding(kind, start, -minus_end, why, _clean(text[start:-minus_end]))
            for start, minus_end, kind, why in _longest_of_each(found)
        ]

    def _read(self, shown: str) -> Iterator[Hit]:
        """Yield the hits in one reading of the text."""
        tokens = self._tokens(shown)
        idiomatic: set[int] = set()
        for i in range(len(tokens)):
            idiomatic.update(self._idiom_at(tokens, i, shown))
        for i in range(len(tokens)):
            for last, entry, why in self._walk(tokens, i):
                start, end = tokens[i].start, tokens[last].end
                if entry.ends_sentence and not SENTENCE_END.match(shown, end):
                    continue
                if entry.kind is None or not idiomatic.isdisjoint(range(i, last + 1)):
                    continue
                yield start, -end, entry.kind, why

    def _walk(self, tokens: list[_Token], first: int) -> Iterator[tuple[int, Entry, str]]:
        """Yield (last token, entry, its words) for each phrase that begins here; bounded by its length and fillers."""
        if self._phrases.children.keys().isdisjoint(tokens[first].keys):
            return
        open_paths = [(first, self._phrases, 0)]
        while open_paths:
            i, node, skipped = open_paths.pop()
            if i > first and not _adjoin(tokens, i):
                continue
            for key in tokens[i].keys:
                child = node.children.get(key)
                if child is not None:
                    yield from ((i, entry, words) for entry, words in child.entries)
                    open_paths.append((i + 1, child, 0))
            if i > first and skipped < MAX_FILLERS and not self._fillers.isdisjoint(tokens[i].keys):
                open_paths.append((i + 1, node, skipped + 1))

    def _idiom_at(self, tokens: list[_Token], first: int, shown: str) -> range:
        """Return the positions of the longest idiom that begins here: word for word, only blanks between."""
        node, length = self._idioms, 0
        if self._idioms.children.keys().isdisjoint(tokens[first].keys):
            return range(0)
        for i in range(first, len(tokens)):
            if i > first and not (_adjoin(tokens, i) and shown[tokens[i - 1].end : tokens[i].start].isspace()):
                break
            child = next((node.children[key] for key in tokens[i].keys if key in node.children), None)
            if child is None:
                break
            node = child
            if node.entries:
                length = i - first + 1
        return range(first, first + length)

    def _tokens(self, shown: str) -> list[_Token]:
        words = enumerate(WORD.finditer(shown))
        known = ((place, self._keys(word.group()), word) for place, word in words)
        return [_Token(place, keys, word.start(), word.end()) for place, keys, word in known if keys]

    def _find_keys(self, word: str) -> tuple[str, ...]:
        if len(word) > 200:
            return ()  # no word: a base64 blob or a held-down key
        folded = fold(word)
        beginnings = [folded[:n] for n in range(2, min(len(folded), self._longest) + 1)]
        keys = [f"{each}*" for each in beginnings if each in self._prefixes]
        # Snowball only cuts, so a word that begins with no known stem has none: this spares nearly all the stemming.
        if any(each in self._stems and len(folded) - len(each) <= LONGEST_ENDING for each in [folded[:1], *beginnings]):
            stem = self._stem(folded)
            if stem in self._stems:
                keys.append(stem)
        return tuple(keys)

    def _stem(self, folded: str) -> str:
        return str(self._stemmer.stemWord(folded))

    def _add(self, node: _Node, sequence: tuple[str, ...], entry: Entry) -> None:
        for word in sequence:
            folded = fold(word.removesuffix("*"))
            if word.endswith("*"):
                self._prefixes.add(folded)
                key = f"{folded}*"
            else:
                key = self._stem(folded)
                self._stems.add(key)
            node = node.children.setdefault(key, _Node())
        node.entries.append((entry, " ".join(sequence)))


def _adjoin(tokens: list[_Token], i: int) -> bool:
    """Say whether there is a token i that follows the one before it without another word between."""
    return i < len(tokens) and tokens[i].place == tokens[i - 1].place + 1


def _longest_of_each(found: set[Hit]) -> Iterator[Hit]:
    """Leave out each hit that lies within another of its kind. Linear after sorting."""
    reached: dict[TextKind, int] = {}
    for hit in sorted(found):
        _start, minus_end, kind, _why = hit
        if -minus_end > reached.get(kind, -1):
            reached[kind] = -minus_end
            yield hit


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
    """Return the SHA-256 of the word list file in use."""
    return hashlib.sha256(PATH.read_bytes()).hexdigest()
