"""Breaking off is the absence of something: no event can tell it, so that the rows are asked again and again."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import InterfaceError, OperationalError

from programs.models import Treatment
from riskmonitor.actions import raise_flags, raise_unscreenable
from riskmonitor.activation.in_force import rules_stand
from riskmonitor.break_off_signs import read_signs
from riskmonitor.break_off_told import UNKNOWN, said_unknown
from riskmonitor.rules import REALERT_AFTER, Signs, break_off_findings
from riskmonitor.screening import FoundIn

log = structlog.get_logger(__name__)


def check_break_off(now: datetime) -> int:
    """Flag every patient who has reached a limit. Return how many. One that breaks does not stop the others.

    Nobody is judged while the rules are not in force: then the bar is red and the auditor says so.
    """
    if not rules_stand():
        return 0
    return sum(_look_at(treatment, signs, now) for treatment, signs in read_signs(now))


def _look_at(treatment: Treatment, signs: Signs | None, now: datetime) -> bool:
    patient = treatment.patient
    try:
        if signs is None:
            return _say_unknown(treatment, now)
        found = [FoundIn(finding) for finding in break_off_findings(signs, now)]
        return bool(raise_flags(patient=patient, treatment=treatment, found=found, now=now))
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        log.exception("break_off.not_checked", treatment=treatment.pk)
        return _say_unknown(treatment, now)


def _say_unknown(treatment: Treatment, now: datetime) -> bool:
    """Let a human look at what could not be told; again after fourteen days, since it stays so until it is mended."""
    if said_unknown([treatment.pk], since=now - REALERT_AFTER):
        return False
    return bool(raise_unscreenable(patient=treatment.patient, treatment=treatment, place=None, reason=UNKNOWN, now=now))
