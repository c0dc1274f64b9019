"""Ways in which the same text may be written, each a pure function of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from riskmonitor.lexicon import screen

LETTERS = re.compile(r"[^\W\d_]+")
SHORTEST_KEY_WORD = 5


def without_dots(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def _in_key_word(text: str, change: Callable[[str], str]) -> str:
    """Return the text with its key word changed: the longest word of the first finding, if it has five letters."""
    for found in screen(text):
        words = LETTERS.finditer(text, found.start, found.end)
        word = max(words, key=lambda word: len(word.group()), default=None)
        if word and len(word.group()) >= SHORTEST_KEY_WORD:
            return text[: word.start()] + change(word.group()) + text[word.end() :]
    return text


def _swapped(word: str) -> str:
    return f"{word[:2]}{word[3]}{word[2]}{word[4:]}"


def _one_missing(word: str) -> str:
    return word[:3] + word[4:]


def _one_wrong(word: str) -> str:
    return f"{word[:2]}q{word[3:]}"


def _as_in_a_chat(text: str) -> str:
    """Return the text in small letters, without signs, trailing off."""
    return " ".join(re.sub(r"[.,!?:;]+", " ", text.lower()).split()) + " lr asså"


VARIANTS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "small letters": str.lower,
    "letters and marks apart": lambda text: unicodedata.normalize("NFD", text),
    "no dots and rings": without_dots,
    "wide spaces": lambda text: text.replace(" ", "   "),
    "line breaks": lambda text: text.replace(" ", "\n"),
    "a doubled letter": lambda text: _in_key_word(text, lambda word: word[:3] + word[2] + word[3:]),
    "all vowels drawn out": lambda text: re.sub("([aeiouyåäö])", r"\1\1\1", text),
    "two letters swapped": lambda text: _in_key_word(text, _swapped),
    "a letter missing": lambda text: _in_key_word(text, _one_missing),
    "a wrong letter": lambda text: _in_key_word(text, _one_wrong),
    "as in a chat": _as_in_a_chat,
}
