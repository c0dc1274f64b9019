"""Red twins: the platform without one remedy, under the fault that the remedy is for. Each must be seen to fail.

A remedy is missing because a process was not started, the schema lacks a promise, or boot.py has patched it away in the
processes of the test. Product code has no switch for any of it. Imported before Django is set up.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid5


@dataclass(frozen=True)
class Twin:
    """What is missing, the faults that show it, and the word of the verdict that must be above zero.

    Of a whole one nothing is missing, and that word must be zero.
    """

    missing: str
    shows: str
    faults: tuple[str, ...]
    only: frozenset[str] | None = None  # the programs that are started
    patch: str = ""
    server: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    restarts: bool = True
    is_whole: bool = False

    def whole(self) -> Twin:
        """Return the same faults with nothing missing: what shows that it is the remedy, and not the faults."""
        return replace(self, only=None, patch="", server=(), schema=(), restarts=True, is_whole=True)


TWINS: Mapping[str, Twin] = {
    "sweeps": Twin(
        "whoever looks for rows that no wake-up told of", "lost",
        ("worker killed", "valkey flushed", "valkey killed", "worker killed", "web dies after its commit") * 2,
        only=frozenset({"web", "worker-safety"}),
    ),
    "leases": Twin(
        "that a claim ends when its holder dies", "lost", ("screener dies at its claim",) * 4, patch="endless_claims"
    ),
    "keys": Twin(
        "that a key is stored once", "doubled", ("web dies after its commit",) * 6, patch="forgotten_keys"
    ),
    "recognition": Twin(
        "that a finding is known when it is seen again", "doubled", ("worker killed", "guard killed"),
        patch="nothing_recognised", schema=("DROP INDEX finding_once_per_row",),
    ),
    "disk": Twin(
        "that a commit waits for the disk", "unstored", ("postgres restarted",) * 4,
        server=("ALTER SYSTEM SET synchronous_commit = off", "ALTER SYSTEM SET wal_writer_delay = '10s'"),
    ),
    "breaker": Twin("that a page never waits for the broker", "hung", ("valkey hung",) * 2, patch="patient_wakeups"),
    "transaction": Twin(
        "that what is due is stored with the answers", "lost", ("web dies after its commit",) * 6,
        patch="due_afterwards",
    ),
    "leaving": Twin(
        "that a web which is asked to leave finishes what it has begun", "untold", ("web deployed",) * 4,
        patch="killed_when_asked_to_leave",
    ),
    "restarts": Twin(
        "whoever starts again what has died", "unanswered", ("web killed", "guard killed"), restarts=False
    ),
}  # fmt: skip


def endless_claims() -> None:
    from riskmonitor.sweeps import screening

    screening.LEASE = timedelta(days=1)


def forgotten_keys() -> None:
    """Store what comes with a known key beside the first, as if the key said nothing."""
    from messaging.models import Message
    from programs.actions import sending
    from programs.models import Submission

    def stored(key: UUID, fields: dict[str, Any]) -> tuple[Submission, bool]:
        known = Submission.objects.filter(key=key).count()
        return Submission.objects.create(key=uuid5(key, "again") if known else key, **fields), True

    def created(self: Any, key: UUID, defaults: dict[str, Any]) -> tuple[Message, bool]:
        known = Message.objects.filter(key=key).count()
        return Message.objects.create(key=uuid5(key, "again") if known else key, **defaults), True

    sending._stored = stored
    type(Message.objects).get_or_create = created


def nothing_recognised() -> None:
    from riskmonitor.actions import raising

    raising._is_among = lambda *_asked: False


def due_afterwards() -> None:
    """Store first that nothing is due, and once the answers stand that they must be screened, with the items' flags."""
    from django.db import transaction

    from messaging.signals import message_sent
    from programs.signals import answers_sent
    from riskmonitor import receivers

    def later(receive: Callable[..., None], row: str) -> Callable[..., None]:
        def received(sender: Any, now: datetime, **given: Any) -> None:
            stored = sender.objects.filter(pk=given[row].pk)

            def then() -> None:
                stored.update(screened_at=None)
                receive(sender=sender, now=now, **given)

            stored.update(screened_at=now)
            transaction.on_commit(then)

        return received

    for told, name, receive, row in (
        (answers_sent, "riskmonitor.items", receivers.screen_items, "submission"),
        (message_sent, "riskmonitor.message", receivers.wake_for_message, "message"),
    ):
        told.disconnect(dispatch_uid=name)
        told.connect(later(receive, row), dispatch_uid=name, weak=False)


def killed_when_asked_to_leave() -> None:
    """Take the polite signal for the other one: the web and its workers are gone in the middle of what they did."""
    from gunicorn.arbiter import Arbiter

    Arbiter.handle_term = lambda _arbiter: os.killpg(os.getpgrp(), signal.SIGKILL)


def patient_wakeups() -> None:
    """Publish as Celery does by itself: it tries again, and waits as long as the broker takes."""
    from celery import current_app

    from riskmonitor.watch import wakeup

    def wake(task: str, pk: int) -> None:
        current_app.send_task(task, args=(pk,), queue="safety", ignore_result=True, expires=60)

    wakeup.wake = wake


PATCHES: Mapping[str, Callable[[], None]] = {
    patch.__name__: patch
    for patch in (
        due_afterwards, endless_claims, forgotten_keys, killed_when_asked_to_leave, nothing_recognised, patient_wakeups,
    )
}  # fmt: skip
