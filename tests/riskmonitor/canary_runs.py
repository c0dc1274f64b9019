"""A canary's run, step by step: begun, brought to the pages, swept, answered by the worker."""

from __future__ import annotations

from datetime import datetime, timedelta
from urllib.parse import urlsplit

import time_machine
from django.test import Client

from riskmonitor import tasks
from riskmonitor.models import CanaryRun
from riskmonitor.sweeps import carry_canary, escalate_one, screen_one, watch_canaries

SECOND = timedelta(seconds=1)
EVERY = timedelta(minutes=5)


def through_the_door(url: str, *, headers: dict[str, str], body: bytes, trusted: bool) -> int:
    """Bring to the pages, through all that stands before them, what would have come over the line."""
    browser, given = Client(enforce_csrf_checks=True), dict(headers)
    browser.cookies.load(given.pop("Cookie"))
    answer = browser.post(
        urlsplit(url).path, body, content_type=given.pop("Content-Type"), headers=given, follow=False, secure=False
    )
    return answer.status_code


def sweep(now: datetime) -> None:
    """What a guard does."""
    while screen_one(now):
        pass
    while escalate_one(now):
        pass


def begin(now: datetime, capture) -> CanaryRun:
    """Begin a run, and let its message come in."""
    with capture(execute=True), time_machine.travel(now, tick=False):
        watch_canaries(now)
        carry_canary(now)
    return CanaryRun.objects.under_way().get()


def worker_reads(woken: list[tuple[str, int]]) -> None:
    for task, pk in woken:
        if task == "riskmonitor.tasks.answer_canary":
            tasks.answer_canary(pk)
    woken.clear()


def round_trip(now: datetime, capture, woken) -> CanaryRun:
    run = begin(now, capture)
    sweep(now)
    worker_reads(woken)
    watch_canaries(now + 3 * SECOND)
    run.refresh_from_db()
    return run
