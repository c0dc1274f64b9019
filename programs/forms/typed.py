"""What was typed or ticked in a form, on its way between request, draft and field."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.datastructures import MultiValueDict

Typed = dict[str, Any]


def typed(data: MultiValueDict[str, str], names: Iterable[str]) -> Typed:
    """Return the named fields as a draft keeps them: one value as text, several as a list."""
    found: Typed = {}
    for name in names:
        values = data.getlist(name)
        if values:
            found[name] = values[0] if len(values) == 1 else list(values)
    return found


def without_a_field(data: Mapping[str, str], names: Iterable[str]) -> list[str]:
    """Return the answers in words to questions that are not on the page (any more): they must not vanish."""
    known = set(names)
    posted = {name: text for name, text in data.items() if name.startswith("q_") and name not in known}
    return [text for text in posted.values() if any(letter.isalpha() for letter in text)]


def as_posted(draft: Mapping[str, Any]) -> MultiValueDict[str, str]:
    """Return a draft's data as a form takes it."""
    posted: MultiValueDict[str, str] = MultiValueDict()
    for name, value in draft.items():
        posted.setlist(name, [str(each) for each in (value if isinstance(value, list) else [value])])
    return posted


def without_blanks(data: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the fields in which something was written or ticked, each as a list."""
    lists = {name: value if isinstance(value, list) else [value] for name, value in data.items()}
    written = {name: [str(each) for each in values if str(each).strip()] for name, values in lists.items()}
    return {name: values for name, values in written.items() if values}


def as_number(text: str) -> int | str:
    """Return the whole number that was typed; other text stays, and is refused with a reason."""
    stripped = text.strip()
    return int(stripped) if re.fullmatch(r"-?[0-9]{1,9}", stripped) else text


def as_time(text: str) -> str:
    """Return "7.30" and "7:30" as "07:30"; other text stays, and is refused with a reason."""
    found = re.fullmatch(r"\s*([0-9]{1,2})[.:]([0-9]{2})\s*", text)
    return f"{int(found[1]):02d}:{found[2]}" if found else text


def replaces(mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> bool:
    """Say whether `mine` is `theirs` written on, so that it may take its place; False: two different texts.

    Two are different when more than half of the words of a text in `theirs` are nowhere in `mine`. Ticks and choices
    never make a difference: the last click is what the person wants.
    """
    for name, value in theirs.items():
        if not isinstance(value, str):
            continue
        before, after = value.split(), set(str(mine.get(name, "")).split())
        gone = [word for word in before if word not in after]
        if len(before) > 2 and len(gone) * 2 > len(before):
            return False
    return True
