"""Arithmetic on half-open ranges of time (pure).

A range is ``(start, end)`` with ``start < end``: the start belongs to it, the end does not. Lists of ranges are sorted
and disjoint; `union` makes any list so. The moments are aware UTC datetimes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

Range = tuple[datetime, datetime]


def union(ranges: Iterable[Range]) -> list[Range]:
    """Return the ranges sorted, with those that overlap or touch made one and empty ones left out."""
    merged: list[Range] = []
    for start, end in sorted(each for each in ranges if each[0] < each[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def intersect(these: Sequence[Range], those: Sequence[Range]) -> list[Range]:
    """Return what lies in both lists; each must be sorted and disjoint. Linear in their lengths."""
    found: list[Range] = []
    i = j = 0
    while i < len(these) and j < len(those):
        start, end = max(these[i][0], those[j][0]), min(these[i][1], those[j][1])
        if start < end:
            found.append((start, end))
        if these[i][1] <= those[j][1]:
            i += 1
        else:
            j += 1
    return found


def subtract(these: Sequence[Range], those: Sequence[Range]) -> list[Range]:
    """Return what lies in the first list and not in the second; each must be sorted and disjoint."""
    left: list[Range] = []
    j = 0
    for start, end in these:
        while j < len(those) and those[j][1] <= start:
            j += 1
        k = j
        while k < len(those) and those[k][0] < end:
            if start < those[k][0]:
                left.append((start, those[k][0]))
            start = those[k][1]
            k += 1
        if start < end:
            left.append((start, end))
    return left
