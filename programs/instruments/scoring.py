"""From marked answers to a total, subscales and a band. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from programs.instruments.model import COUNT, FUNCTION, AnswerFault, Answers, Instrument, Item, Score, words_key

LONGEST_WORDS = 10_000  # characters beside one item; longer is refused with a reason, never cut
HUNDREDTH = Decimal("0.01")


def validate(instrument: Instrument, answers: Mapping[str, object]) -> list[AnswerFault]:
    """Return what cannot be taken; an answer of None counts as missing and is allowed."""
    items = {item.id: item for item in instrument.items}
    written = {words_key(item.id) for item in instrument.items if item.asks_words}
    faults = []
    for name, value in answers.items():
        if name in written:
            reason = "" if value is None or (isinstance(value, str) and len(value) <= LONGEST_WORDS) else "not_text"
        elif name in items:
            reason = _reason(value, *_range(instrument, items[name]))
        elif name == FUNCTION and instrument.function_item:
            reason = _reason(value, tuple(option.value for option in instrument.function_item.options))
        else:
            reason = "unknown"
        if reason:
            faults.append(AnswerFault(name, reason))
    return faults


def free_words(instrument: Instrument, answers: Mapping[str, object]) -> list[tuple[str, str]]:
    """Return what was written beside items as (address, text): it is screened like every text."""
    addresses = [words_key(item.id) for item in instrument.items if item.asks_words]
    found = [(address, answers.get(address)) for address in addresses]
    return [(address, written) for address, written in found if isinstance(written, str) and written.strip()]


def _range(instrument: Instrument, item: Item) -> tuple[Sequence[int]]:
    values = instrument.values_of(item)
    return (range(values[0], values[-1] + 1) if item.kind == COUNT else values,)


def _reason(value: object, allowed: Sequence[int]) -> str:
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, int):
        return "not_a_number"
    return "" if value in allowed else "out_of_range"


def score(instrument: Instrument, answers: Answers) -> Score:
    """Return the total, subscales and band; raises ValueError for answers that validate() refuses.

    Within the allowed number of missing items the total is the mean of the answered items times the number of items,
    rounded half up (PHQ-9: one or two may be missing); beyond it there is no total. Any missing item of a subscale
    leaves that subscale without a sum, and not the other.
    """
    if faults := validate(instrument, answers):
        raise ValueError(f"{instrument.id}: {faults[0].item} {faults[0].reason}")
    marked = {item.id: _worth(instrument, item, answers) for item in instrument.items}
    missing = tuple(name for name, value in marked.items() if value is None)
    subscales = {each.id: _sum_of([marked[name] for name in each.items]) for each in instrument.subscales}
    if len(missing) > instrument.scoring.missing_allowed:
        return Score(None, None, False, missing, subscales)
    total = _total(instrument, marked)
    return Score(total, _band(instrument, total), not missing, missing, subscales)


def _worth(instrument: Instrument, item: Item, answers: Answers) -> int | None:
    """Return what the marked value counts: a reversed item counts from the other end."""
    value = answers.get(item.id)
    if not isinstance(value, int):
        return None
    values = instrument.values_of(item)
    return min(values) + max(values) - value if item.reversed else value


def _sum_of(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _total(instrument: Instrument, marked: Mapping[str, int | None]) -> int | Decimal | None:
    method, count = instrument.scoring.method, len(instrument.items)
    values = [value for value in marked.values() if value is not None]
    if method == "sum":
        return (2 * sum(values) * count + len(values)) // (2 * len(values))  # half up, in whole numbers
    if method == "product":
        return sum(first * second for first, second in zip(values[::2], values[1::2], strict=True))
    if method == "mean":
        counted = [marked[item.id] or 0 for item in instrument.items if item.kind != COUNT]
        return (Decimal(sum(counted)) / len(counted)).quantize(HUNDREDTH, ROUND_HALF_UP)
    return None


def _band(instrument: Instrument, total: int | Decimal | None) -> int | None:
    if total is None:
        return None
    return next((place for place, band in enumerate(instrument.bands) if total <= band.to), None)
