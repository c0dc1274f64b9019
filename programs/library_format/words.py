"""The list of words that programmes avoid or explain, by language, ready to be searched for. Pure: reads one file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FILE = "words.yaml"
_NEVER = re.compile(r"(?!)")


@dataclass(frozen=True)
class Exemption:
    """A place where a forbidden phrase may stand, with the reason."""

    phrase: str
    programme: str
    module: str
    page: str
    reason: str


@dataclass(frozen=True)
class Explained:
    """A word that needs one of its explanations, in the same module or an earlier one."""

    word: str
    used: re.Pattern[str]
    said: re.Pattern[str]


@dataclass(frozen=True)
class WordList:
    """The words of one language. lix = whether readability is judged by LIX."""

    lix: bool
    forbidden: re.Pattern[str]
    drugs: re.Pattern[str]
    reply_times: re.Pattern[str]
    explain: tuple[Explained, ...]
    exemptions: tuple[Exemption, ...]

    def unexplained(self, passage: str, said: str) -> Iterator[str]:
        """Yield the words of a passage whose explanation is nowhere in what has been said."""
        for entry in self.explain:
            if entry.used.search(passage) and not entry.said.search(said):
                yield entry.word

    def is_exempt(self, phrase: str, programme: str, module: str, page: str) -> bool:
        """Return True when the list names this phrase on this page as an exception."""
        place = (phrase.lower(), programme, module, page)
        return any((e.phrase.lower(), e.programme, e.module, e.page) == place for e in self.exemptions)


NO_WORDS = WordList(False, _NEVER, _NEVER, _NEVER, (), ())


def load_words(library: Path) -> dict[str, WordList]:
    """Return the word lists of a library by language."""
    loaded = yaml.safe_load((library / FILE).read_text(encoding="utf-8"))
    return {language: _word_list(facts) for language, facts in loaded.items()}


def _word_list(facts: Mapping[str, Any]) -> WordList:
    patterns = "|".join(f"(?:{pattern})" for pattern in facts["reply_times"])
    return WordList(
        lix=facts["lix"],
        forbidden=_whole(_flat(facts["forbidden"])),
        drugs=_whole(_flat(facts["drugs"])),
        reply_times=re.compile(patterns, re.IGNORECASE) if patterns else _NEVER,
        explain=tuple(Explained(word, _whole([word]), _whole(said)) for word, said in facts["explain"].items()),
        exemptions=tuple(Exemption(**entry) for entry in facts["exceptions"]),
    )


def _flat(entries: Iterable[str | list[str]]) -> list[str]:
    return [form for entry in entries for form in ([entry] if isinstance(entry, str) else entry)]


def _whole(phrases: Iterable[str]) -> re.Pattern[str]:
    """Return a pattern for the phrases as whole words, the longest first, any white space between words."""
    longest_first = sorted(phrases, key=len, reverse=True)
    forms = (r"\s+".join(map(re.escape, phrase.split())) for phrase in longest_first)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?!\w)", re.IGNORECASE)
