"""Marked places in a text, with what stands around them (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

AROUND = 240  # characters of context before the first and after the last mark


@dataclass(frozen=True)
class Piece:
    """A stretch of text; `marked` is what a rule pointed at."""

    text: str
    marked: bool = False


@dataclass(frozen=True)
class Excerpt:
    """The pieces in order. `cut_before` and `cut_after`: there is more text than is shown."""

    pieces: tuple[Piece, ...]
    cut_before: bool = False
    cut_after: bool = False

    @property
    def is_cut(self) -> bool:
        return self.cut_before or self.cut_after


def excerpt(text: str, marks: Iterable[tuple[int, int]], around: int = AROUND) -> Excerpt:
    """Return the text with its marks (code points, end not included), cut to what stands around them.

    Marks outside the text are dropped, those that overlap are one. Without a mark the whole text is returned.
    """
    merged: list[tuple[int, int]] = []
    for start, end in sorted((max(start, 0), min(end, len(text))) for start, end in marks):
        if start >= end:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    if not merged:
        return Excerpt((Piece(text),))
    first, last = max(merged[0][0] - around, 0), min(merged[-1][1] + around, len(text))
    pieces, at = [], first
    for start, end in merged:
        pieces += [Piece(text[at:start]), Piece(text[start:end], marked=True)]
        at = end
    pieces.append(Piece(text[at:last]))
    return Excerpt(tuple(piece for piece in pieces if piece.text), first > 0, last < len(text))
