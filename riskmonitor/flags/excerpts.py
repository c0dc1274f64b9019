"""Marked places in a text, with what stands around them (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

AROUND = 240  # characters of context before the first and after the last mark


@dataclass(frozen=True, order=True)
class Mark:
    """A place that a rule pointed at (code points, end not included), and in words what was seen beside it."""

    start: int
    end: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `marked` is what a rule pointed at, `note` what is said of it, "" where there is nothing."""

    text: str
    marked: bool = False
    note: str = ""


@dataclass(frozen=True)
class Excerpt:
    """The pieces in order. `cut_before` and `cut_after`: there is more text than is shown."""

    pieces: tuple[Piece, ...]
    cut_before: bool = False
    cut_after: bool = False

    @property
    def is_cut(self) -> bool:
        return self.cut_before or self.cut_after

    @property
    def is_noted(self) -> bool:
        return any(piece.note for piece in self.pieces)


def excerpt(text: str, marks: Iterable[Mark], around: int = AROUND) -> Excerpt:
    """Return the text with its marks, cut to what stands around them.

    Marks outside the text are dropped, those that overlap are one. Without a mark the whole text is returned.
    """
    merged = _merged(text, marks)
    if not merged:
        return Excerpt((Piece(text),))
    first, last = max(merged[0].start - around, 0), min(merged[-1].end + around, len(text))
    pieces, at = [], first
    for mark in merged:
        pieces += [Piece(text[at : mark.start]), Piece(text[mark.start : mark.end], True, ", ".join(mark.notes))]
        at = mark.end
    pieces.append(Piece(text[at:last]))
    return Excerpt(tuple(piece for piece in pieces if piece.text), first > 0, last < len(text))


def _merged(text: str, marks: Iterable[Mark]) -> list[Mark]:
    """Return the marks within the text in order, those that overlap or touch as one with what is said of each."""
    merged: list[list[Mark]] = []
    end = 0
    for mark in sorted(Mark(max(each.start, 0), min(each.end, len(text)), each.notes) for each in marks):
        if mark.start >= mark.end:
            continue
        if merged and mark.start <= end:
            merged[-1].append(mark)
        else:
            merged.append([mark])
        end = max(mark.end, end)
    return [Mark(each[0].start, max(mark.end for mark in each), _notes(text, each)) for each in merged]


def _notes(text: str, marks: Sequence[Mark]) -> tuple[str, ...]:
    """Return what is said of all these marks, and then what is said of some alone, with the words it is said of.

    "May be denied" beside words that nobody denied would soothe.
    """
    of_all = [note for note in marks[0].notes if all(note in mark.notes for mark in marks)]
    of_some = [f"{note}: {text[mark.start : mark.end]}" for mark in marks for note in mark.notes if note not in of_all]
    return tuple(dict.fromkeys((*of_all, *of_some)))
