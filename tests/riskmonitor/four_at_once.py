"""The same work in four threads that begin together, each with a database connection of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from django.db import connection


def four_at_once(work: Callable[[], object]) -> None:
    """Run the work four times side by side and wait for all; no one of them may fail."""
    errors: list[Exception] = []
    start = threading.Barrier(4)

    def one() -> None:
        try:
            start.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
