"""Wake the worker: one attempt of at most 0.3 seconds, behind a breaker; failure is counted and ignored.

Timeouts alone do not do it: inside kombu redis-py tries ten times, and a hung server holds a page for seconds.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import structlog
from celery import current_app
from django.conf import settings
from kombu.connection import Connection
from kombu.transport import redis as kombu_redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)
TIMEOUT = 0.3
REST_SECONDS = 5.0  # after a failure nobody tries again for so long: one page in five seconds pays, not each


class OneAttemptChannel(kombu_redis.Channel):
    """A channel whose client gives up at the first fault."""

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        params: dict[str, Any] = super()._connparams(asynchronous)
        return params | {"retry": Retry(NoBackoff(), 0)}


class OneAttemptTransport(kombu_redis.Transport):
    Channel = OneAttemptChannel


class Breaker:
    """Closed until a try fails; then open for `REST_SECONDS`. Counts what was not sent."""

    def __init__(self) -> None:
        self.failures = 0
        self._open_until = 0.0
        self._lock = threading.Lock()

    def is_open(self) -> bool:
        return time.monotonic() < self._open_until

    def failed(self) -> None:
        with self._lock:
            self.failures += 1
            self._open_until = time.monotonic() + REST_SECONDS


breaker = Breaker()
_connection: threading.local = threading.local()


def wake(task: str, pk: int) -> None:
    """Ask the worker to run the task for one row. Never raises, never waits longer than the timeout."""
    if breaker.is_open():
        return
    try:
        current_app.send_task(
            task, args=(pk,), queue="safety", connection=_own_connection(), retry=False, ignore_result=True, expires=60
        )
    except Exception as error:  # whatever the broker does, the page goes on: the row waits for a sweep
        breaker.failed()
        _connection.__dict__.clear()
        log.warning("wakeup.failed", task=task, error=type(error).__name__, failures=breaker.failures)


def _own_connection() -> Connection:
    """Return this thread's connection to the broker."""
    kept: Connection | None = getattr(_connection, "kept", None)
    if kept is None:
        options = {
            "socket_timeout": TIMEOUT, "socket_connect_timeout": TIMEOUT, "health_check_interval": 0,
            "max_retries": 0, "interval_start": 0, "interval_step": 0,
        }  # fmt: skip
        kept = Connection(
            settings.CELERY_BROKER_URL,
            transport=OneAttemptTransport,
            transport_options=options,
            connect_timeout=TIMEOUT,  # kombu's own loop of attempts, above the transport's
        )
        _connection.kept = kept
    return kept
