"""What a rule has found outlives its flag: it moves to the one that is raised again, and keeps its time."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from riskmonitor.models import FlagFinding

log = structlog.get_logger(__name__)


def store_or_adopt(new: FlagFinding, orphans: Sequence[FlagFinding]) -> None:
    """Store what was found. Where it stands already and its flag is gone, that row moves to the flag of the new one.

    `orphans` are those of the same rows. One that stands in nobody's way stays where it is: it is the only trace.
    """
    orphan = in_the_way(new, orphans)
    if orphan is None:
        new.save(force_insert=True)
        return
    log.error("finding.orphaned", finding=orphan.pk, flag=orphan.flag_id, moved_to=new.flag_id)
    orphan.flag = new.flag
    orphan.save(update_fields=["flag"])


def in_the_way(new: FlagFinding, orphans: Sequence[FlagFinding]) -> FlagFinding | None:
    """Return the one that says the same of the same row, None where there is none."""
    return next((old for old in orphans if old.says_the_same_as(new)), None)
