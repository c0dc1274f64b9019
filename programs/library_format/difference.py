"""What differs between two editions, as a clinician reads it: page by page, words taken away and words added. Pure.

difference(old, new) compares programmes as `Side`s. Words are compared with difflib; what moved to another page shows
as taken away there and added here.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any

import yaml

from . import blocks
from .editions import is_minor, meanings
from .structure import ModuleFile

SAME, ADDED, REMOVED, CHANGED = "same", "added", "removed", "changed"
_WORD = re.compile(r"\n|[^\S\n]+|[^\s]+")
_BLOCK_END = re.compile(r"</(?:p|li|h2|ul)>|<br\s*/?>")
_TAG = re.compile(r"<[^>]*>")
_UNREAD = ("status", "edition", "reviewers", "authors", "changes", "slug")  # facts that say nothing about the treatment


@dataclass(frozen=True)
class Side:
    """One edition: the facts of programme.yaml and the modules in the language they were written in."""

    facts: Mapping[str, Any]
    modules: Sequence[ModuleFile]


@dataclass(frozen=True)
class Piece:
    """A run of words: kind = same, added or removed. A line feed in `text` begins a new line."""

    kind: str
    text: str


@dataclass(frozen=True)
class PageDifference:
    """One page, or another part of a module: kind = same, added, removed or changed; pieces are empty when same."""

    id: str
    title: str
    kind: str
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True)
class ModuleDifference:
    """One module; kind as for a page, pages only those that differ."""

    id: str
    title: str
    kind: str
    pages: tuple[PageDifference, ...] = ()


@dataclass(frozen=True)
class IdChange:
    """An address whose answers cannot be carried over: was or now is "" where the id is not there."""

    address: str
    was: str
    now: str


@dataclass(frozen=True)
class Difference:
    """minor = only words differ; modules and facts hold only what differs."""

    minor: bool
    modules: tuple[ModuleDifference, ...]
    facts: tuple[PageDifference, ...]
    ids: tuple[IdChange, ...]

    @property
    def is_empty(self) -> bool:
        """Return True when a reader would see no difference."""
        return not (self.modules or self.facts or self.ids)


def difference(old: Side, new: Side, names: Mapping[str, str] | None = None) -> Difference:
    """Return what the new edition changes. names: of kinds of questions and of tools, by id, for those who read it."""
    names = names or {}
    before, after = {m.id: m for m in old.modules}, {m.id: m for m in new.modules}
    modules = (_module(before.get(name), after.get(name), names) for name in _in_order(before, after))
    was, now = meanings(old.modules), meanings(new.modules)
    return Difference(
        minor=is_minor(old.facts, old.modules, new.facts, new.modules),
        modules=tuple(module for module in modules if module.kind != SAME),
        facts=tuple(_facts(old.facts, new.facts)),
        ids=tuple(
            IdChange(address, _named(was.get(address, ""), names), _named(now.get(address, ""), names))
            for address in _in_order(was, now)
            if was.get(address) != now.get(address)
        ),
    )


def word_pieces(old: str, new: str) -> tuple[Piece, ...]:
    """Return the new text in runs of words, with those of the old text that are gone in their place."""
    was, now = _WORD.findall(old), _WORD.findall(new)
    found: list[Piece] = []

    def add(kind: str, words: list[str]) -> None:
        if words:
            found.append(Piece(kind, "".join(words)))

    for change, a, b, c, d in difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes():
        if change == "equal":
            add(SAME, was[a:b])
        else:
            add(REMOVED, was[a:b])
            add(ADDED, now[c:d])
    return tuple(found)


def _in_order(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """Return the names in the new order, then those that are gone."""
    return list(dict.fromkeys([*after, *before]))


def _named(meaning: str, names: Mapping[str, str]) -> str:
    """Return what an address records ("scale 0-10", "tool week_planner") with the names of its kind and its tool."""
    return " ".join(names.get(word, word) for word in meaning.split())


def _module(old: ModuleFile | None, new: ModuleFile | None, names: Mapping[str, str]) -> ModuleDifference:
    one = new or old
    if one is None:
        raise ValueError("a module of neither edition")
    was, now = dict(_readable(old, names)) if old else {}, dict(_readable(new, names)) if new else {}
    titles = {place: title for module in (old, new) if module for place, title in _titles(module)}
    pages = [_page(place, titles[place], was.get(place), now.get(place)) for place in _in_order(was, now)]
    different = tuple(page for page in pages if page.kind != SAME)
    kind = ADDED if old is None else REMOVED if new is None else CHANGED if different else SAME
    return ModuleDifference(one.id, f"{one.number}. {one.title}", kind, different)


def _page(place: str, title: str, was: str | None, now: str | None) -> PageDifference:
    if was == now:
        return PageDifference(place, title, SAME)
    kind = ADDED if was is None else REMOVED if now is None else CHANGED
    heading = f"{title}\n"
    if was and now and was.startswith(heading) and now.startswith(heading):  # the same title stands above the words
        was, now = was.removeprefix(heading), now.removeprefix(heading)
    return PageDifference(place, title, kind, word_pieces(was or "", now or ""))


def _titles(module: ModuleFile) -> Iterator[tuple[str, str]]:
    yield "facts", ""
    yield "short", ""
    yield from ((f"page:{page.id}", page.title) for page in module.pages)
    yield "notes", ""


def _readable(module: ModuleFile, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each part of a module with its words, a line for each paragraph, list item, option and setting."""
    settings = {
        "week": module.week, "minutes": dict(module.minutes), "core": module.core, "opens": dict(module.opens),
        "feedback": module.feedback, "tools": list(module.tools), "gates": list(module.gates),
    }  # fmt: skip
    yield "facts", "\n".join([module.title, module.aim, _yaml(settings)])
    yield "short", "\n".join(_lines(module.short, names)) if module.short else ""
    for page in module.pages:
        lines = [line for block in page.blocks for line in _lines(block, names)]
        yield f"page:{page.id}", "\n".join([page.title, *lines])
    yield "notes", "\n".join(line for note in module.notes for line in _lines(note, names))


