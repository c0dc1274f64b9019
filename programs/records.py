"""The rows of tool entries as the values that programs.entries puts into words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F
from django.db.models.functions import Coalesce

from programs.entries import Recorded
from programs.models import Submission, Treatment

SHOWN = 200  # versions on a page


def recorded(treatment: Treatment, tool: str, *, since: datetime | None = None, at_most: int = SHOWN) -> list[Recorded]:
    """Return the newest entries of a tool, those that were first sent last at the top. One query.

    at_most counts versions; an entry that has been edited is one entry with its former versions.
    """
    rows = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.TOOL, form=tool)
    if since:
        rows = rows.filter(sent_at__gte=since)
    first = {
        "first_code": Coalesce("replaces__code", F("code")),
        "first_at": Coalesce("replaces__sent_at", F("sent_at")),
    }
    return _joined(rows.annotate(**first).order_by("-sent_at", "-pk")[:at_most])


def _joined(newest_first: Iterable[Submission]) -> list[Recorded]:
    """Return the versions of each entry as one entry."""
    versions: dict[str, list[Submission]] = {}
    for row in newest_first:
        versions.setdefault(str(vars(row)["first_code"]), []).append(row)
    entries = [
        Recorded(
            code=code,
            at=vars(newest)["first_at"],
            data=newest.answers,
            changed_at=newest.sent_at if newest.replaces_id else None,
            former=tuple((row.sent_at, row.answers) for row in older),
        )
        for code, (newest, *older) in versions.items()
    ]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)
