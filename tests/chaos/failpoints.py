"""Moments at which a process can be made to die from inside. A file asks for it; the first process to get there obeys.

They wrap Django and our own sweeps in the processes that boot.py starts: product code knows nothing of them.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

BEFORE_COMMIT, AFTER_COMMIT, AT_CLAIM = "before_commit", "after_commit", "at_claim"
NAMES = (BEFORE_COMMIT, AFTER_COMMIT, AT_CLAIM)


def ask(folder: Path, name: str, seconds: float) -> bool:
    """Let the next process that gets there die. Return whether one did within the time."""
    wish = folder / f"die.{name}"
    wish.touch()
    end = time.monotonic() + seconds
    while wish.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return not _granted(wish)


def install(folder: Path) -> None:
    """Wrap the three moments. Only a request that has others to tell after its commit (`run_on_commit`) may die."""
    from django.db.backends.base.base import BaseDatabaseWrapper as Wrapper

    from riskmonitor.sweeps import screening

    def has_news(wrapper: Any, *_rest: Any) -> bool:
        return bool(wrapper.run_on_commit)

    Wrapper.commit = _dies(Wrapper.commit, folder / f"die.{BEFORE_COMMIT}", has_news)
    Wrapper.run_and_clear_commit_hooks = _dies(
        Wrapper.run_and_clear_commit_hooks, folder / f"die.{AFTER_COMMIT}", has_news
    )
    screening._screen = _dies(screening._screen, folder / f"die.{AT_CLAIM}", lambda *_row: True)


def _dies(act: Callable[..., Any], wish: Path, may: Callable[..., bool]) -> Callable[..., Any]:
    @wraps(act)
    def wrapped(*given: Any, **named: Any) -> Any:
        if may(*given) and _granted(wish):
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*given, **named)

    return wrapped


def _granted(wish: Path) -> bool:
    """Take the wish; of two processes one gets it."""
    try:
        wish.unlink()
    except FileNotFoundError:
        return False
    return True
