"""Loaded by `-p tests.throwaway` before anything else: gives the whole run one throw-away pair of engines.

It must come before Django's settings are read, which pytest-django does before any conftest is. Workers of
pytest-xdist inherit the addresses. Given servers (DATABASE_URL, REDIS_URL) are used and never flushed: Django makes
its own `test_…` databases in them.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

SETTINGS = {
    "IKBT_ENV": "local",
    "IKBT_DEMO": "0",
    "IKBT_PLAIN_STATIC": "1",
    "DEBUG": "0",
    "SECRET_KEY": "for-tests-only-and-long-enough-to-be-taken-for-a-secret-key",
    "METRICS_KEY": "for-tests-only",
    "CANARY_SECONDS": "0",
    "LOG_LEVEL": "WARNING",
}


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    """Prepare the environment ahead of all other plugins' same hook."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        prepare()
    return (yield)


def prepare() -> None:
    """Set the environment of a test run and start what it lacks; all is stopped and removed when the process ends."""
    rest = ExitStack()
    atexit.register(rest.close)
    signal.signal(signal.SIGTERM, lambda number, _frame: sys.exit(128 + number))
    folder = rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-tests-", ignore_cleanup_errors=True))
    Path(folder, "static").mkdir()  # WhiteNoise warns of a missing folder, and here a warning is an error
    os.environ.update(SETTINGS, IKBT_ENV_FILE=os.devnull, IKBT_DATA=folder)

    from ikbt import engines

    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return
    pair = rest.enter_context(engines.throwaway())
    os.environ.setdefault("DATABASE_URL", pair.database_url)
    os.environ.setdefault("REDIS_URL", pair.redis_url)


def whole_platform(rest: ExitStack, *, log_level: str, fsync: bool = False) -> None:
    """Set Django up outside a test run, on throw-away engines with all tables and the rules in force.

    Everything is stopped and removed when `rest` closes. With `fsync` PostgreSQL keeps its promises to the disk.
    """
    from ikbt import engines

    folder = rest.enter_context(tempfile.TemporaryDirectory(prefix="ikbt-measuring-"))
    Path(folder, "static").mkdir()
    pair = rest.enter_context(engines.throwaway(fsync=fsync))
    os.environ.update(
        SETTINGS, IKBT_ENV_FILE=os.devnull, IKBT_DATA=folder, DATABASE_URL=pair.database_url,
        REDIS_URL=pair.redis_url, DJANGO_SETTINGS_MODULE="ikbt.settings", LOG_LEVEL=log_level,
    )  # fmt: skip
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.utils import timezone

    from riskmonitor.actions import activate_shipped

    rest.callback(connection.close)
    call_command("migrate", verbosity=0)
    activate_shipped(now=timezone.now())
