"""Finds phrases in a row of known words (pure).

Each phrase is looked for only around its rarest place, its anchor, and only in a text where every place has a word at
all. From the anchor it is followed both ways within a bounded reach, so the time is linear in the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

from riskmonitor.lexicon.phrases import Entry, Gap
from riskmonitor.lexicon.written_words import WrittenWord

MAX_FILLERS = 5  # between two places of a phrase
MAX_BETWEEN = 6  # words of any kind between two places with a gap
MAX_APART = 20  # words from one place to the next, when they may stand in two sentences
MAX_ENDS = 4  # ways to end a phrase that are tried at one anchor, the nearest first
AROUND = 3  # words before and after a phrase that are looked at: exceptions, negations, tense

Words = Sequence[WrittenWord]
Indexes = tuple[int, ...]  # of the words in a phrase's places


@dataclass(frozen=True)
class Phrase:
    """One phrase in one order, with the ids of its slots. `required` has a bit for each of them."""

    entry: Entry
    slots: tuple[int, ...]
    anchor: int
    required: int
    ends_sentence: bool
    not_before: int | None
    not_after: int | None


class PhraseSearch:
    """The phrases of a list, made ready for searching. `weights` tells how common the words of each slot are."""

    def __init__(
        self,
        entries: Iterable[Entry],
        slots: Mapping[frozenset[str], int],
        weights: Mapping[int, int],
        *,
        filler: int,
        ending: int,
    ) -> None:
        self._filler, self._ending = filler, ending
        self._anchored: dict[int, list[Phrase]] = defaultdict(list)
        self._known: dict[frozenset[int], tuple[int, tuple[tuple[int, Phrase], ...]]] = {}
        for entry in entries:
            ids = tuple(slots[words] for words in entry.slots)
            anchor = ids.index(min(ids, key=weights.__getitem__))
            phrase = Phrase(
                entry,
                ids,
                anchor,
                reduce(or_, (1 << slot for slot in ids)),
                entry.ends_sentence,
                slots.get(entry.not_before) if entry.not_before else None,
                slots.get(entry.not_after) if entry.not_after else None,
            )
            self._anchored[ids[anchor]].append(phrase)

    def matches(self, words: Words, ends: Sequence[bool]) -> Iterator[tuple[Indexes, Phrase]]:
        """Yield each phrase that stands in the words, with the indexes of the words in its places."""
        read = [self._read(word.slots) for word in words]
        present = reduce(or_, (bits for bits, _phrases in read), 0)
        for i, (_bits, phrases) in enumerate(read):
            for required, phrase in phrases:
                if required & present == required:
                    found = self._around(words, ends, i, phrase)
                    if found:
                        yield found, phrase

    def _read(self, slots: frozenset[int]) -> tuple[int, tuple[tuple[int, Phrase], ...]]:
        """Return a word's slots as bits, and with theirs the phrases that have one as their anchor. Kept."""
        known = self._known.get(slots)
        if known is None:
            bits = reduce(or_, (1 << slot for slot in slots))
            anchored = (phrase for slot in sorted(slots) for phrase in self._anchored.get(slot, ()))
            known = bits, tuple((phrase.required, phrase) for phrase in anchored)
            self._known[slots] = known
        return known

    def _around(self, words: Words, ends: Sequence[bool], i: int, phrase: Phrase) -> Indexes | None:
        """Return the nearest words in the places of a phrase whose anchor stands here, unless an exception does too."""
        before = self._follow(words, i, phrase, range(phrase.anchor - 1, -1, -1), -1)
        if not before:
            return None
        for after in self._follow(words, i, phrase, range(phrase.anchor + 1, len(phrase.slots)), 1):
            indexes = (*reversed(before[0]), i, *after)
            if phrase.ends_sentence and not self._ends_sentence(words, ends, indexes[-1]):
                continue
            if not _has_exception(words, indexes, phrase):
                return indexes
        return None

    def _follow(self, words: Words, i: int, phrase: Phrase, places: range, step: int) -> list[Indexes]:
        """Return the ways to fill these places from this word on, the nearest first. No places: one way."""
        if not places:
            return [()]
        layers: list[dict[int, int]] = [{i: i}]
        for place in places:
            slot, gap = phrase.slots[place], phrase.entry.gaps[min(place, place - step)]
            layer: dict[int, int] = {}
            for at in layers[-1]:
                for other in self._reach(words, at, gap, step):
                    if slot in words[other].slots:
                        layer.setdefault(other, at)
            if not layer:
                return []
            layers.append(layer)
        ways = []
        for end in sorted(layers[-1], reverse=step < 0)[:MAX_ENDS]:
            way = [end]
            for layer in reversed(layers[1:]):
                way.append(layer[way[-1]])
            ways.append(tuple(reversed(way[:-1])))
        return ways

    def _reach(self, words: Words, at: int, gap: Gap, step: int) -> Iterator[int]:
        """Yield the words on one side that may stand in the next place, the nearest first."""
        here, other, count = words[at], at + step, len(words)
        if gap is Gap.FILLERS:
            previous, left = here, MAX_FILLERS + 1
            while 0 <= other < count and left and words[other].place - previous.place == step:
                yield other
                previous = words[other]
                if self._filler not in previous.slots:
                    return
                other, left = other + step, left - 1
            return
        most = MAX_APART if gap is Gap.SENTENCES else MAX_BETWEEN + 1
        while 0 <= other < count and abs(words[other].place - here.place) <= most:
            if gap is Gap.WORDS and words[other].sentence != here.sentence:
                return
            yield other
            other += step

    def _ends_sentence(self, words: Words, ends: Sequence[bool], last: int) -> bool:
        """Say whether nothing follows in the sentence, or a word with which it begins anew or trails off."""
        if ends[last]:
            return True
        after = last + 1
        follows = after < len(words) and words[after].place == words[last].place + 1
        return follows and self._ending in words[after].slots


def before(words: Words, first: int) -> range:
    """Return the few words of the sentence that stand before this one."""
    here, start = words[first], first
    while start > 0 and here.place - words[start - 1].place <= AROUND and words[start - 1].sentence == here.sentence:
        start -= 1
    return range(start, first)


def after(words: Words, last: int) -> range:
    """Return the few words of the sentence that stand after this one."""
    here, stop = words[last], last + 1
    while stop < len(words) and words[stop].place - here.place <= AROUND and words[stop].sentence == here.sentence:
        stop += 1
    return range(last + 1, stop)


def _has_exception(words: Words, indexes: Indexes, phrase: Phrase) -> bool:
    within = (i for i in range(indexes[0], indexes[-1]) if i not in indexes)
    return _has(words, before(words, indexes[0]), phrase.not_before) or _has(
        words, (*within, *after(words, indexes[-1])), phrase.not_after
    )


def _has(words: Words, indexes: Iterable[int], slot: int | None) -> bool:
    return slot is not None and any(slot in words[i].slots for i in indexes)
