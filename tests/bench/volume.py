"""A database that has been in use for years: 200,000 answer sets more, the auditor's time, and the plans behind it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from programs.models import Submission, Treatment
from riskmonitor.sweeps.auditing import problems

ROWS = 200_000
TABLE = Submission._meta.db_table


@dataclass(frozen=True)
class Audited:
    """`seconds` of one look at everything; `indexes` that carried it; `scans` of whole tables of answers: none."""

    rows: int
    seconds: float
    indexes: list[str]
    scans: list[str]


def fill(treatments: list[Treatment], rows: int = ROWS) -> None:
    """Copy one screened measure `rows` times over years, spread over the treatments."""
    pattern = Submission.objects.measures().exclude(screened_at=None).earliest("pk")
    changed = {
        "code": "gen_random_uuid()", "key": "gen_random_uuid()",
        "treatment_id": "(%s::bigint[])[1 + nr %% %s]",
        "sent_at": "row.sent_at - nr * interval '5 minutes'",
    }  # fmt: skip
    columns = [each.column for each in Submission._meta.concrete_fields if not each.primary_key]
    values = ", ".join(changed.get(column, f"row.{column}") for column in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(columns)}) SELECT {values} "
            f"FROM {TABLE} row, generate_series(1, %s) nr WHERE row.id = %s",
            [[treatment.pk for treatment in treatments], len(treatments), rows, pattern.pk],
        )
        cursor.execute(f"VACUUM ANALYZE {TABLE}")


def audited(now: datetime) -> Audited:
    """Let the auditor look once, and ask the database how it found its counts."""
    problems(now)
    began = time.perf_counter()
    with CaptureQueriesContext(connection) as asked:
        problems(now)
    took = time.perf_counter() - began
    nodes = [node for query in asked for node in _nodes(query["sql"])]
    indexes = {node["Index Name"] for node in nodes if "Index Name" in node}
    scans = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"} & {TABLE, "messaging_message"}
    return Audited(Submission.objects.count(), took, sorted(indexes), sorted(scans))


def _nodes(sql: str) -> Iterator[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql.replace("%", "%%"))
        found = cursor.fetchone()[0]
    plan = json.loads(found) if isinstance(found, str) else found
    return _flat(plan[0]["Plan"])


def _flat(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", ()):
        yield from _flat(part)
