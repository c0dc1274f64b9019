"""Compare the texts that the code uses with a catalogue, so that no reader meets the wrong language.

Pure but for reading files. GNU gettext is not needed: Django turns a template into something like Python, and Babel
reads the texts out of Python.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

FOLDERS = ("clinics", "programs", "messaging", "riskmonitor", "followup", "ikbt", "templates")
# Which arguments are texts, 1 the first; a "c" marks a context.
_PLURAL, _CONTEXT, _BOTH = (1, 2), ((1, "c"), 2), ((1, "c"), 2, 3)
CALLS = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"]),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], _PLURAL),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], _CONTEXT),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], _BOTH),
}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{(\w*)\}")


@dataclass(frozen=True)
class Text:
    """One text that is used: `plural` and `context` are "" where there is none."""

    singular: str
    plural: str = ""
    context: str = ""

    def __str__(self) -> str:
        return repr(self.singular)


@dataclass(frozen=True)
class Gap:
    """One fault of a catalogue, with the place where the text is used ("" when it is not)."""

    what: str
    text: Text
    place: str = ""

    def __str__(self) -> str:
        return f"{self.place}: {self.what}: {self.text}" if self.place else f"{self.what}: {self.text}"


def texts_in_python(source: str) -> Iterator[tuple[int, Text]]:
    """Return each text with its line."""
    for line, said, _comments, context in extract("python", io.BytesIO(source.encode()), CALLS):
        yield line, Text(*_forms(said), context or "")


def texts_in_template(source: str, name: str) -> Iterator[tuple[int, Text]]:
    """Return each text with its line. What is not text has become letters; its indentation would not be Python."""
    like_python = templatize(source, origin=name)
    return texts_in_python("\n".join(line.lstrip() for line in like_python.splitlines()))


def texts_used(root: Path, folders: Iterable[str] = FOLDERS) -> dict[Text, str]:
    """Return every text of the project's code and templates with the first place where it is used."""
    found: dict[Text, str] = {}
    for path in sorted(each for folder in folders for each in (root / folder).rglob("*.*")):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".py":
            texts = texts_in_python(path.read_text())
        elif path.suffix in {".html", ".txt"} and "templates" in path.parts:
            texts = texts_in_template(path.read_text(), name)
        else:
            continue
        for line, text in texts:
            found.setdefault(text, f"{name}:{line}")
    return found


def read_catalogue(path: Path) -> Catalog:
    """Raise PoFileError for a file that cannot be read."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parent.parent.name, abort_invalid=True)


def gaps(used: dict[Text, str], catalogue: Catalog) -> list[Gap]:
    """Return what is missing, empty, unsure, misfit or no longer used."""
    entries = {_text_of(entry): entry for entry in catalogue if entry.id}
    by_key = {(text.context, text.singular): entry for text, entry in entries.items()}
    found = []
    for text, place in used.items():
        entry = by_key.get((text.context, text.singular))
        fault = _fault(text, entry) if entry else "not translated"
        if fault:
            found.append(Gap(fault, text, place))
    keys = {(text.context, text.singular) for text in used}
    found += [Gap("no longer used", text) for text in entries if (text.context, text.singular) not in keys]
    return found


def _text_of(entry: Message) -> Text:
    return Text(*_forms(entry.id), entry.context or "")


def _forms(said: str | Sequence[str]) -> tuple[str, str]:
    """Return singular and plural, "" for none."""
    return (said, "") if isinstance(said, str) else (said[0], said[1])


def _fault(text: Text, entry: Message) -> str:
    forms = [entry.string or ""] if isinstance(entry.string, str | None) else [form or "" for form in entry.string]
    if not all(form.strip() for form in forms):
        return "not translated"
    if entry.fuzzy:
        return "marked as unsure (fuzzy)"
    if bool(text.plural) != (len(forms) > 1):
        return "singular and plural do not fit"
    meant = _placeholders(text.singular, text.plural)
    if _placeholders(*forms) != meant or any(_placeholders(form) - meant for form in forms):
        return "other placeholders"
    return ""


def _placeholders(*texts: str) -> set[str]:
    return {match.group() for text in texts for match in PLACEHOLDER.finditer(text.replace("%%", ""))}
