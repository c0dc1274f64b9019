"""What this release makes of a plan that was saved under it or an earlier one (pure).

What is asked of a plan may change with a release; what a clinic chose may not change without anybody being told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from riskmonitor.escalation.plan_rules import Scope, faults, read, with_mail_at_the_end
from riskmonitor.escalation.steps import Step


class Reading(StrEnum):
    """How a saved plan is followed. In place of the last two the default plan is."""

    AS_SAVED = "as_saved"
    MAIL_ADDED = "mail_added"  # its last step that leads somewhere goes by e-mail too; all else is as saved
    REFUSED = "refused"
    UNREADABLE = "unreadable"


@dataclass(frozen=True)
class SavedPlan:
    """`chosen` are the steps as saved, empty when they cannot be read; `followed` is empty where the default counts."""

    reading: Reading
    chosen: tuple[Step, ...] = ()
    followed: tuple[Step, ...] = ()


def read_saved(rows: Sequence[Mapping[str, Any]], scope: Scope) -> SavedPlan:
    """Read what `written` stored. Nothing raises, whatever the rows hold: a flag is being raised meanwhile."""
    try:
        chosen = read(rows)
    except (ValueError, KeyError, TypeError):
        return SavedPlan(Reading.UNREADABLE)
    followed = with_mail_at_the_end(chosen)
    if faults(followed, scope):
        return SavedPlan(Reading.REFUSED, chosen)
    return SavedPlan(Reading.AS_SAVED if followed == chosen else Reading.MAIL_ADDED, chosen, followed)
