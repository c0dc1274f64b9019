"""A patient who may be breaking off: the absence of something, so that only a sweep of the rows can see it (pure).

No critical time point is known (source document 003, the clinic's own study), so that no programme week counts: what
counts is how long something has been missing, and how many things are. 7, 10 and 14 days are the limits of
architecture, section 4; 14 quiet days are the content guide's "call" (3.1 f). Which of them holds is a clinical
choice of the project's (ADR 0024).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from riskmonitor.rules.differing import Change, Difference
from riskmonitor.rules.kinds import URGENCY_ORDER, Finding, Kind, Urgency

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


@dataclass(frozen=True)
class Telling:
    """What was last told of one treatment: when, how urgently, the days that each sign had then, and why."""

    at: datetime
    urgency: Urgency
    days: Mapping[Sign, int]
    reasons: Sequence[Reason] = ()

    @property
    def signs(self) -> Signs:
        """Return what the rule would have been asked with then."""
        return Signs({sign: self.at - timedelta(days=days) for sign, days in self.days.items()}, self.reasons)


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


def break_off_differences(
    signs: Signs, telling: Telling | None, open_as: Urgency | None, now: datetime
) -> list[Difference]:
    """Return what this rule would flag otherwise than flags hold: at most two, one of them GONE or CALMER.

    1. What was told last is gone, or less urgent, where the rule tells less both of what was missing then and of what
       is missing now: that somebody has been active since is not the rule's doing.
    2. What the rule would tell at once comes, or is more urgent than the open flag. As urgent as that it is told again,
       which is no other flag.
    """
    found: list[Difference] = []
    if telling is not None:
        anew = replace(signs, told={}, told_today=False)
        stays = _urgency([*break_off_findings(telling.signs, telling.at), *break_off_findings(anew, now)])
        if _rank(stays) < _rank(telling.urgency):
            change = Change.CALMER if stays else Change.GONE
            found.append(Difference(Kind.BREAK_OFF, change, telling.urgency, stays))
    news = _urgency(break_off_findings(signs, now))
    if _rank(news) > _rank(open_as):
        found.append(Difference(Kind.BREAK_OFF, Change.MORE_URGENT if open_as else Change.CAME, open_as, news))
    return found


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


def _urgency(found: Sequence[Finding]) -> Urgency | None:
    return max((each.urgency for each in found), key=_rank, default=None)


def _rank(urgency: Urgency | None) -> int:
    return -1 if urgency is None else URGENCY_ORDER[urgency]
