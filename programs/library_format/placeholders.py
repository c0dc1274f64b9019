"""The fields that may stand in programme text, {{behandlare}} and its kin, and how they are filled in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

PATIENT_FIELDS = frozenset({"behandlare", "fornamn", "svarsdag"})
PHRASE_FIELDS = PATIENT_FIELDS | {"citat", "aktivitet", "fore", "efter", "datum", "nasta_avsnitt"}

_FIELD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")


def names_in(text: str) -> list[str]:
    """Return the names of all fields in a text, known or not."""
    return _FIELD.findall(text)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return plain text with its fields replaced; a field without a value stays as it is."""
    return _FIELD.sub(lambda found: str(values.get(found[1], found[0])), text)


def fill_html(html: str, values: Mapping[str, str]) -> str:
    """Return HTML of a block with its fields replaced by escaped values, so that a name can never become markup."""
    return _FIELD.sub(lambda found: escape(str(values[found[1]])) if found[1] in values else found[0], html)
