"""Which plan counts at a clinic. Reads only, and never without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from clinics.models import Clinic, HubAgreement
from riskmonitor.escalation.plan_rules import SCOPES, Scope, faults, read
from riskmonitor.escalation.steps import HUB_STEP, Step
from riskmonitor.models import EscalationPlan
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


def scope_of(kind: Kind, urgency: Urgency) -> Scope:
    """Return the plan that flags of the kind follow: their own, else the one of every kind."""
    scopes = {(scope.kind, scope.urgency): scope for scope in SCOPES.values()}
    return scopes.get((kind, urgency)) or scopes[None, urgency]


def steps_in_force(clinic: Clinic, scope: Scope, at: datetime) -> tuple[Step, ...]:
    """Return the clinic's steps at the moment, else the default ones. One query, two for the default plan of `now`."""
    if plan := EscalationPlan.objects.in_force(clinic, scope, at):
        return steps_of(plan, scope)
    return _default(scope, has_hub=_asks_hub(scope) and clinic in _helped([clinic], at))


def plans_of(clinics: Sequence[Clinic], now: datetime) -> dict[Clinic, list[tuple[Scope, tuple[Step, ...]]]]:
    """Return every plan that counts now, by clinic. Two queries."""
    latest, helped = EscalationPlan.objects.latest_of(clinics), _helped(clinics, now)
    return {
        clinic: [
            (scope, steps_of(plan, scope) if plan else _default(scope, has_hub=clinic in helped))
            for scope in SCOPES.values()
            for plan in [latest.get((clinic.pk, scope.kind or "", scope.urgency))]
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


def _default(scope: Scope, *, has_hub: bool) -> tuple[Step, ...]:
    """Return the default steps: for `now` with the hub at their end, where the clinic has one."""
    return (*scope.default, HUB_STEP) if has_hub and _asks_hub(scope) else scope.default


def _asks_hub(scope: Scope) -> bool:
    return scope.kind is None and scope.urgency is Urgency.NOW


def _helped(clinics: Sequence[Clinic], at: datetime) -> set[Clinic]:
    """Return those of the clinics that have a hub at the moment. One query."""
    helped = set(HubAgreement.objects.in_force(at).filter(needs__in=clinics).values_list("needs", flat=True))
    return {clinic for clinic in clinics if clinic.pk in helped}
