"""Save a crisis plan: each save is a version, sent and screened as everything else that is written."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from clinics.models import User
from clinics.typed_text import storable_data
from programs.actions.sending import AnswersRefused, NotOpen, send_once
from programs.models import Submission, Treatment
from programs.plans import crisis_plan
from programs.plans.plans_for_crisis import FORM, OWN_DRAFT, latest_plan, staff_draft, takes_plans


class PlanChanged(Exception):
    """Somebody saved another version since the page was shown; `version` is the one that stands."""

    def __init__(self, version: Submission) -> None:
        super().__init__(version.pk)
        self.version = version


@transaction.atomic
def save_crisis_plan(
    *, treatment: Treatment, plan: dict[str, Any], based_on: str, key: UUID, by: User, now: datetime
) -> Submission:
    """Store a version of the plan, by the patient or by a therapist together with the patient (`by`).

    based_on: the code of the version that the page was filled from, "" for none. Only words that are new in this
    version are screened (ADR 0019). The same key and words again are the version that stands.
    """
    treatment = (
        Treatment.objects.select_for_update(of=("self",), no_key=True).select_related("patient").get(pk=treatment.pk)
    )
    if not takes_plans(treatment):
        raise NotOpen(treatment)
    cleaned = crisis_plan.validate(storable_data(plan))
    if isinstance(cleaned, list):
        raise AnswersRefused([(fault.field, fault.reason) for fault in cleaned])
    before = latest_plan(treatment.patient)
    if before and before.answers == cleaned:
        return before
    if before and str(before.code) != based_on and before.key != key:
        raise PlanChanged(before)
    texts = crisis_plan.new_texts(cleaned, before.answers if before else {})
    is_own = by.pk == treatment.patient.user_id
    return send_once(
        treatment=treatment, kind=Submission.Kind.CRISIS_PLAN, form=FORM, answers=cleaned,
        texts=[list(pair) for pair in texts], key=key, by=by, now=now,
        drafts=[OWN_DRAFT if is_own else staff_draft(treatment.patient)],
    )  # fmt: skip
