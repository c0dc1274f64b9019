"""An answer to a question in the words that stood beside it. Reads only."""

from __future__ import annotations

from django.utils.translation import get_language

from programs.instruments import Instrument, Item, text


def answer_words(form: Instrument, item: Item, value: int | None) -> str | None:
    """Return the value with its words, None when the question was left out."""
    if value is None:
        return None
    words = option_words(form, item, value)
    return f"{value}: {words}" if words else str(value)


def option_words(form: Instrument, item: Item, value: int) -> str:
    """Return the words of a value, "" for one without: half a step, or one that nobody knows."""
    return next((text(option.words, language()) for option in form.options_of(item) if option.value == value), "")


def language() -> str:
    return get_language() or "sv"
