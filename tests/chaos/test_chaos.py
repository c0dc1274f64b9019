"""The chaos itself: failpoints stay away from real databases, product code knows nothing of them, plans repeat."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from ikbt.env import ROOT
from tests.chaos import failpoints
from tests.chaos.faults import WEIGHTS, Faults, plan
from tests.chaos.ledger import steps_taken_twice
from tests.chaos.load import Outcome, Try
from tests.chaos.twins import PATCHES, TWINS
from tests.chaos.verdict import Run, _judge_twin, asked_while_it_hung, waited_for

PRODUCT = ("clinics", "programs", "messaging", "riskmonitor", "followup", "ikbt")


@pytest.mark.parametrize("name", ["ikbt", "test_ikbt", "throwaway_chaos_not", ""])
def test_failpoints_refuse_to_start_outside_the_throwaway_database(name: str) -> None:
    started = subprocess.run(
        [sys.executable, "-m", "tests.chaos.boot", "--", "-m", "this"], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"DATABASE_URL": f"postgresql://ikbt@127.0.0.1:1/{name}"}, check=False,
    )  # fmt: skip
    assert started.returncode == 1
    assert "Failpoints work in the database throwaway_chaos alone" in started.stderr
    assert "Zen" not in started.stdout


def test_in_the_throwaway_database_the_program_starts() -> None:
    """Red twin of the refusal: else it would prove only that nothing ever starts."""
    started = subprocess.run(
        [sys.executable, "-m", "tests.chaos.boot", "--", "-m", "this"], cwd=ROOT, capture_output=True, text=True,
        env=os.environ | {"DATABASE_URL": "postgresql://ikbt@127.0.0.1:1/throwaway_chaos"}, check=False,
    )  # fmt: skip
    assert "Zen" in started.stdout, started.stderr


def test_product_code_has_no_failpoint() -> None:
    files = [path for app in PRODUCT for path in (ROOT / app).rglob("*.py")]
    assert len(files) > 100
    assert [path for path in files if "failpoint" in (text := path.read_text()) or "tests.chaos" in text] == []


def test_one_wish_lets_one_process_die(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    died: list[int] = []
    monkeypatch.setattr(os, "kill", lambda pid, _number: died.append(pid))
    act = failpoints._obeys(lambda: "done", tmp_path / "wish.here", lambda: True, failpoints.die)
    assert act() == "done"
    assert died == []
    (tmp_path / "wish.here").touch()
    act()
    act()
    assert died == [os.getpid()]


def test_each_kind_of_fault_comes_before_any_comes_again_and_a_seed_repeats_the_plan() -> None:
    assert sorted(plan(len(WEIGHTS), 1)) == sorted(WEIGHTS)
    assert plan(75, 7) == plan(75, 7) != plan(75, 8)
    assert set(plan(75, 7)) == set(WEIGHTS)


def test_each_red_twin_lacks_something_and_meets_faults_that_there_are() -> None:
    for twin in TWINS.values():
        assert set(twin.faults) <= set(WEIGHTS)
        assert twin.patch or twin.server or twin.schema or twin.only or not twin.restarts
    assert {twin.patch for twin in TWINS.values() if twin.patch} == set(PATCHES)


def test_a_whole_twin_lacks_nothing_and_must_do_no_harm() -> None:
    whole = TWINS["leaving"].whole()
    assert (whole.patch, whole.server, whole.schema, whole.only, whole.restarts) == ("", (), (), None, True)
    assert (_judge_twin(whole, 0), _judge_twin(whole, 1)) == (0, 1)
    assert (_judge_twin(TWINS["leaving"], 0), _judge_twin(TWINS["leaving"], 1)) == (1, 0)


@pytest.mark.parametrize(
    ("ended", "said"),
    [
        ([(10.0, 0.1), (27.0, 6.0)], ["after valkey hung"]),
        ([(10.0, 0.1), (46.0, 6.5)], ["while the web started"]),
        ([(10.0, 0.1), (41.0, 0.1), (48.0, 6.5)], ["after valkey hung"]),
        ([(10.0, 0.1), (25.5, 6.0)], ["after no fault"]),
        ([(10.0, 0.1), (27.0, 4.9)], []),
    ],
    ids=[
        "the web was up",
        "it had just been started",
        "it had answered somebody since",
        "it was slow before",
        "it was quick",
    ],
)
def test_it_is_told_what_a_slow_page_may_have_waited_for(ended: list[tuple[float, float]], said: list[str]) -> None:
    stack = SimpleNamespace(started_at=[("web", 1.0), ("guard", 20.0), ("web", 40.0)])
    faults = Faults(stack, engines=None, log=[(20.0, "valkey hung"), (39.0, "web killed"), (40.5, "valkey hung")])  # type: ignore[arg-type]
    assert list(waited_for(Run([], [], Outcome(ended=ended), faults))) == said


@pytest.mark.parametrize(
    ("events", "twice"),
    [
        ([(1, "raised", None, ""), (1, "notified", 7, "therapist"), (1, "notified", 8, "substitute")], 0),
        ([(1, "notified", 7, "therapist"), (1, "notified", 7, "therapist")], 1),
        ([(1, "notified", 7, "therapist"), (1, "realerted", None, ""), (1, "notified", 7, "therapist")], 0),
        ([(1, "notified", 7, "therapist"), (1, "attached", None, ""), (1, "notified", 7, "")], 0),
        ([(1, "notified", 7, "therapist"), (2, "notified", 7, "therapist")], 0),
    ],
    ids=["each step once", "two guards took one step", "the steps began anew", "told of new words", "two flags"],
)
def test_a_step_that_was_taken_twice_is_seen(events: list[tuple[int, str, int | None, str]], twice: int) -> None:
    assert steps_taken_twice(events) == twice


def test_whoever_asks_while_the_broker_hangs_is_looked_at_with_or_without_a_receipt() -> None:
    before, quick, slow, broken = Try(19.0, 9.0, 302), Try(21.0, 0.1, 302), Try(22.0, 6.0, 302), Try(23.0, 0.1, 500)
    faults = Faults(stack=None, engines=None, hangs=[(20.0, 27.0)])  # type: ignore[arg-type]
    run = Run([], [], Outcome(tries=[before, quick, slow, broken]), faults)
    assert asked_while_it_hung(run) == [quick, slow, broken]
