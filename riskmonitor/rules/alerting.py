"""When an open flag alerts again (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from riskmonitor.rules.kinds import URGENCY_ORDER, Finding, Urgency
from riskmonitor.rules.suicide import FOLLOW_UP

REALERT_AFTER = timedelta(days=14)  # architecture, section 4: an old open flag is said again by a new finding


@dataclass(frozen=True)
class Alerted:
    """What an open flag has already alerted about: the highest urgency and value, all phrases, and when last.

    `value` is of questionnaire items, worsenings and signs of breaking off, which never stand in the same flag; `asked`
    are the follow-up questions that had an alarming answer.
    """

    urgency: Urgency
    at: datetime
    value: int | None = None
    phrases: frozenset[str] = frozenset()
    asked: frozenset[str] = frozenset()


def worse(new: Finding, old: Alerted, now: datetime) -> bool:
    """Say whether a finding must alert again although a flag of its kind is open.

    It must when it is more urgent, its value is higher (or known where it was missing), its words are other words, it
    is an alarming answer to a follow-up question that had none, or the last alert is 14 days old.
    """
    if URGENCY_ORDER[new.urgency] > URGENCY_ORDER[old.urgency]:
        return True
    if new.rule == FOLLOW_UP:  # yes and no are no values of a questionnaire: a plan is news beside any mark
        if new.item not in old.asked:
            return True
    elif new.value is not None and (old.value is None or new.value > old.value):
        return True
    if new.phrase and new.phrase.casefold() not in {phrase.casefold() for phrase in old.phrases}:
        return True
    return now - old.at >= REALERT_AFTER
