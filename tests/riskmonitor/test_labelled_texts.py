"""How much of the labelled texts the word list finds, and how much everyday text it flags.

Half of the writers were used for tuning, the other half only for reporting (texts/README.md). The figures are
deterministic: the same list and texts give the same numbers, so the limits below are regressions, not chance.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from functools import cache
from math import sqrt
from pathlib import Path
from typing import NamedTuple

import pytest

from riskmonitor.lexicon import Lexicon, screen
from tests.riskmonitor.text_variants import VARIANTS

TEXTS = Path(__file__).with_name("texts")
RISKY = ("explicit", "indirect")
NEUTRAL = ("neutral", "hard_neutral")
Z = 1.96  # 95 %

# Least share found, largest share of everyday text flagged, and least share of what is found as written that is found
# in another spelling too. The aims on held-out texts are 0.97, 0.90, 0.03 and 0.95: what stands here is only what has
# been reached, so that it gets no worse.
LEAST = {
    ("tuned", "explicit"): 0.99, ("tuned", "indirect"): 0.88,
    ("held_out", "explicit"): 0.95, ("held_out", "indirect"): 0.69,
}  # fmt: skip
MOST = {
    ("tuned", "neutral"): 0.03, ("tuned", "hard_neutral"): 0.55,
    ("held_out", "neutral"): 0.10, ("held_out", "hard_neutral"): 0.56,
}  # fmt: skip
LEAST_OF_VARIANT = {"tuned": 0.95, "held_out": 0.95}


class Labelled(NamedTuple):
    """One text with what its writer meant."""

    id: str
    label: str
    kinds: tuple[str, ...]
    text: str


@cache
def half(name: str) -> tuple[Labelled, ...]:
    """Return the texts of one half, by writer."""
    lines = [line for path in sorted((TEXTS / name).glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()]
    rows = [json.loads(line) for line in lines if line.strip()]
    assert rows, f"no texts in {name}"
    return tuple(Labelled(row["id"], row["label"], tuple(row.get("kinds") or ()), row["text"]) for row in rows)


def wilson(found: int, of: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson's score interval)."""
    if not of:
        return 0.0, 1.0
    share = found / of
    middle = (share + Z * Z / (2 * of)) / (1 + Z * Z / of)
    width = Z * sqrt(share * (1 - share) / of + Z * Z / (4 * of * of)) / (1 + Z * Z / of)
    return max(middle - width, 0.0), min(middle + width, 1.0)


def told(name: str, found: int, of: int) -> str:
    low, high = wilson(found, of)
    return f"{name}: {found} of {of}, {found / max(of, 1):.1%} ({low:.1%} to {high:.1%})"


HALVES = ("tuned", "held_out")


@pytest.mark.hazard("H6b")
@pytest.mark.parametrize("name", HALVES)
def test_the_share_of_each_label_that_is_found(name: str) -> None:
    flagged = Counter(each.label for each in half(name) if screen(each.text))
    of = Counter(each.label for each in half(name))
    print()
    for label in (*RISKY, *NEUTRAL):
        print(told(f"{name}, {label}", flagged[label], of[label]))
    for (where, label), least in LEAST.items():
        if where == name:
            assert flagged[label] / of[label] >= least
    for (where, label), most in MOST.items():
        if where == name:
            assert flagged[label] / of[label] <= most


@pytest.mark.parametrize("name", HALVES)
def test_what_is_missed_is_told_by_kind(name: str) -> None:
    missed, of, other = Counter[str](), Counter[str](), Counter[str]()
    for each in half(name):
        if each.label not in RISKY:
            continue
        found = {finding.kind.value for finding in screen(each.text)}
        of.update(each.kinds)
        missed.update(each.kinds if not found else ())
        other.update(kind for kind in each.kinds if found and kind not in found)
    print()
    for kind in sorted(of):
        print(f"{name}, {kind}: {missed[kind]} of {of[kind]} missed, {other[kind]} found as another kind only")
    assert sum(missed.values()) <= sum(of.values())


@pytest.mark.parametrize("name", HALVES)
def test_other_spellings_are_still_found(name: str) -> None:
    found = [each.text for each in half(name) if each.label in RISKY and screen(each.text)]
    still = {variant: sum(bool(screen(change(text))) for text in found) for variant, change in VARIANTS.items()}
    print()
    for variant, count in still.items():
        print(told(f"{name}, {variant}", count, len(found)))
    assert {variant: count for variant, count in still.items() if count < LEAST_OF_VARIANT[name] * len(found)} == {}


def test_no_text_stands_in_both_halves() -> None:
    halves: dict[str, set[str]] = defaultdict(set)
    for name in HALVES:
        for each in half(name):
            halves[" ".join(each.text.casefold().split())].add(name)
    assert [text for text, names in halves.items() if len(names) > 1] == []


def test_an_almost_empty_list_finds_nothing(tmp_path: Path) -> None:
    """The red twin: what finds the texts is the list, not the code around it."""
    words = "\n".join(f"{name}: ingenstans" for name in SECTIONS_OF_WORDS)
    (tmp_path / "list.yaml").write_text(
        f'version: "0"\n{words}\nwords:\n  a: b\nphrases:\n  active:\n    nothing: |\n      ordetsominteskrivs\n'
        "idioms:\n  nothing: |\n      ordetsominteskrivs\n",
        "utf-8",
    )
    empty = Lexicon(tmp_path)
    risky = [each.text for each in half("tuned") if each.label in RISKY]
    assert sum(bool(empty.screen(text)) for text in risky) == 0
    assert sum(bool(screen(text)) for text in risky) > 0


SECTIONS_OF_WORDS = ("fillers", "idiom_fillers", "endings", "negations", "past", "key_words", "everyday")
