"""The rows of tool entries as the values that programs.entries puts into words."""

from __future__ import annotations

from datetime import datetime

from programs.entries import Recorded, without_replaced
from programs.models import Submission, Treatment


def recorded(treatment: Treatment, tool: str, *, since: datetime | None = None, at_most: int) -> list[Recorded]:
    """Return the newest entries of a tool, newest first, without plans whose outcome was told later. One query."""
    rows = Submission.objects.filter(treatment=treatment, kind=Submission.Kind.TOOL, form=tool)
    if since:
        rows = rows.filter(sent_at__gte=since)
    newest = rows.order_by("-sent_at", "-pk").values_list("code", "sent_at", "answers")[:at_most]
    return without_replaced([Recorded(str(code), at, data) for code, at, data in newest], tool)
