"""A clinic's own wording of a gated instrument, read from its file and checked against the structure. Pure.

The file is YAML, in the order in which the questions are printed:

    window: "…"
    options: {0: "…", 1: "…"}            # the same for every question, or
    options_of: {fear: {0: "…"}, avoidance: {0: "…"}}     # for each subscale, or under a question of its own
    items:
      - "…"
      - {text: "…", options: {0: "…", 2: "…"}}

A half step may be without words: it lies between two that have them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import yaml

from programs.instruments.languages import is_written_in
from programs.instruments.model import Choice, Instrument, Item
from programs.instruments.wording import hash_of

LARGEST = 100_000  # characters of a file
LONGEST = 600  # characters of one question or option
MARKUP = re.compile(r"<\s*[a-z!/?]|&(?:[a-z]+|#x?[0-9a-f]+);|javascript:", re.IGNORECASE)
KNOWN = {"window", "options", "options_of", "items"}


@dataclass(frozen=True)
class WordingFault:
    """Why a file cannot be taken: a reason, and what to put into its sentence."""

    reason: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ReadWording:
    """The wording as it is stored (in our numbering), empty when there are faults."""

    wording: dict[str, Any]
    faults: tuple[WordingFault, ...]


def read_wording(instrument: Instrument, language: str, written: str) -> ReadWording:
    """Return the wording that the file holds, or everything that is wrong with it."""
    facts, faults = _facts(written)
    if facts is None:
        return ReadWording({}, faults)
    entries = facts.get("items")
    if not isinstance(entries, list):
        return ReadWording({}, (WordingFault("no_items"),))
    if len(entries) != len(instrument.items):
        return ReadWording({}, (WordingFault("count", {"found": len(entries), "needed": len(instrument.items)}),))
    wording = {"window": facts.get("window"), "items": _in_our_order(instrument, facts, entries)}
    found = [*faults, *_wording_faults(instrument, wording)]
    if not found and not is_written_in(language, " ".join(_texts(wording))):
        found = [WordingFault("language", {"language": language})]
    return ReadWording({} if found else wording, tuple(found))


def _facts(written: str) -> tuple[dict[str, Any] | None, tuple[WordingFault, ...]]:
    if len(written) > LARGEST:
        return None, (WordingFault("too_large"),)
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(written, Loader=yaml.SafeLoader)):
            return None, (WordingFault("alias"),)  # an alias could multiply without end, and no wording needs one
        facts = yaml.safe_load(written)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        return None, (WordingFault("yaml", {"line": mark.line + 1 if mark else 1}),)
    if not isinstance(facts, dict):
        return None, (WordingFault("not_a_mapping"),)
    unknown = sorted(str(key) for key in facts if key not in KNOWN)
    return facts, tuple(WordingFault("unknown_key", {"key": key[:60]}) for key in unknown)


def _in_our_order(instrument: Instrument, facts: Mapping[str, Any], entries: list[Any]) -> list[dict[str, Any]]:
    """Return text and options of each item in our numbering; the file's order is the printed one."""
    order = instrument.printed_order or tuple(item.id for item in instrument.items)
    printed = dict(zip(order, entries, strict=True))
    scales = {item: scale.id for scale in instrument.subscales for item in scale.items}
    by_scale = facts.get("options_of") if isinstance(facts.get("options_of"), dict) else {}
    worded = []
    for item in instrument.items:
        entry = printed[item.id]
        own = entry if isinstance(entry, dict) else {"text": entry}
        options = own.get("options") or (by_scale or {}).get(scales.get(item.id)) or facts.get("options")
        kept = {str(value): words for value, words in options.items()} if isinstance(options, dict) else None
        if item.options and "options" not in own and kept is not None:  # of the common options only those it takes
            kept = {value: words for value, words in kept.items() if int_or_none(value) in instrument.values_of(item)}
        worded.append({"id": item.id, "text": own.get("text"), "options": kept})
    return worded


def int_or_none(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?[0-9]{1,4}", text, re.ASCII) else None


def _wording_faults(instrument: Instrument, wording: Mapping[str, Any]) -> Iterator[WordingFault]:
    if not _is_text(wording["window"]):
        yield WordingFault("no_window")
    printed = {item: place for place, item in enumerate(instrument.printed_order, start=1)}
    for item, worded in zip(instrument.items, wording["items"], strict=True):
        yield from _item_faults(instrument, item, worded, printed.get(item.id, int(item.id)))
    for scale in instrument.subscales or (None,):  # the same situation is asked twice: once for each subscale
        texts = [_key(each["text"]) for each in wording["items"] if scale is None or each["id"] in scale.items]
        for text, times in Counter(texts).items():
            if times > 1 and text:
                yield WordingFault("twice", {"text": text[:60]})
    for text in _texts(wording):
        if MARKUP.search(text):
            yield WordingFault("markup", {"text": text[:60]})
        if len(text) > LONGEST:
            yield WordingFault("too_long", {"text": text[:60], "most": LONGEST})


def _item_faults(instrument: Instrument, item: Item, worded: Mapping[str, Any], place: int) -> Iterator[WordingFault]:
    """Yield the faults of one question; `place` is its number in the file."""
    if not _is_text(worded["text"]):
        yield WordingFault("no_text", {"number": place})
    options, values = worded["options"], instrument.values_of(item)
    if options is None:
        yield WordingFault("no_options", {"number": place})
        return
    known = {int_or_none(value) for value, words in options.items() if _is_text(words)}
    needed = [value for value in values if value not in instrument.half_steps]
    if missing := [value for value in needed if value not in known]:
        yield WordingFault("options_missing", {"number": place, "values": ", ".join(map(str, missing))})
    if unknown := [value for value in options if int_or_none(value) not in values]:
        yield WordingFault("options_unknown", {"number": place, "values": ", ".join(unknown)[:60]})
    if len({_key(words) for words in options.values()}) < len(options):
        yield WordingFault("options_twice", {"number": place})


def _is_text(value: object) -> bool:
    return isinstance(value, str) and any(letter.isalpha() for letter in value)


def _key(value: object) -> str:
    return " ".join(str(value).split()).casefold() if isinstance(value, str) else ""


def _texts(wording: Mapping[str, Any]) -> list[str]:
    found = [wording["window"]]
    for item in wording["items"]:
        found += [item["text"], *(item["options"] or {}).values()]
    return list(dict.fromkeys(text for text in found if isinstance(text, str)))


def content_hash(language: str, wording: Mapping[str, Any]) -> str:
    """Return 12 hex digits that tell one wording from another."""
    return hash_of([language, wording])[:12]


def with_wording(instrument: Instrument, language: str, wording: Mapping[str, Any]) -> Instrument:
    """Return the gated instrument as the clinic shows it; its version names the structure and the wording."""
    worded = {each["id"]: each for each in wording["items"]}
    items = []
    for item in instrument.items:
        words = worded[item.id]["options"]
        options = tuple(
            Choice(value, {language: words[str(value)]} if str(value) in words else {})
            for value in instrument.values_of(item)
        )
        items.append(replace(item, words={language: worded[item.id]["text"]}, options=options))
    version = f"{instrument.version}.{content_hash(language, wording)}"
    return replace(instrument, version=version, window={language: wording["window"]}, items=tuple(items))
