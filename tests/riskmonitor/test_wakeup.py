"""A wake-up is one attempt of 0.3 seconds; a broker that is down or hung never holds a page."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from celery import current_app

from riskmonitor.watch import wakeup


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A closed breaker and no kept connection, before and after."""
    monkeypatch.setattr(wakeup, "breaker", wakeup.Breaker())
    wakeup._connection.__dict__.clear()
    yield
    wakeup._connection.__dict__.clear()


@pytest.fixture
def hung_port() -> Iterator[int]:
    """A server that accepts and never answers."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(16)
        yield listener.getsockname()[1]


def test_a_hung_broker_costs_one_page_a_third_of_a_second(fresh: None, hung_port: int, settings) -> None:
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{hung_port}/0"
    began = time.monotonic()
    wakeup.wake("riskmonitor.tasks.screen_message", 1)
    assert time.monotonic() - began < 3  # 0.3 s and a wide margin; without the single attempt it is never under 6
    again = time.monotonic()
    for pk in range(100):
        wakeup.wake("riskmonitor.tasks.screen_message", pk)
    assert time.monotonic() - again < 0.5
    assert wakeup.breaker.failures == 1


def test_a_broker_that_is_down_is_counted_and_ignored(fresh: None, settings) -> None:
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"
    wakeup.wake("riskmonitor.tasks.screen_message", 1)
    assert wakeup.breaker.is_open()


def test_a_broker_that_answers_gets_the_id_and_nothing_else(fresh: None) -> None:
    with current_app.connection_for_read() as connection:
        channel = connection.channel()
        channel.queue_purge("safety")
        wakeup.wake("riskmonitor.tasks.screen_message", 4711)
        message = channel.basic_get("safety", no_ack=True)
        args, kwargs, _embedded = message.decode()
        assert (args, kwargs) == ([4711], {})
    assert wakeup.breaker.failures == 0
