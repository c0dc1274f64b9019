"""The rows of tool entries as the values that programs.toolkit.entries puts into words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce

from programs.models import Submission, Treatment
from programs.toolkit.entries import Recorded

SHOWN = 200  # versions on a page


def recorded(treatment: Treatment, tool: str, *, since: datetime | None = None, at_most: int = SHOWN) -> list[Recorded]:
    """Return the newest entries of a tool, those that were first sent last at the top. One query."""
    return [joined(versions) for versions in entries_of(treatment, tool, since=since, at_most=at_most)]


def entries_of(
    treatment: Treatment, tool: str, *, since: datetime | None = None, at_most: int = SHOWN
) -> list[list[Submission]]:
    """Return the rows of each entry, the newest version first, and the entries by when they were first sent.

    at_most counts versions. Each row carries `first_code` and `first_at` of its entry.
    """
    rows = _newest_first(treatment).filter(form=tool)
    if since:
        rows = rows.filter(sent_at__gte=since)
    return _by_entry(rows[:at_most])


def recorded_by_tool(treatment: Treatment) -> dict[str, list[Recorded]]:
    """Return all entries of each tool, those that were first sent last at the top. One query."""
    rows: dict[str, list[Submission]] = {}
    for row in _newest_first(treatment):
        rows.setdefault(row.form, []).append(row)
    return {tool: [joined(versions) for versions in _by_entry(sent)] for tool, sent in rows.items()}


def _newest_first(treatment: Treatment) -> QuerySet[Submission]:
    """Return every version of every entry with its tool, the one sent last first."""
    rows = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.TOOL)
    first = {
        "first_code": Coalesce("replaces__code", F("code")),
        "first_at": Coalesce("replaces__sent_at", F("sent_at")),
    }
    return rows.annotate(**first).order_by("-sent_at", "-pk")


def _by_entry(rows: Iterable[Submission]) -> list[list[Submission]]:
    entries: dict[str, list[Submission]] = {}
    for row in rows:
        entries.setdefault(vars(row)["first_code"], []).append(row)
    return sorted(entries.values(), key=lambda versions: vars(versions[0])["first_at"], reverse=True)


def joined(versions: Sequence[Submission]) -> Recorded:
    """Return the versions of one entry, newest first, as one entry."""
    newest, *older = versions
    return Recorded(
        code=str(vars(newest)["first_code"]),
        at=vars(newest)["first_at"],
        data=newest.answers,
        changed_at=newest.sent_at if newest.replaces_id else None,
        former=tuple((row.sent_at, row.answers) for row in older),
    )
