"""A patient who may be breaking off: the absence of something, so that only a sweep of the rows can see it (pure).

No critical time point is known (source document 003, the clinic's own study), so that no programme week counts: what
counts is how long something has been missing, and how many things are. 7, 10 and 14 days are the limits of
architecture, section 4; 14 quiet days are the content guide's "call" (3.1 f). Which of them holds is a clinical
choice of the project's (ADR 0024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from riskmonitor.rules.kinds import Finding, Kind, Urgency

STANDS_AFTER = 7  # days from which a sign counts at all
LIMIT_ALONE, LIMIT_TOGETHER, LIMIT_AFTER_DANGER = 14, 10, 7  # days
RUNGS = (7, 10, 14)  # days at which a sign is told, and told again
EVERY = 14  # days after the last rung: a sign that stands is told again, also when a flag was closed
RULE = "break_off"


class Sign(StrEnum):
    """What is missing."""

    QUIET = "quiet"  # nothing sent, written or saved
    MEASURE = "measure"  # a weekly questionnaire that waits
    UNSENT = "unsent"  # a module that the patient opened and has not sent
    UNREAD = "unread"  # a message from the therapist that the patient has not read


class Reason(StrEnum):
    """Why a sign is more urgent."""

    RISK_ITEM = "risk_item"  # the last answer to a question about suicide was above 0, or left out
    ROSE = "rose"  # the last total had risen


@dataclass(frozen=True)
class Signs:
    """What is known about one treatment: since when each thing is missing, and what makes it more urgent.

    `told` are the rungs (days) that each sign was flagged at since it began, `told_today` whether that was as urgent as
    today.
    """

    since: Mapping[Sign, datetime] = field(default_factory=dict)
    reasons: Sequence[Reason] = ()
    told: Mapping[Sign, int] = field(default_factory=dict)
    told_today: bool = False


def break_off_findings(signs: Signs, now: datetime) -> list[Finding]:
    """Return what is missing for so long that a human must look, one finding for each sign that stands.

    A sign stands when it is seven days old. Alone it is told at 14 days, together with another at 10, and after a
    marked question about suicide or a rise at 7: then today, else this week. It is told again at each later rung, and
    at once when it becomes more urgent; nothing is returned for what was told already.
    """
    days = {sign: (now - since) // timedelta(days=1) for sign, since in signs.since.items()}
    standing = {sign: age for sign, age in days.items() if age >= STANDS_AFTER}
    if not standing or max(standing.values()) < _limit(len(standing), signs.reasons):
        return []
    rungs = {sign: rung(age) for sign, age in standing.items()}
    urgency = Urgency.TODAY if signs.reasons else Urgency.WEEK
    is_news = max(rungs.values()) > max(signs.told.get(sign, 0) for sign in rungs)
    if not is_news and (signs.told_today or not signs.reasons):
        return []
    found = [
        Finding(Kind.BREAK_OFF, urgency, f"{RULE}.{sign}.{reached}", value=reached) for sign, reached in rungs.items()
    ]
    return found + [Finding(Kind.BREAK_OFF, urgency, f"{RULE}.{reason}") for reason in signs.reasons]


def rung(days: int) -> int:
    """Return the last rung that so many days have reached, 0 for none: 7, 10, 14, and then every fourteen days."""
    if days >= RUNGS[-1] + EVERY:
        return RUNGS[-1] + (days - RUNGS[-1]) // EVERY * EVERY
    return max((each for each in RUNGS if each <= days), default=0)


def thresholds() -> tuple[object, ...]:
    """Return everything that this rule goes by."""
    return STANDS_AFTER, LIMIT_ALONE, LIMIT_TOGETHER, LIMIT_AFTER_DANGER, RUNGS, EVERY


def _limit(standing: int, reasons: Sequence[Reason]) -> int:
    if reasons:
        return LIMIT_AFTER_DANGER
    return LIMIT_TOGETHER if standing > 1 else LIMIT_ALONE
