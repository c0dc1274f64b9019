"""What the checker says: a stable code, a file, a line, and a sentence in Swedish for the author. Pure.

The sentences stand in faults_sv.yaml, since authors read Swedish. A key is a code and a word ("Q03.address"); the
code is what tests and other programs may rely on.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

import yaml

# Control characters but tab and line feed, line ends that only some programs see, and halves of characters.
INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\x85\u2028\u2029\ud800-\udfff]")
_SHOWN = 60  # characters of a word that a message repeats
_TEXTS = Path(__file__).with_name("faults_sv.yaml")


@dataclass(frozen=True, order=True)
class Fault:
    """One finding. file is relative to the programme's folder; line is 1-based; warning = does not stop loading."""

    file: str
    line: int
    code: str
    message: str
    warning: bool = False

    def as_warning(self, *, when: bool = True) -> Fault:
        """Return the same finding as a warning, for instance when a draft may still lack something."""
        return replace(self, warning=when)

    def __str__(self) -> str:
        mark = f"{self.code} W" if self.warning else self.code
        return f"{self.file}:{self.line}  {mark}  {self.message}"


@functools.cache
def texts() -> dict[str, str]:
    """Return all sentences by key ("P01.slug")."""
    loaded: dict[str, str] = yaml.safe_load(_TEXTS.read_text(encoding="utf-8"))
    return loaded


def fault(key: str, file: str, line: int, /, **values: object) -> Fault:
    """Return the finding with its sentence filled in; raises KeyError for a key or a value that is missing."""
    shown = {name: _short(value) for name, value in values.items()}
    return Fault(file, line, key.partition(".")[0], texts()[key].format(**shown))


def _short(value: object) -> object:
    text = str(value)
    return f"{text[: _SHOWN * 2]}…" if len(text) > _SHOWN * 2 else value


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ' Menade du "x"?' for the nearest known word, or nothing."""
    near = get_close_matches(word[:_SHOWN], list(known), n=1, cutoff=0.6)
    return texts()["hint.did_you_mean"].format(word=near[0]) if near else ""


def decimal(number: float) -> str:
    """Return a number with one decimal, written the Swedish way: 37,2."""
    return f"{number:.1f}".replace(".", ",")
