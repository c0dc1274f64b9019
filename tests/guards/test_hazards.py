"""Each hazard of the safety file has its tests and each such test its hazard; without its control a test fails."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict

import pytest

from .source import ROOT
from .without_controls import WITHOUT

SAFETY = ROOT / "docs/safety.md"
TWINNED = [f"H{number}" for number in range(1, 9)]  # those whose tests are shown to fail without their control


def told() -> dict[str, set[str]]:
    """Return the tests that the safety file names, by hazard."""
    rows = re.findall(r"^\| (H\d+) \|(.*)$", SAFETY.read_text(), re.MULTILINE)
    return {hazard: set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", row)) for hazard, row in rows}


def marked() -> dict[str, set[str]]:
    """Return the tests that carry `@pytest.mark.hazard("H…")`, by hazard."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                for hazard in filter(None, map(_hazard, node.decorator_list)):
                    found[hazard].add(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return found


def _hazard(decorator: ast.expr) -> str | None:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.hazard":
        return str(ast.literal_eval(decorator.args[0]))
    return None


def test_every_hazard_names_a_test() -> None:
    assert [hazard for hazard, tests in told().items() if not tests] == []


def test_no_test_is_without_its_hazard_and_no_hazard_names_a_test_that_does_not_say_so() -> None:
    assert marked() == told()


def test_every_control_against_losing_delaying_or_misleading_a_flag_can_be_taken_away() -> None:
    assert set(WITHOUT) == {test for hazard in TWINNED for test in told()[hazard]}


@pytest.mark.slow
def test_without_its_control_each_of_those_tests_fails() -> None:
    """All in one run of their own; of a test with many cases at least one must fail."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-n", "0", "-p", "tests.guards.without_controls"]
    done = subprocess.run([*command, *WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False)
    ended = re.findall(r"^(FAILED|ERROR) (tests/[\w/]+\.py::\w+)", done.stdout, re.MULTILINE)
    assert [test for how, test in ended if how == "ERROR"] == []  # a test that cannot even begin shows nothing
    assert set(WITHOUT) - {test for _how, test in ended} == set(), done.stdout[-3000:] + done.stderr[-3000:]
