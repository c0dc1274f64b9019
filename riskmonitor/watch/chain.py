"""Is the chain well? Pulses of the processes, and what the auditor counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection
from django.db.models import Q, Value
from django.utils import timezone

from messaging.models import Message
from programs.models import Submission
from riskmonitor.activation.in_force import boot, rules_stand
from riskmonitor.models import ChainCheck, Flag

LATE = timedelta(seconds=30)  # a worker or guard that has not been heard of for so long is missed
GUARDS = ("guard", "guard-2")
PROCESSES = ("worker", *GUARDS)


@dataclass(frozen=True)
class ChainState:
    """`ages` in seconds per process, None when never heard of; `problems` are the auditor's counts above zero.

    `refusing` says of each process that does not screen why not.
    """

    ages: dict[str, float | None]
    versions: dict[str, str]
    problems: dict[str, int]
    checked_at: datetime | None
    refusing: dict[str, str]

    @property
    def silent(self) -> list[str]:
        """Processes that are missed."""
        return [name for name, age in self.ages.items() if age is None or age > LATE.total_seconds()]

    @property
    def screening_is_late(self) -> bool:
        """Free text is not being looked at: worker and guards are silent, or the auditor found waiting texts."""
        return len(self.silent) == len(PROCESSES) or bool(self.problems.get("unscreened"))

    @property
    def is_well(self) -> bool:
        return not self.silent and not self.problems and not self.refusing


def beat(process: str) -> None:
    """Write the process' sign of life, with the database's clock, and whether it screens."""
    refuses = boot.fault() or ""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO riskmonitor_heartbeat (process, version, refuses, beat_at) "
            "VALUES (%s, %s, %s, clock_timestamp()) ON CONFLICT (process) DO UPDATE "
            "SET version = excluded.version, refuses = excluded.refuses, beat_at = excluded.beat_at",
            [process, settings.VERSION, refuses],
        )


def read_chain() -> ChainState:
    """Return the state now. Two small queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT process, version, extract(epoch FROM clock_timestamp() - beat_at), refuses "
            "FROM riskmonitor_heartbeat"
        )
        rows = {process: (version, float(age), refuses) for process, version, age, refuses in cursor.fetchall()}
    checks = list(ChainCheck.objects.all())
    return ChainState(
        ages={name: rows[name][1] if name in rows else None for name in PROCESSES},
        versions={name: rows[name][0] for name in PROCESSES if name in rows},
        problems={check.problem: check.count for check in checks},
        refusing={name: rows[name][2] for name in PROCESSES if name in rows and rows[name][2]},
        checked_at=max((check.checked_at for check in checks), default=None),
    )


def oldest_unscreened(now: datetime) -> datetime | None:
    """Return since when a patient's text has waited to be screened, None when nothing waits. One query."""
    answers = Submission.objects.filter(screened_at=None).order_by("sent_at").values_list("sent_at", flat=True)[:1]
    texts = Message.objects.filter(screened_at=None, from_patient=True).order_by("sent_at")
    return min(answers.union(texts.values_list("sent_at", flat=True)[:1], all=True), default=None)


def warnings(now: datetime | None = None) -> set[str]:
    """Return what staff must be warned of: "texts" wait unscreened; a "flag" has nobody, or does not climb. One query.

    "canary": the last test of the whole chain failed. "rules": those of this process are not in force, and each
    submission is a flag. The rows are asked, not the pulses: with worker and guard dead the bar still tells the truth.
    """
    late = (now or timezone.now()) - LATE
    answers = Submission.objects.filter(screened_at=None, sent_at__lt=late)
    texts = Message.objects.filter(screened_at=None, from_patient=True, sent_at__lt=late)
    stuck = Q(next_step_at__lt=late) | Q(failures__gt=0) | Q(unreachable_since__isnull=False)
    rows = [(answers, "texts"), (texts, "texts"), (Flag.objects.open().filter(stuck), "flags")]
    rows.append((ChainCheck.objects.filter(problem="canary"), "canary"))
    first, *others = (
        each.order_by().annotate(word=Value(word)).values_list("word", flat=True)[:1] for each, word in rows
    )
    return set(first.union(*others, all=True)) | (set() if rules_stand() else {"rules"})
