"""Moments at which a process can be made to die or leave from inside. A file asks; the first to get there obeys.

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

BEFORE_COMMIT, AFTER_COMMIT, AT_CLAIM, DEPLOYED = "before_commit", "after_commit", "at_claim", "deployed"
LEAVING_SECONDS = 1.0  # what the request still takes when its process has been asked to leave


def ask(folder: Path, name: str, seconds: float) -> bool:
    """Let the next process that gets there obey. Return whether one did within the time."""
    wish = folder / f"wish.{name}"
    wish.touch()
    end = time.monotonic() + seconds
    while wish.exists() and time.monotonic() < end:
        time.sleep(0.05)
    return not _granted(wish)


def install(folder: Path) -> None:
    """Wrap the moments. Only a request that has others to tell after its commit (`run_on_commit`) may die or leave."""
    from django.db.backends.base.base import BaseDatabaseWrapper as Wrapper

    from riskmonitor.sweeps import screening

    def has_news(wrapper: Any, *_rest: Any) -> bool:
        return bool(wrapper.run_on_commit)

    def wish(name: str) -> Path:
        return folder / f"wish.{name}"

    Wrapper.commit = _obeys(Wrapper.commit, wish(BEFORE_COMMIT), has_news, die)
    after = _obeys(Wrapper.run_and_clear_commit_hooks, wish(AFTER_COMMIT), has_news, die)
    Wrapper.run_and_clear_commit_hooks = _obeys(after, wish(DEPLOYED), has_news, be_deployed)
    screening._screen = _obeys(screening._screen, wish(AT_CLAIM), lambda *_row: True, die)


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def be_deployed() -> None:
    """Let the web be asked to leave while this request, already stored, is still on its way to its answer."""
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(LEAVING_SECONDS)


def _obeys(
    act: Callable[..., Any], wish: Path, may: Callable[..., bool], obey: Callable[[], None]
) -> Callable[..., Any]:
    @wraps(act)
    def wrapped(*given: Any, **named: Any) -> Any:
        if may(*given) and _granted(wish):
            obey()
        return act(*given, **named)

    return wrapped


def _granted(wish: Path) -> bool:
    """Take the wish; of two processes one gets it."""
    try:
        wish.unlink()
    except FileNotFoundError:
        return False
    return True
