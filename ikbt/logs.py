"""What an error may say in a log line: which, and where. Never its message, which may hold what a person wrote.

PostgreSQL's messages quote the row that failed ("Failing row contains (…)"), and so do those of parsers.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

ROOT = f"{Path(__file__).resolve().parent.parent}/"
FRAMES = 12


def errors_without_words(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace `exc_info` by the types of the error and its causes, and the places it passed. A structlog processor."""
    given = line.pop("exc_info", None)
    error = _error_in(given)
    if error is not None:
        line["error"] = " < ".join(_types(error))
        line["at"] = " < ".join(_places(error))
    return line


def _error_in(given: Any) -> BaseException | None:
    if isinstance(given, BaseException):
        return given
    if isinstance(given, tuple):
        return given[1] if isinstance(given[1], BaseException) else None
    return sys.exc_info()[1] if given else None


def _types(error: BaseException) -> list[str]:
    """Return the error's type, then those of what it was raised from."""
    found: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(found) < FRAMES:
        found.append(type(seen).__name__)
        seen = seen.__cause__ or seen.__context__
    return found


def _places(error: BaseException) -> list[str]:
    """Return where it was raised, and then our own code on the way there, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[::-1]
    ours = [frame for frame in frames[1:] if frame.filename.startswith(ROOT) and "site-packages" not in frame.filename]
    return [f"{_short(frame.filename)}:{frame.lineno} {frame.name}" for frame in [*frames[:1], *ours][:FRAMES]]


def _short(path: str) -> str:
    return path.rpartition("site-packages/")[2].removeprefix(ROOT)
