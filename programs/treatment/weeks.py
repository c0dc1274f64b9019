"""How weeks of treatment are counted (pure)."""

from __future__ import annotations

from datetime import datetime


def treatment_week(started_at: datetime | None, now: datetime) -> int:
    """Return 1 in the first seven days after the start, 0 before it."""
    return (now - started_at).days // 7 + 1 if started_at else 0
