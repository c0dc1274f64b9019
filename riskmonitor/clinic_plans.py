"""Which plan counts at a clinic. Reads only, and never without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from clinics.models import Clinic
from riskmonitor.models import EscalationPlan
from riskmonitor.plan_rules import SCOPES, Scope, faults, read
from riskmonitor.plans import Step
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


def scope_of(kind: Kind, urgency: Urgency) -> Scope:
    """Return the plan that flags of the kind follow: their own, else the one of every kind."""
    scopes = {(scope.kind, scope.urgency): scope for scope in SCOPES.values()}
    return scopes.get((kind, urgency)) or scopes[None, urgency]


def steps_in_force(clinic: Clinic, scope: Scope, at: datetime) -> tuple[Step, ...]:
    """Return the clinic's steps at the moment, else the default ones. One query."""
    return steps_of(EscalationPlan.objects.in_force(clinic, scope, at), scope)


def plans_of(clinics: Sequence[Clinic]) -> dict[Clinic, list[tuple[Scope, tuple[Step, ...]]]]:
    """Return every plan that counts now, by clinic. One query."""
    latest = EscalationPlan.objects.latest_of(clinics)
    return {
        clinic: [
            (scope, steps_of(latest.get((clinic.pk, scope.kind or "", scope.urgency)), scope))
            for scope in SCOPES.values()
        ]
        for clinic in clinics
    }


def versions_of(clinic: Clinic, scope: Scope) -> list[EscalationPlan]:
    """Return the history of a plan, the newest version first. One query."""
    return list(EscalationPlan.objects.of(clinic, scope).select_related("saved_by"))


def steps_of(plan: EscalationPlan | None, scope: Scope) -> tuple[Step, ...]:
    """Return the steps of a version, the default ones for None.

    A row that cannot be read, or that the rules refuse today, never silences a flag: the default steps are taken.
    """
    if plan is None:
        return scope.default
    try:
        steps = read(plan.steps)
    except (ValueError, KeyError, TypeError):
        log.exception("plan.unreadable", plan=plan.pk)
        return scope.default
    if wrong := faults(steps, scope):
        log.error("plan.refused_today", plan=plan.pk, faults=[fault for _position, fault in wrong])
        return scope.default
    return steps
