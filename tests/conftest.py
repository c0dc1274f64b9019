"""What every test run says at its end. The engines come from tests/throwaway.py, the people from tests/cast.py."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client

    from tests.cast import Cast

SKIPPED: Counter[str] = Counter()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Count skipped tests by their reason, in the process that talks to the terminal."""
    if report.skipped and isinstance(report.longrepr, tuple):
        SKIPPED[report.longrepr[2].removeprefix("Skipped: ")] += 1


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let a skipped test fail the run where everything must be there (IKBT_NO_SKIPS=1)."""
    if SKIPPED and os.environ.get("IKBT_NO_SKIPS") == "1" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Print the very last line: how much was skipped and why, and how to run the rest."""
    if hasattr(config, "workerinput") or config.getoption("collectonly") or config.getoption("help"):
        return
    reasons = "; ".join(f"{reason}: {count}" for reason, count in SKIPPED.items())
    print(f"{SKIPPED.total()} skipped{f' ({reasons})' if reasons else ''}. The rest: make e2e, make chaos.")


@pytest.fixture
def cast(db: None) -> Cast:
    """The fixed cast of tests/cast.py, on Friday 20 November 2026 at ten in the morning."""
    from tests.cast import make_cast  # models can be imported only after Django is set up

    return make_cast()


@pytest.fixture
def friday_morning() -> Iterator[None]:
    """The hour at which the cast was made, standing still."""
    from tests.cast import NOW

    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def anna(cast: Cast, client: Client) -> Client:
    """The browser of Anna, a patient, signed in."""
    client.force_login(cast.anna)
    return client
