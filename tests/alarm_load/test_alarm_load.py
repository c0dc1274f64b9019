"""A small region in each run of the tests; the whole one by `make alarm-load`. The simulator knows no rule."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from riskmonitor.sweeps import break_off, screening
from tests.alarm_load.courses import ACUTE, PLANS, THOUGHTS, Sign, Words, course
from tests.alarm_load.figures import as_text
from tests.alarm_load.simulation import simulate

HERE = Path(__file__).parent
MAY_USE = {"riskmonitor.actions", "riskmonitor.models", "riskmonitor.sweeps"}  # to answer flags, to read them, to wait
ANY_WORDS = Words(("vardag",), ("fara",), ("sagt",))
SEED = 11


def few() -> list[int]:
    """Return the numbers of one patient with each sign, and of two without any."""
    found: dict[Sign | None, int] = {}
    for number in range(1000):
        drawn = course(number, SEED, ANY_WORDS)
        signs = [sign for each in drawn.sent for sign in each.planted] + [Sign.SILENT] * (drawn.gives_up)
        for sign in signs or [None]:
            found.setdefault(sign, number)
    return sorted({*found.values(), 1, 2})


def imported(path: Path) -> set[str]:
    """Return every module of ours that a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports would hide what is imported"
            found.add(node.module or "")
    return found


def test_the_simulator_imports_nothing_of_the_rules_that_it_tests() -> None:
    files = [path for path in HERE.glob("*.py") if path != Path(__file__)]
    assert len(files) > 5
    reached = set().union(*map(imported, files))
    assert {name for name in reached if name.startswith("riskmonitor")} <= MAY_USE
    names = " ".join(path.read_text() for path in files)
    assert not any(word in names for word in ("reliable", "lexicon", "break_off_findings", "import_module"))


def test_what_is_drawn_has_the_rates_that_were_published() -> None:
    courses = [course(number, 1, ANY_WORDS) for number in range(3000)]
    marked = [[each.answers[-1] for each in one.sent if each.kind == "phq9"] for one in courses]
    with_plan = sum(any(Sign.TEXT in each.planted for each in one.sent) for one in courses)
    assert sum(max(each) > 0 for each in marked) / 3000 == pytest.approx(THOUGHTS, abs=0.03)
    assert with_plan / 3000 == pytest.approx(PLANS, abs=0.009)
    assert sum(max(each) == 3 for each in marked) / 3000 == pytest.approx(ACUTE, abs=0.005)
    assert course(7, 1, ANY_WORDS) == course(7, 1, ANY_WORDS) != course(7, 2, ANY_WORDS)


@pytest.mark.slow
def test_in_a_small_region_each_planted_sign_has_its_flag(db: None) -> None:
    load = simulate(few(), 1, SEED)
    assert set(load.planted) == set(Sign), "a sign that was never planted proves nothing"
    assert load.suppressed == []
    assert sum(load.a_week) > 0
    assert load.flagged < load.sent / 2
    assert 0 < sum(load.words_a_week) < load.kinds["suicide"]
    assert "flags by words alone per therapist and week: median" in as_text(load)


@pytest.mark.slow
def test_what_is_suppressed_is_seen(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Red twin: rules that say nothing to texts and to what is missing leave signs without a flag."""
    monkeypatch.setattr(screening, "raise_flags", lambda **_found: [])
    monkeypatch.setattr(break_off, "break_off_findings", lambda *_asked: [])
    load = simulate(few(), 1, SEED)
    assert {each.sign for each in load.suppressed} == {Sign.TEXT, Sign.SILENT}
    assert sum(load.words_a_week) == 0 < load.kinds["suicide"]
