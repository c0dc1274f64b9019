"""What the auditor and each sweep cost where nothing is due, which is nearly always; and the plans behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clinics.models import AccessGrant
from messaging.models import Delivery, Message, Notice
from messaging.sweeps import send_email, send_push, send_sms
from programs.models import Submission
from programs.sweeps import delete_old_drafts
from riskmonitor import sweeps
from riskmonitor.models import Flag, FlagEvent, FlagFinding
from riskmonitor.sweeps.auditing import problems
from riskmonitor.watch.chain import warnings
from tests.bench.measuring import CONTROL

TIMES = 5
LARGE = {
    model._meta.db_table for model in (AccessGrant, Submission, Message, Flag, FlagFinding, FlagEvent, Notice, Delivery)
}
SCREENING = frozenset({"submission_unscreened", "message_unscreened"})
BREAK_OFF = frozenset({"submission_by_treatment", "message_by_treatment", "message_unread", "draft_once_per_form"})


@dataclass(frozen=True)
class Sweep:
    """One sweep of the guard's and beat's, and the indexes that must carry it."""

    name: str
    act: Callable[[datetime], object]
    indexes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Swept:
    """`seconds`: the best of five. `first`: with what it found to do. `scans`: large tables read from end to end."""

    sweep: Sweep
    first: float
    seconds: float
    questions: int
    indexes: frozenset[str]
    scans: frozenset[str]

    @property
    def missing(self) -> list[str]:
        return sorted(self.sweep.indexes - self.indexes)


def _look_back(now: datetime) -> bool:
    """Look back at one batch; the clock is put to noon, since nobody looks back before the night has come."""
    return sweeps.rescan_some(now.replace(hour=12))


SWEEPS = (
    Sweep("auditor", problems, SCREENING | {"flag_open_due", "draft_unscreened", "delivery_unsent", "notice_unspread"}),
    Sweep("red bar of staff pages", warnings, SCREENING),
    Sweep("screening", sweeps.screen_one, SCREENING),
    Sweep("escalation", sweeps.escalate_one, frozenset({"flag_open_due"})),
    Sweep("tries that have come", sweeps.remind_due, frozenset({"flag_to_remind"})),
    Sweep("marked, not sent", sweeps.flag_marked_draft, frozenset({"draft_unscreened"})),
    Sweep("breaking off, 1,500 active", sweeps.check_break_off, BREAK_OFF),
    Sweep("cover, 14 days ahead, 1,500", sweeps.check_cover),
    Sweep("look back, a batch of 50", _look_back),
    Sweep("flags that are gone", sweeps.miss_flags, frozenset({"raised_flag_open"})),
    Sweep("canaries", sweeps.watch_canaries),
    Sweep("canary to the web", sweeps.carry_canary),
    Sweep("silence", sweeps.notice_silence),
    Sweep("memberships", sweeps.end_due_membership),
    Sweep("access of who left", sweeps.end_left_access, frozenset({"grant_of_flag_open"})),
    Sweep("notices by e-mail", send_email, frozenset({"notice_unspread"})),
    Sweep("notices by push", send_push),
    Sweep("notices by SMS", send_sms),
    Sweep("old drafts", delete_old_drafts),
)


def work_off(now: datetime) -> None:
    """Screen what has been sent to the pages, and take the steps that are due: no worker runs beside the bench."""
    for act in (sweeps.screen_one, sweeps.escalate_one):
        while act(now):
            pass


def swept(now: datetime) -> list[Swept]:
    """Run each sweep once for what it finds to do, then again, and ask the database how it went about it."""
    return [_measured(sweep, now) for sweep in SWEEPS]


def _measured(sweep: Sweep, now: datetime) -> Swept:
    first, *rest = (_seconds(sweep, now) for _ in range(1 + TIMES))
    with CaptureQueriesContext(connection) as asked:
        sweep.act(now)
    sentences = [query["sql"] for query in asked if not query["sql"].startswith(CONTROL)]
    nodes = [node for sql in sentences for node in _nodes(sql)]
    scans = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & LARGE
    indexes = frozenset(node["Index Name"] for node in nodes if "Index Name" in node)
    return Swept(sweep, first, min(rest), len(sentences), indexes, frozenset(scans))


def _seconds(sweep: Sweep, now: datetime) -> float:
    began = time.perf_counter()
    sweep.act(now)
    return time.perf_counter() - began


def _nodes(sql: str) -> Iterator[dict[str, Any]]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return _flat(plan[0]["Plan"])


def _flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _flat(part)
