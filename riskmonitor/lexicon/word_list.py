"""Reads and checks the word list's files (pure but for the reading). `findings.py` matches with what comes out.

The heading of `words.yaml` describes the syntax. Every fault stops the reading and names file and line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from riskmonitor.lexicon.phrases import Entry, Gap, TextKind, WordList, Words

WORD = re.compile(r"\*?[^\W_]+[*~!]?|[^\w\s!-~]")  # a word with its marks, or an emoji
EMOJI = re.compile(r"[^\w\s!-~]")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
SECTIONS = (
    *("version", "fillers", "idiom_fillers", "endings", "negations", "past", "key_words", "everyday", "words"),
    *("phrases", "idioms", "spellings"),
)
OPTIONAL = {"spellings"}
MAX_IN_ANY_ORDER = 4  # parts of a phrase: each order of them is a path of its own


class BadLexicon(ValueError):
    """The word list cannot be used; the message holds file, line and reason."""

    def __init__(self, path: Path, line: int, reason: str) -> None:
        super().__init__(f"{path.name}, line {line}: {reason}")
        self.line = line
        self.reason = reason


NEGATION = "{inte}"  # the word group that moves
GAPS = {"..": Gap.WORDS, "...": Gap.SENTENCES}
ANY_ORDER = {"+": "..", "&": "..."}  # each with the gap that it becomes


def read(folder: Path) -> WordList:
    """Return the content of the folder's YAML files. Raise BadLexicon."""
    return _Reader(folder).read()


@dataclass(frozen=True)
class _Place:
    """A node and the file that it stands in; `below` are the lines from the node's start to what is meant."""

    path: Path
    node: yaml.Node
    below: int = 0

    def fault(self, reason: str) -> BadLexicon:
        return BadLexicon(self.path, self.node.start_mark.line + 1 + self.below, reason)

    @property
    def text(self) -> str:
        if not isinstance(self.node, yaml.ScalarNode) or not self.node.value.strip():
            raise self.fault("a text is expected")
        return str(self.node.value)

    @property
    def lines(self) -> list[tuple[_Place, str]]:
        """Return the lines of a block that are not empty, each with its own place."""
        first = 1 if isinstance(self.node, yaml.ScalarNode) and self.node.style == "|" else 0
        numbered = enumerate(self.text.splitlines(), start=first)
        return [(_Place(self.path, self.node, number), line) for number, line in numbered if line.strip()]

    @property
    def pairs(self) -> list[tuple[_Place, _Place]]:
        if not isinstance(self.node, yaml.MappingNode):
            raise self.fault("names with values are expected")
        pairs = [(_Place(self.path, key), _Place(self.path, value)) for key, value in self.node.value]
        seen: set[str] = set()
        for key, _value in pairs:
            if key.text in seen:
                raise key.fault(f"{key.text!r} stands twice")
            seen.add(key.text)
        return pairs


