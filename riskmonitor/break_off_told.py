"""What flags hold about breaking off, read for the rule and for trying another one. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from riskmonitor.models import FlagFinding
from riskmonitor.rules import RULES_VERSION, URGENCY_ORDER, Kind, Reason, Sign, Telling, Urgency
from riskmonitor.rules.break_off import RULE

UNKNOWN = "break_off"  # why a treatment is shown to a human whose signs could not be told
_COLUMNS = ("flag__treatment", "rule", "value", "urgency", "found_at", "flag", "flag__urgency", "flag__closed_at")


@dataclass(frozen=True)
class Flagged:
    """One finding about breaking off that was stored. `open_as`: the urgency of its flag, None when that is closed."""

    rule: str
    days: int
    urgency: Urgency
    at: datetime
    flag: int
    open_as: Urgency | None

    @property
    def sign(self) -> Sign | None:
        """Return what it says is missing; None for a reason why that is more urgent."""
        return next((sign for sign in Sign if self.rule.startswith(f"{RULE}.{sign}.")), None)

    @property
    def reason(self) -> Reason | None:
        return next((reason for reason in Reason if self.rule == f"{RULE}.{reason}"), None)


def flagged_in(ids: Collection[int]) -> dict[int, list[Flagged]]:
    """Return what was flagged about breaking off in each of these treatments. One query."""
    rows = FlagFinding.objects.filter(flag__treatment__in=ids, flag__kind=Kind.BREAK_OFF)
    by_treatment: dict[int, list[Flagged]] = defaultdict(list)
    for treatment, rule, days, urgency, at, flag, flags_urgency, closed_at in rows.values_list(*_COLUMNS):
        open_as = None if closed_at else Urgency(flags_urgency)
        if treatment is not None:
            by_treatment[treatment].append(Flagged(rule, days or 0, Urgency(urgency), at, flag, open_as))
    return by_treatment


def last_telling(flagged: Sequence[Flagged]) -> Telling | None:
    """Return the last time that a sign was told, with what was added since; None when none ever was.

    An open flag holds each rule once: of a later telling it stores the signs that are new, and no reason again.
    """
    at = max((each.at for each in flagged if each.sign), default=None)
    if at is None:
        return None
    told = [each for each in flagged if each.at >= at]
    urgency = max((each.urgency for each in told), key=lambda each: URGENCY_ORDER[each])
    flags = {each.flag for each in told}
    reasons = {each.reason for each in flagged if each.flag in flags and each.reason}
    days = {each.sign: each.days for each in told if each.sign}
    return Telling(at, urgency, days, tuple(reasons) if urgency is Urgency.TODAY else ())


def said_unknown(ids: Collection[int], since: datetime) -> set[int]:
    """Return the treatments of which a human was told after that moment that these rules cannot read them. One query"""
    version = f"{RULES_VERSION}.{UNKNOWN}"
    said = FlagFinding.objects.filter(flag__treatment__in=ids, rule="unscreenable", rule_version=version)
    return set(said.filter(found_at__gt=since).values_list("flag__treatment", flat=True))
