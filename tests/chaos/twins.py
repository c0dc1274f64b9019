"""Red twins: the platform without one remedy, under the fault that the remedy is for. Each must be seen to fail.

A remedy is missing because a process was not started, the schema lacks a promise, or boot.py has patched it away in the
processes of the test. Product code has no switch for any of it. Imported before Django is set up.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5


@dataclass(frozen=True)
class Twin:
    """What is missing, the faults that show it, and the word of the verdict that must be above zero."""

    missing: str
    shows: str
    faults: tuple[str, ...]
    only: frozenset[str] | None = None  # the programs that are started
    patch: str = ""
    server: tuple[str, ...] = ()
    schema: tuple[str, ...] = ()
    restarts: bool = True


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


def patient_wakeups() -> None:
    """Publish as Celery does by itself: it tries again, and waits as long as the broker takes."""
    from celery import current_app

    from riskmonitor.watch import wakeup

    def wake(task: str, pk: int) -> None:
        current_app.send_task(task, args=(pk,), queue="safety", ignore_result=True, expires=60)

    wakeup.wake = wake


PATCHES: Mapping[str, Callable[[], None]] = {
    patch.__name__: patch for patch in (endless_claims, forgotten_keys, nothing_recognised, patient_wakeups)
}