class _Reader:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.sections: dict[str, list[_Place]] = {name: [] for name in SECTIONS}
        self.groups: dict[str, Words] = {}
        self.fillers: Words = frozenset()
        self.spellings: dict[str, Words] = {}

    def read(self) -> WordList:
        self._collect()
        for section in self.sections["words"]:
            for key, value in section.pairs:
                if key.text in self.groups:
                    raise key.fault(f"the group {key.text!r} stands twice")
                self.groups[key.text] = self._words(value)
        self.fillers = self._all_words("fillers")
        for section in self.sections["spellings"]:
            self.spellings |= {key.text: self._words(value) for key, value in section.pairs}
        entries = list(self._phrases())
        for section in self.sections["idioms"]:
            for why, patterns in section.pairs:
                for line, written in patterns.lines:
                    entries += self._entries(line, written, None, why.text)
        rest = {
            name: self._all_words(name)
            for name in ("idiom_fillers", "endings", "negations", "past", "key_words", "everyday")
        }
        return WordList(self.sections["version"][0].text, self.fillers, entries=tuple(entries), **rest)

    def _collect(self) -> None:
        paths = sorted(self.folder.glob("*.yaml"))
        if not paths:
            raise BadLexicon(self.folder, 1, "there is no file in this folder")
        for path in paths:
            for key, value in _root(path).pairs:
                if key.text not in self.sections:
                    raise key.fault(f"unknown section {key.text!r}")
                self.sections[key.text].append(value)
        for name, found in self.sections.items():
            if not found and name not in OPTIONAL:
                raise BadLexicon(self.folder, 1, f"the section {name!r} is missing")

    def _phrases(self) -> Iterator[Entry]:
        for section in self.sections["phrases"]:
            for kind, groups in section.pairs:
                if kind.text not in set(TextKind):
                    raise kind.fault(f"unknown kind {kind.text!r}")
                for why, patterns in groups.pairs:
                    for line, written in patterns.lines:
                        yield from self._entries(line, written, TextKind(kind.text), why.text)

    def _entries(self, place: _Place, written: str, kind: TextKind | None, why: str) -> Iterator[Entry]:
        """Yield the phrase; if its last words may also be the end of the sentence, yield it with that too."""
        parts = written.split()
        exceptions = [part for part in parts[-1:] if part.startswith("-")]
        parts = parts[: len(parts) - len(exceptions)]
        if parts and parts[-1].endswith("|."):
            last = parts.pop()
            shorter = parts[:-1] if parts[-1:] and parts[-1] in GAPS else parts
            yield self._entry(place, written, [*shorter, ".", *exceptions], kind, why)
            parts.append(last.removesuffix("|."))
        for order in _in_any_order(place, parts):
            for moved in _with_moved_negation(order):
                yield self._entry(place, written, [*moved, *exceptions], kind, why)

    def _entry(self, place: _Place, written: str, parts: list[str], kind: TextKind | None, why: str) -> Entry:
        not_before = self._choices(place, parts.pop(0)[1:]) if parts[0].startswith("-") else frozenset()
        not_after = self._choices(place, parts.pop()[1:]) if parts and parts[-1].startswith("-") else frozenset()
        ends_sentence = bool(parts) and parts[-1] == "."
        parts = parts[:-1] if ends_sentence else parts
        slots: list[Words] = []
        gaps: list[Gap] = []
        gap: Gap | None = None
        for part in parts:
            if part in GAPS:
                gap = GAPS[part]
                continue
            if slots:
                gaps.append(gap or Gap.FILLERS)
            slots.append(self._as_spelled(self._choices(place, part)))
            gap = None
        if gap:
            raise place.fault("a phrase cannot end with a gap")
        self._check(place, written, slots)
        return Entry(written, kind, why, tuple(slots), tuple(gaps), ends_sentence, not_before, not_after)

    def _check(self, place: _Place, written: str, slots: list[Words]) -> None:
        if not slots:
            raise place.fault("the phrase is empty")
        if len(slots) == 1 and slots[0] <= self.fillers:
            raise place.fault(f"{written!r} is a filler word only")
        if len(slots) == 1 and any(_is_too_short(word) for word in slots[0]):
            raise place.fault(f"{written!r}: a single word needs three letters, or two with their dots")

    def _all_words(self, section: str) -> Words:
        return frozenset().union(*(self._words(place) for place in self.sections[section]))

    def _words(self, place: _Place) -> Words:
        return frozenset().union(*(self._choices(place, part) for part in place.text.split()))

    def _as_spelled(self, words: Words) -> Words:
        """Return the words with the other ways to write the small ones: whoever writes "att" may write "\u00e5"."""
        return words.union(*(self.spellings.get(word, frozenset()) for word in words))

    def _choices(self, place: _Place, part: str) -> Words:
        found: set[str] = set()
        for choice in part.split("|"):
            if choice.startswith("{") and choice.endswith("}"):
                if choice[1:-1] not in self.groups:
                    raise place.fault(f"unknown word group {choice}")
                found |= self.groups[choice[1:-1]]
            elif WORD.fullmatch(choice):
                found.add(choice)
            else:
                raise place.fault(f"{choice!r} is not a word")
        return frozenset(found)


def _is_too_short(word: str) -> bool:
    letters = len(word.strip("*~!"))
    return letters < (2 if word.endswith("!") else 3) and not EMOJI.match(word)


def _in_any_order(place: _Place, parts: list[str]) -> Iterator[list[str]]:
    """Yield the places with what stands between + or & in each order; a first exception stays first."""
    signs = {part for part in parts if part in ANY_ORDER}
    if not signs:
        yield parts
        return
    first, parts = (parts[:1], parts[1:]) if parts[0].startswith("-") else ([], parts)
    blocks = [list(block) for is_sign, block in itertools.groupby(parts, ANY_ORDER.__contains__) if not is_sign]
    if not 1 < len(blocks) <= MAX_IN_ANY_ORDER:
        raise place.fault(f"+ or & stands between two to {MAX_IN_ANY_ORDER} parts")
    gap = max(ANY_ORDER[sign] for sign in signs)
    for order in itertools.permutations(blocks):
        yield [*first, *order[0], *(part for block in order[1:] for part in (gap, *block))]


def _with_moved_negation(parts: list[str]) -> Iterator[list[str]]:
    """Yield the places as written, and with the negation on the other side of a word next to it.

    A main clause has "vill inte leva", a subordinate one "inte vill leva".
    """
    yield parts
    marks = {*GAPS, "."}
    for i, (one, other) in enumerate(itertools.pairwise(parts)):
        if NEGATION in (one, other) and not marks & {one, other} and one != other and not one.startswith("-"):
            yield [*parts[:i], other, one, *parts[i + 2 :]]


def _root(path: Path) -> _Place:
    try:
        root = yaml.compose(path.read_text("utf-8"), Loader=LOADER)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadLexicon(path, mark.line + 1 if mark else 1, f"not YAML: {error}") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadLexicon(path, 1, f"cannot be read: {error}") from error
    if root is None:
        raise BadLexicon(path, 1, "the file is empty")
    return _Place(path, root)
