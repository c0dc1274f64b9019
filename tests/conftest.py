"""What every test run says at its end. The engines come from tests/throwaway.py, the people from tests/cast.py."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser
    from pytest_django import DjangoDbBlocker
    from pytest_django.live_server_helper import LiveServer

    from tests.cast import Cast, SeatedCast

SKIPPED: Counter[str] = Counter()


@pytest.fixture(scope="session", autouse=True)
def shipped_rules() -> None:
    """Put the rules in force in each test database, as `prepare` does: after its making, and after each flush."""
    from django.apps import apps  # models can be imported only after Django is set up
    from django.db import connection
    from django.db.models.signals import post_migrate

    from riskmonitor.actions import activate_shipped
    from riskmonitor.activation.in_force import rules_stand
    from riskmonitor.models import RuleActivation

    def activate(**_sent: object) -> None:
        if RuleActivation._meta.db_table not in connection.introspection.table_names():
            return  # a test of migrations has gone back to before there was such a table
        activate_shipped(now=datetime(2026, 1, 1, tzinfo=UTC))  # before every story that is told
        rules_stand()  # the process has asked its one question before any test counts queries

    post_migrate.connect(activate, sender=apps.get_app_config("riskmonitor"), weak=False, dispatch_uid="tests.rules")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the slow ones, so that no process is left alone with one of them at the end."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)


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


@pytest.fixture(scope="session")
def first_cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> SeatedCast:
    """The cast, made once in each test process."""
    from tests.cast import SeatedCast  # models can be imported only after Django is set up

    with django_db_blocker.unblock():
        return SeatedCast.first()


@pytest.fixture
def cast(db: None, first_cast: SeatedCast) -> Cast:
    """The fixed cast of tests/cast.py, on Friday 20 November 2026 at ten in the morning."""
    return first_cast.again()


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


@pytest.fixture
def chromium(live_server: LiveServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Browser]:
    """A browser beside a server that runs in the test's own process."""
    from django.conf import settings
    from django.db import connection, connections

    from tests.system.browser import chromium as started

    if shutil.which("chromium") is None:
        pytest.skip("chromium is not installed")
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright's loop runs in the thread of the test
    monkeypatch.setitem(connection.settings_dict, "CONN_MAX_AGE", 0)  # the server's threads leave no connection behind
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    with started() as browser:
        yield browser
        browser.close()
        connections.close_all()  # playwright's loop has its own context, and so its own connection
