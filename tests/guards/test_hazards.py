"""Each control of the safety file has its tests and each such test its control; without its control a test fails."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import defaultdict
from itertools import groupby

import pytest

from .source import ROOT
from .without_controls import FAILED_BY, WITHOUT

SAFETY = ROOT / "docs/safety.md"
MARK = "pytest.mark.hazard"
HAZARDS = [f"H{number}" for number in range(1, 24)]
OWN_WORDS = {"AssertionError", "Failed"}  # an assertion, or pytest.fail and pytest.raises
TWINNED = HAZARDS[:8]  # those whose tests are shown to fail without their control


def told(text: str) -> dict[str, set[str]]:
    """Return the tests that the safety file names, by control (H2b), in the order of the file."""
    rows = re.findall(r"^\| (H\d+\w*) \|(.*)$", text, re.MULTILINE)
    return {control: set(re.findall(r"`(tests/[\w/]+\.py::\w+)`", row)) for control, row in rows}


def marked() -> dict[str, set[str]]:
    """Return the tests that carry the mark of a hazard, by control."""
    found: dict[str, set[str]] = defaultdict(set)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef):
                for control in filter(None, map(_control, node.decorator_list)):
                    found[control].add(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return dict(found)


def _control(decorator: ast.expr) -> str | None:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == MARK:
        return str(ast.literal_eval(decorator.args[0]))
    return None


def hazard(control: str) -> str:
    return control.rstrip("abcdefghijklmnopqrstuvwxyz")


def faults(told: dict[str, set[str]], marked: dict[str, set[str]]) -> list[str]:
    """Return what is wrong between the file and the tests, as lines for people."""
    letters = {name: "".join(each[len(name) :] for each in same) for name, same in groupby(told, hazard)}
    wrong = [f"{name} has no control" for name in HAZARDS if name not in letters]
    wrong += [f"{name}: {got}" for name, got in letters.items() if got != "abcdefghijklmnop"[: len(got)]]
    wrong += [f"{control} names no test" for control, tests in told.items() if not tests]
    for control in sorted(told.keys() | marked.keys()):
        written, carried = told.get(control, set()), marked.get(control, set())
        wrong += [f"{test} stands at {control} and does not say so" for test in sorted(written - carried)]
        wrong += [f"{test} says {control} and does not stand there" for test in sorted(carried - written)]
    return wrong


def test_no_control_is_without_its_test_and_no_test_without_its_control() -> None:
    assert faults(told(SAFETY.read_text()), marked()) == []


def test_every_mark_is_read() -> None:
    """One on a class, or on a whole file, would be overlooked."""
    written = sum(path.read_text().count(f"{MARK}(") for path in (ROOT / "tests").rglob("test_*.py"))
    assert written == sum(map(len, marked().values()))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told, marked: told.update(H1z={"tests/a.py::b"}), "tests/a.py::b stands at H1z and does not say so"),
        (lambda told, marked: marked.update(H9z={"tests/a.py::b"}), "tests/a.py::b says H9z and does not stand there"),
        (lambda told, marked: told.update(H2a=set()), "H2a names no test"),
        (lambda told, marked: told.pop("H8b"), "H8: ac"),
    ],
    ids=["a control without its test", "a test without its control", "a control that names none", "a gap"],
)
def test_an_orphan_is_seen(change, said: str) -> None:
    """The red twin."""
    file, tests = told(SAFETY.read_text()), marked()
    change(file, tests)
    assert said in faults(file, tests)


def test_every_control_against_losing_delaying_or_misleading_a_flag_can_be_taken_away() -> None:
    assert set(WITHOUT) == {
        test for control, tests in told(SAFETY.read_text()).items() if hazard(control) in TWINNED for test in tests
    }


@pytest.mark.slow
def test_without_its_control_each_of_those_tests_fails() -> None:
    """All in one run of their own. Of a test with many cases at least one fails, and all that do by their own words."""
    command = [sys.executable, "-m", "pytest", "-q", "-rA", "--tb=no", "-n", "0", "-p", "tests.guards.without_controls"]
    done = subprocess.run([*command, *WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False)
    failed_by = re.findall(rf"^{FAILED_BY} (\w+) (\S+)$", done.stdout, re.MULTILINE)
    ended = re.findall(r"^(FAILED|ERROR) (tests/[\w/]+\.py::\w+)", done.stdout, re.MULTILINE)
    assert [test for how, test in ended if how == "ERROR"] == []  # a test that cannot even begin shows nothing
    assert {test for _why, test in failed_by} >= {test for _how, test in ended}
    assert sorted({each for each in failed_by if each[0] not in OWN_WORDS}) == []  # a patch that is wrong shows nothing
    assert set(WITHOUT) - {test for _how, test in ended} == set(), done.stdout[-3000:] + done.stderr[-3000:]
