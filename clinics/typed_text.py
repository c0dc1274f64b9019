"""Typed text on its way into the database. Pure."""

from __future__ import annotations

from typing import Any


def storable(text: str) -> str:
    """Return the text as PostgreSQL can keep it: without NUL, lone surrogates shown as the replacement character.

    Nothing a person can see is taken away.
    """
    return text.replace("\0", "").encode("utf-8", "replace").decode("utf-8") if text else text


def storable_data(value: Any) -> Any:
    """Return plain data (lists, dicts, texts, numbers) with every text storable, keys too."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_data(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_data(item) for item in value]
    return value
