"""The rows of tool entries as the values that programs.entries puts into words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from programs.entries import Recorded
from programs.models import Submission, Treatment

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
    rows = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.TOOL, form=tool)
    if since:
        rows = rows.filter(sent_at__gte=since)
    first = {
        "first_code": Coalesce("replaces__code", F("code")),
        "first_at": Coalesce("replaces__sent_at", F("sent_at")),
    }
    entries: dict[str, list[Submission]] = {}
    for row in rows.annotate(**first).order_by("-sent_at", "-pk")[:at_most]:
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
