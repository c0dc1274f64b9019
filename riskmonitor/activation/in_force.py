"""May this process screen? Only with rules that pass their self test and that somebody has put in force."""

from __future__ import annotations

import time
from collections.abc import Sequence
from enum import StrEnum

import structlog

from riskmonitor.models import RuleActivation
from riskmonitor.rules import rule_set_hash
from riskmonitor.rules.self_test import failed_trials

log = structlog.get_logger(__name__)
SAID_EVERY = 60.0  # seconds: each page asks, and the log must stay readable while the rules do not stand


class Fault(StrEnum):
    """Why the rules of this process may not be used."""

    SELF_TEST = "self_test"
    NOT_ACTIVATED = "not_activated"


class RulesNotInForce(Exception):
    """Nothing is screened with these rules: a human reads."""


def fault_of_rules(failed: Sequence[str] | None = None) -> Fault | None:
    """Return what is wrong with the rules of this process, None when they are in force. One query.

    `failed` are the trials that failed, where the process has tried its rules before. The newest activation counts: an
    older release that comes back is a change like any other.
    """
    if failed_trials() if failed is None else failed:
        return Fault.SELF_TEST
    newest = RuleActivation.objects.newest_first().values_list("hash", flat=True).first()
    return None if newest == rule_set_hash() else Fault.NOT_ACTIVATED


class Boot:
    """What this process knows of its rules. They cannot change while it lives: they are tried once.

    A good answer is kept. A bad one is asked again each time, since an activation takes effect without a restart, and
    said once a minute.
    """

    def __init__(self) -> None:
        self._stands = False
        self._failed: list[str] | None = None
        self._said: tuple[Fault, float] | None = None

    def fault(self) -> Fault | None:
        if self._stands:
            return None
        if self._failed is None:
            self._failed = failed_trials()
        fault = fault_of_rules(self._failed)
        self._stands = fault is None
        if fault:
            self._say(fault)
        return fault

    def _say(self, fault: Fault) -> None:
        now = time.monotonic()
        if self._said is None or self._said[0] is not fault or now - self._said[1] >= SAID_EVERY:
            self._said = (fault, now)
            log.error("rules.not_in_force", fault=fault.value, trials=self._failed)


boot = Boot()


def rules_stand() -> bool:
    """Tell whether this process may screen."""
    return boot.fault() is None


def demand_rules() -> None:
    """Raise RulesNotInForce where the rules may not be used."""
    if fault := boot.fault():
        raise RulesNotInForce(fault)
