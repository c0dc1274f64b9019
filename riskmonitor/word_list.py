"""Reads and checks a word list file (pure but for the reading). `lexicon.py` matches with what comes out.

The file's own heading describes its syntax. Every fault stops the reading and names the line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import yaml

WORD = re.compile(r"[^\W_]+\*?")
MAX_VARIANTS = 2000  # of one phrase: more is a slip of the pen
SECTIONS = ("version", "fillers", "words", "phrases", "idioms")


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


class BadLexicon(ValueError):
    """The word list file cannot be used; the message holds file, line and reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, line {line}: {reason}")
        self.line = line
        self.reason = reason


@dataclass(frozen=True)
class Entry:
    """One written phrase: its word sequences with all variants written out."""

    written: str
    kind: TextKind | None  # None: an idiom
    sequences: tuple[tuple[str, ...], ...]
    ends_sentence: bool


@dataclass(frozen=True)
class WordList:
    """The content of a file that passed all checks."""

    version: str
    fillers: tuple[str, ...]
    entries: tuple[Entry, ...]


def read(path: Path, fold: Callable[[str], str]) -> WordList:
    """Return the file's content. `fold` gives the form in which words are compared. Raise BadLexicon."""
    return _Reader(path, fold).read()


class _Reader:
    def __init__(self, path: Path, fold: Callable[[str], str]) -> None:
        self.path = path
        self.fold = fold
        self.words: dict[str, list[str]] = {}
        self.fillers: tuple[str, ...] = ()

    def read(self) -> WordList:
        sections = self._sections()
        version = self._text(sections["version"])
        self.fillers = tuple(self._word(node) for node in self._items(sections["fillers"]))
        for key, node in self._pairs(sections["words"]):
            self.words[key.value] = [self._word(each) for each in self._items(node)]
        entries: list[Entry] = []
        for key, node in self._pairs(sections["phrases"]):
            if key.value not in set(TextKind):
                raise self._fault(key, f"unknown kind {key.value!r}")
            entries += [self._entry(each, TextKind(key.value)) for each in self._items(node)]
        entries += [self._entry(each, None) for each in self._items(sections["idioms"])]
        return WordList(version, self.fillers, tuple(entries))

    def _sections(self) -> dict[str, yaml.Node]:
        try:
            root = yaml.compose(self.path.read_text("utf-8"), Loader=yaml.SafeLoader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            raise BadLexicon(self.path, mark.line + 1 if mark else 1, f"not YAML: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise BadLexicon(self.path, 1, f"cannot be read: {error}") from error
        if root is None:
            raise BadLexicon(self.path, 1, "the file is empty")
        sections = {key.value: node for key, node in self._pairs(root)}
        for name in SECTIONS:
            if name not in sections:
                raise BadLexicon(self.path, 1, f"the section {name!r} is missing")
        return sections

    def _entry(self, node: yaml.Node, kind: TextKind | None) -> Entry:
        written = self._text(node)
        places = written.split()
        ends_sentence = bool(places) and places[-1] == "."
        places = places[:-1] if ends_sentence else places
        if not places:
            raise self._fault(node, "the phrase is empty")
        choices = [self._choices(node, place) for place in places]
        sequences = tuple(itertools.islice(itertools.product(*choices), MAX_VARIANTS + 1))
        if len(sequences) > MAX_VARIANTS:
            raise self._fault(node, f"{written!r} has more than {MAX_VARIANTS} variants")
        folded_fillers = {self.fold(word) for word in self.fillers}
        for sequence in sequences:
            if all(self.fold(word) in folded_fillers for word in sequence):
                raise self._fault(node, f"{written!r} consists of filler words only")
            if len(sequence) == 1 and len(sequence[0].rstrip("*")) < 3:
                raise self._fault(node, f"{written!r}: a single word needs three letters")
        return Entry(written, kind, sequences, ends_sentence)

    def _choices(self, node: yaml.Node, place: str) -> list[str]:
        found: list[str] = []
        for choice in place.split("|"):
            if choice.startswith("{") and choice.endswith("}"):
                if choice[1:-1] not in self.words:
                    raise self._fault(node, f"unknown word group {choice}")
                found += self.words[choice[1:-1]]
            elif WORD.fullmatch(choice):
                found.append(choice)
            else:
                raise self._fault(node, f"{choice!r} is not a word")
        return list(dict.fromkeys(found))

    def _word(self, node: yaml.Node) -> str:
        text = self._text(node)
        if not WORD.fullmatch(text):
            raise self._fault(node, f"{text!r} is not a word")
        return text

    def _text(self, node: yaml.Node) -> str:
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            raise self._fault(node, "a text is expected")
        return str(node.value)

    def _items(self, node: yaml.Node) -> list[yaml.Node]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._fault(node, "a list with at least one item is expected")
        return list(node.value)

    def _pairs(self, node: yaml.Node) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
        if not isinstance(node, yaml.MappingNode):
            raise self._fault(node, "names with values are expected")
        seen: set[str] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise self._fault(key, f"{key.value!r} stands twice")
            seen.add(key.value)
        return list(node.value)

    def _fault(self, node: yaml.Node, reason: str) -> BadLexicon:
        return BadLexicon(self.path, node.start_mark.line + 1, reason)
