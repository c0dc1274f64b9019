"""Numbers as people write them: 8, and in Swedish 8,5."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache

from django.template.defaultfilters import floatformat
from django.utils.translation import get_language


def written(number: Decimal | float | None) -> str:
    """Return a total or a change with one decimal where it has any; nothing for none."""
    if number is None:
        return ""
    whole = int(number)  # the same in every language
    return str(whole) if whole == number else _written(number, get_language())


@lru_cache(maxsize=2000)
def _written(number: Decimal | float, language: str | None) -> str:
    """Return the number in the language, remembered: a page says the same few totals a hundred times."""
    return str(floatformat(number))
