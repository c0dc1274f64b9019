"""Change a clinic's escalation plan: a new version, for flags that are raised from now on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog
from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import Clinic, User
from riskmonitor.escalation.clinic_plans import default_steps
from riskmonitor.escalation.plan_rules import Fault, Scope, faults, written
from riskmonitor.escalation.saved_plans import read_saved
from riskmonitor.escalation.steps import Step
from riskmonitor.models import EscalationPlan

log = structlog.get_logger(__name__)


class PlanRefused(Exception):
    """The plan could leave a flag with nobody; `faults` are (position, fault) pairs."""

    def __init__(self, faults: list[tuple[int, Fault]]) -> None:
        super().__init__(faults)
        self.faults = faults


class PlanChangedMeanwhile(Exception):
    """Somebody has saved another version since the page was shown; `plan` is that version."""

    def __init__(self, plan: EscalationPlan) -> None:
        super().__init__(plan.pk)
        self.plan = plan


@transaction.atomic
def save_plan(
    *, clinic: Clinic, scope: Scope, steps: Sequence[Step], based_on: int, by: User, now: datetime
) -> EscalationPlan | None:
    """Save a new version, None when nothing differs from the one before. Raise PlanRefused or PlanChangedMeanwhile.

    `based_on` is the version that the person was shown, 0 for the default. Open flags keep the steps that they have.
    """
    if wrong := faults(steps, scope):
        raise PlanRefused(wrong)
    Clinic.objects.select_for_update(no_key=True).get(pk=clinic.pk)
    latest = EscalationPlan.objects.of(clinic, scope).first()
    if latest is not None and latest.version != based_on:
        raise PlanChangedMeanwhile(latest)
    chosen = read_saved(latest.steps, scope).chosen if latest else default_steps(clinic, scope, now)
    if written(chosen) == written(steps):
        return None
    saved = EscalationPlan.objects.create(
        clinic=clinic, kind=scope.kind or "", urgency=scope.urgency, version=based_on + 1, steps=written(steps),
        saved_at=now, saved_by=by,
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"plan:{scope.name}:{saved.version}", clinic=clinic, now=now)
    log.info("plan.saved", plan=saved.pk)
    return saved
