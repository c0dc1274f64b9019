"""Which plan counts at a clinic. Reads only, and never without an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from clinics.models import Clinic, HubAgreement
from riskmonitor.escalation.plan_rules import SCOPES, Scope
from riskmonitor.escalation.saved_plans import Reading, SavedPlan, read_saved
from riskmonitor.escalation.steps import HUB_STEP, Step
from riskmonitor.models import EscalationPlan
from riskmonitor.rules import Kind, Urgency

log = structlog.get_logger(__name__)


def scope_of(kind: Kind, urgency: Urgency) -> Scope:
    """Return the plan that flags of the kind follow: their own, else the one of every kind."""
    scopes = {(scope.kind, scope.urgency): scope for scope in SCOPES.values()}
    return scopes.get((kind, urgency)) or scopes[None, urgency]


@dataclass(frozen=True)
class InForce:
    """The steps that flags follow. `reading` is how the clinic's own plan is followed, AS_SAVED where it has none."""

    scope: Scope
    steps: tuple[Step, ...]
    reading: Reading


def steps_in_force(
    clinic: Clinic, scope: Scope, now: datetime, *, planned_at: datetime | None = None
) -> tuple[Step, ...]:
    """Return the clinic's steps, else the default ones. One query, two for the default plan of `now`.

    The plan is the one that counted at `planned_at`, now by default. The hub is the one that helps now: a flag that was
    raised before it began to help reaches it all the same, and none waits for a hub that has gone. A plan that cannot
    be read, or that the rules refuse today, never silences a flag: the default steps are taken.
    """
    if plan := EscalationPlan.objects.in_force(clinic, scope, planned_at or now):
        saved = read_saved(plan.steps, scope)
        if saved.followed:
            return saved.followed
        if saved.reading is Reading.UNREADABLE:
            log.error("plan.unreadable", plan=plan.pk)
        else:
            log.error("plan.refused_today", plan=plan.pk)
    return default_steps(clinic, scope, now)


def default_steps(clinic: Clinic, scope: Scope, now: datetime) -> tuple[Step, ...]:
    """Return the plan of a clinic without one of its own: for `now` with the hub at its end, where it has one."""
    return _default(scope, has_hub=_asks_hub(scope) and HubAgreement.objects.has_hub(clinic, now))


def plans_of(clinics: Sequence[Clinic], now: datetime) -> dict[Clinic, list[InForce]]:
    """Return every plan that counts now, by clinic. Two queries."""
    latest, helped = EscalationPlan.objects.latest_of(clinics), _helped(clinics, now)
    return {
        clinic: [
            _in_force(latest.get((clinic.pk, scope.kind or "", scope.urgency)), scope, has_hub=clinic in helped)
            for scope in SCOPES.values()
        ]
        for clinic in clinics
    }


def _in_force(plan: EscalationPlan | None, scope: Scope, *, has_hub: bool) -> InForce:
    saved = read_saved(plan.steps, scope) if plan else SavedPlan(Reading.AS_SAVED)
    return InForce(scope, saved.followed or _default(scope, has_hub=has_hub), saved.reading)


def plans_not_as_saved(now: datetime) -> list[tuple[Clinic, InForce]]:
    """Return the plans that flags do not follow as their clinic saved them. Three queries."""
    of_all = plans_of(list(Clinic.objects.real().order_by("name")), now)
    return [
        (clinic, plan) for clinic, plans in of_all.items() for plan in plans if plan.reading is not Reading.AS_SAVED
    ]


def versions_of(clinic: Clinic, scope: Scope) -> list[EscalationPlan]:
    """Return the history of a plan, the newest version first. One query."""
    return list(EscalationPlan.objects.of(clinic, scope).select_related("saved_by"))


def _default(scope: Scope, *, has_hub: bool) -> tuple[Step, ...]:
    return (*scope.default, HUB_STEP) if has_hub and _asks_hub(scope) else scope.default


def _asks_hub(scope: Scope) -> bool:
    return scope.kind is None and scope.urgency is Urgency.NOW


def _helped(clinics: Sequence[Clinic], now: datetime) -> set[Clinic]:
    """Return those of the clinics that have a hub now. One query."""
    helped = set(HubAgreement.objects.in_force(now).filter(needs__in=clinics).values_list("needs", flat=True))
    return {clinic for clinic in clinics if clinic.pk in helped}