def _lines(block: blocks.Block, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what a reader sees of a block, and the settings that decide what can be answered."""
    if isinstance(block, blocks.Question):
        span = "" if block.min is None else f" {block.min}–{block.max} {block.low} {block.high}".rstrip()
        yield f"[{names.get(block.kind, block.kind)}{span}] {block.prompt}"
        yield from (f"– {option.text}" for option in block.options)
    elif isinstance(block, blocks.Tool):
        params = ", ".join(f"{name}={value}" for name, value in block.params.items())
        yield f"[{names.get(block.use, block.use)}{' ' + params if params else ''}] {block.instruction}"
    elif isinstance(block, (blocks.Summary, blocks.Phrases)):
        yield from (f"– {item}" for item in block.items)
    else:
        if isinstance(block, blocks.Example):
            yield f"{block.who}, {block.age}:"
        elif isinstance(block, blocks.More):
            yield block.title
        yield from plain_lines(getattr(block, "html", ""))
        if isinstance(block, blocks.Recall):
            yield block.empty


def plain_lines(html: str) -> list[str]:
    """Return safe HTML of a block as plain lines, one for each paragraph, list item and heading."""
    found = (unescape(_TAG.sub("", line)).replace("\n", " ").strip() for line in _BLOCK_END.split(html))
    return [line for line in found if line]


def _facts(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[PageDifference]:
    for name in _in_order(old, new):
        if name not in _UNREAD and old.get(name) != new.get(name):
            was, now = (_yaml(facts[name]) if name in facts else None for facts in (old, new))
            yield _page(name, name, was, now)


def _yaml(value: Any) -> str:
    return str(yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=1000)).removesuffix("...\n").strip()
