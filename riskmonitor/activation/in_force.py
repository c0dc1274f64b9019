"""May this process screen? Only with rules that pass their self test and that somebody has put in force."""

from __future__ import annotations

from enum import StrEnum

import structlog

from riskmonitor.models import RuleActivation
from riskmonitor.rules import rule_set_hash
from riskmonitor.rules.self_test import failed_trials

log = structlog.get_logger(__name__)


class Fault(StrEnum):
    """Why the rules of this process may not be used."""

    SELF_TEST = "self_test"
    NOT_ACTIVATED = "not_activated"


class RulesNotInForce(Exception):
    """Nothing is screened with these rules: a human reads."""


def fault_of_rules() -> Fault | None:
    """Return what is wrong with the rules of this process, None when they are in force. One query.

    The newest activation counts: an older release that comes back is a change like any other.
    """
    if failed_trials():
        return Fault.SELF_TEST
    newest = RuleActivation.objects.newest_first().values_list("hash", flat=True).first()
    return None if newest == rule_set_hash() else Fault.NOT_ACTIVATED


class Boot:
    """What this process knows of its rules. They cannot change while it lives, so that a good answer is kept.

    A bad one is asked again each time: an activation takes effect without a restart.
    """

    def __init__(self) -> None:
        self._stands = False

    def fault(self) -> Fault | None:
        if self._stands:
            return None
        fault = fault_of_rules()
        self._stands = fault is None
        if fault:
            trials = failed_trials() if fault is Fault.SELF_TEST else []  # else none failed: they were just tried
            log.error("rules.not_in_force", fault=fault.value, trials=trials)
        return fault


boot = Boot()


def rules_stand() -> bool:
    """Tell whether this process may screen."""
    return boot.fault() is None


def demand_rules() -> None:
    """Raise RulesNotInForce where the rules may not be used."""
    if fault := boot.fault():
        raise RulesNotInForce(fault)
