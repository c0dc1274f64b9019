"""The figures as a table for people, or as JSON for a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from tests.bench import library, paper, texts
from tests.bench.measuring import MOST_QUESTIONS, Asked, Timed, quantile
from tests.bench.speed import SLOWEST
from tests.bench.sweeping import Swept
from tests.bench.weight import HEAVIEST

LARGER = 1.3  # ratio to itself with a hundred times the data (architecture §8)
SWEEP_SECONDS = 0.2  # the auditor and each sweep, at a million answers (architecture §8)
TIMES_HEAD = f"{'':29} {'p50 ms':>7} {'p95 ms':>7} {'floor':>6} {'ratio':>6} {'budget':>6}"
HEAD = f"{TIMES_HEAD} {'big':>5} {'questions':>10}"


@dataclass(frozen=True)
class Large:
    """The database of years: answer sets in it, seconds to fill it, and what each sweep cost there."""

    rows: int
    filling: float
    sweeps: list[Swept]


@dataclass(frozen=True)
class Figures:
    """Everything that was measured. `timed`, `again` (in the large database) and `asked` stand in the same order."""

    timed: list[Timed]
    again: list[Timed]
    asked: list[Asked]
    submits: list[float]
    large: Large
    weights: dict[str, dict[str, int]]
    books: list[paper.Drawn]
    libraries: list[library.Handled]
    screened: texts.Screened
    seconds: float

    @property
    def submits_a_second(self) -> float:
        return len(self.submits) / sum(self.submits)

    @property
    def rows(self) -> list[tuple[Timed, float, Asked]]:
        """Return each case with its growth in the large database and its questions."""
        both = zip(self.timed, self.again, self.asked, strict=True)
        return [(small, large.ratio / small.ratio, asked) for small, large, asked in both]


def failures(figures: Figures) -> list[str]:
    """Return what must never be: counts, not times, which on a noisy machine say little."""
    found = []
    for timed, _growth, asked in figures.rows:
        case, few, many = timed.case, len(asked.few), len(asked.many)
        if asked.differs:
            found.append(f"{case.name}: {few} questions with one row, {many} with many")
        if case.is_page and asked.is_too_much:
            found.append(f"{case.name}: {max(few, many)} questions, at most {MOST_QUESTIONS} may be")
    found += wrong_plans(figures.large)
    for page, weight in figures.weights.items():
        if (total := sum(weight.values())) > HEAVIEST:
            found.append(f"first visit of the {page}: {total / 1024:.1f} KB, at most {HEAVIEST // 1024} may be")
    return found


def wrong_plans(large: Large) -> list[str]:
    """Return each sweep that reads a large table from end to end, or goes by without an index made for it."""
    found = [f"{each.sweep.name} reads all of {table}" for each in large.sweeps for table in sorted(each.scans)]
    return found + [
        f"{each.sweep.name} goes without {', '.join(each.missing)}" for each in large.sweeps if each.missing
    ]


def slow_sweeps(large: Large) -> list[str]:
    slow = [each for each in large.sweeps if each.seconds > SWEEP_SECONDS]
    return [f"{each.sweep.name}: {each.seconds:.2f} s, budget {SWEEP_SECONDS} s" for each in slow]


def sweeps_as_text(large: Large) -> list[str]:
    head = (
        f"sweeps at {large.rows:,} answer sets (filled in {large.filling:.0f} s), best of five in ms, with nothing due:"
    )
    return [head, *map(_sweep, large.sweeps)]


def _sweep(each: Swept) -> str:
    return (
        f"  {each.sweep.name:29} {1000 * each.seconds:7.1f}, the first {1000 * each.first:7.1f}, "
        f"{each.questions} questions, by {', '.join(sorted(each.indexes)) or 'no index'}"
    )


def missed(figures: Figures) -> list[str]:
    """Return each budget of time that was missed, with how much."""
    found = []
    for timed, growth, _asked in figures.rows:
        case = timed.case
        if timed.ratio > case.budget:
            found.append(f"{case.name}: {timed.ratio:.1f} x the floor, {timed.ratio / case.budget - 1:.0%} over budget")
        if growth > LARGER:
            found.append(f"{case.name}: {growth:.2f} x itself in the large database, budget {LARGER}")
    if figures.submits_a_second < SLOWEST:
        found.append(f"submits with flags: {figures.submits_a_second:.0f} a second, budget {SLOWEST}")
    found += slow_sweeps(figures.large)
    for book in figures.books:
        if book.seconds > paper.SLOWEST:
            found.append(f"PDF {book.kind}: {book.seconds:.1f} s, budget {paper.SLOWEST:.0f} s")
    for each in figures.libraries:
        if each.checking > library.SLOWEST_CHECK:
            found.append(f"checking {each.programmes} programmes: {each.checking:.1f} s")
        if each.loading > library.SLOWEST_LOAD:
            found.append(f"loading {each.programmes} programmes: {each.loading:.1f} s")
    return found + slow_texts(figures.screened)


def texts_as_text(screened: texts.Screened) -> str:
    return (
        f"screen_text: {screened.seconds:.1f} s of one core for {screened.texts:,} texts of {texts.LENGTH} characters "
        f"(budget {texts.SLOWEST:.0f} s), half of them risky, {screened.flagged:,} flagged"
    )


def slow_texts(screened: texts.Screened) -> list[str]:
    is_slow = screened.seconds > texts.SLOWEST
    return [f"screen_text: {screened.seconds:.1f} s of one core, budget {texts.SLOWEST:.0f} s"] if is_slow else []


def as_text(figures: Figures) -> str:
    lines = [HEAD]
    for timed, growth, asked in figures.rows:
        counts = (
            f"{len(asked.few)} = {len(asked.many)}" if not asked.differs else f"{len(asked.few)} / {len(asked.many)}"
        )
        lines.append(f"{_times(timed)} {growth:5.2f} {counts:>10}")
    rounds = len(figures.timed[0].seconds)
    lines += [
        "",
        f"{rounds} rounds in one process, through all middleware, database with fsync.",
        "ratio: median of pairs with the floor, a signed-in page with our base template whose view asks nothing.",
        f"big: the ratio with {figures.large.rows:,} answer sets, through the ratio before.",
        "questions: one row = many rows.",
        "",
        f"submits with a flag: {figures.submits_a_second:.0f} a second (the verb, one thread; budget {SLOWEST}), "
        f"p50 {1000 * quantile(figures.submits, 50):.1f} ms, p95 {1000 * quantile(figures.submits, 95):.1f} ms",
        *sweeps_as_text(figures.large),
        *(_weight(page, weight) for page, weight in figures.weights.items()),
        *map(_book, figures.books),
        *map(_library, figures.libraries),
        texts_as_text(figures.screened),
        f"bench took {figures.seconds:.0f} s",
        "",
        *[f"MISSED  {line}" for line in missed(figures)],
        *[f"FAILED  {line}" for line in failures(figures)],
    ]
    return "\n".join(lines)


def times_as_text(timed: Sequence[Timed]) -> str:
    """Return the times alone, for some pages."""
    return "\n".join([TIMES_HEAD, *map(_times, timed)])


def _times(timed: Timed) -> str:
    p50, p95 = (1000 * quantile(timed.seconds, percent) for percent in (50, 95))
    bare = 1000 * quantile(timed.floor_seconds, 50)
    return f"{timed.case.name:29} {p50:7.1f} {p95:7.1f} {bare:6.1f} {timed.ratio:6.2f} {timed.case.budget:6.1f}"


def as_data(figures: Figures) -> dict[str, Any]:
    """Return the figures as plain data; milliseconds and bytes."""
    return {
        "cases": [
            {
                "name": timed.case.name,
                "p50_ms": round(1000 * quantile(timed.seconds, 50), 2),
                "p95_ms": round(1000 * quantile(timed.seconds, 95), 2),
                "floor_p50_ms": round(1000 * quantile(timed.floor_seconds, 50), 2),
                "ratio": round(timed.ratio, 3),
                "budget": timed.case.budget,
                "large": round(growth, 3),
                "questions": [len(asked.few), len(asked.many)],
            }
            for timed, growth, asked in figures.rows
        ],
        "submits_a_second": round(figures.submits_a_second, 1),
        "sweeps_ms": {each.sweep.name: round(1000 * each.seconds, 2) for each in figures.large.sweeps},
        "answer_sets": figures.large.rows,
        "first_visit_bytes": {page: sum(weight.values()) for page, weight in figures.weights.items()},
        "pdf": [asdict(book) for book in figures.books],
        "libraries": [asdict(each) for each in figures.libraries],
        "screen_text": asdict(figures.screened),
        "missed": missed(figures),
        "failed": failures(figures),
    }


def _weight(page: str, weight: dict[str, int]) -> str:
    html, rest = weight[""], sum(weight.values()) - weight[""]
    total = (html + rest) / 1024
    return f"first visit of the {page}: {total:.1f} KB compressed, the page {html / 1024:.1f}, files {rest / 1024:.1f}"


def _book(book: paper.Drawn) -> str:
    return (
        f"PDF {book.kind}: {book.seconds:.2f} s for {book.pages} pages, {book.size / 1024:.0f} KB, "
        f"the first in a process {book.first:.2f} s (budget {paper.SLOWEST:.0f} s)"
    )


def _library(each: library.Handled) -> str:
    return (
        f"{each.programmes} programmes, {each.modules} modules: checking {each.checking:.1f} s, "
        f"{1000 * each.checking / each.modules:.0f} ms a module, loading with its check {each.loading:.1f} s "
        f"(of {library.PROGRAMMES}: budgets {library.SLOWEST_CHECK:.0f} and {library.SLOWEST_LOAD:.0f} s)"
    )
