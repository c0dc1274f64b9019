"""Plan a treatment: from here the patient answers the questionnaires of the screening, and nothing else is open.

Whoever plans it answers for the patient until it starts, with a second named person, as in every treatment.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import CareAssignment, Patient, User
from programs.actions.treatments import end_treatment, give_modules
from programs.models import Revision, Treatment
from programs.treatment.competent import may_stand_in_with
from programs.treatment.languages import is_whole_in
from programs.treatment.planning import may_assess


class NotPlanned(StrEnum):
    """Why a treatment may not be planned."""

    NOT_ENTITLED = "not_entitled"  # only those who may assess plan
    CURRENT = "current"  # one treatment at a time
    NOT_STARTABLE = "not_startable"
    LANGUAGE = "language"
    SECOND = "second"  # nobody, the same person, or somebody who may not treat with the programme


class PlanRefused(Exception):
    """The treatment may not be planned; `reasons` say why, all of them."""

    def __init__(self, reasons: list[NotPlanned]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def plan_refusals(
    *,
    patient: Patient,
    revision: Revision,
    language: str,
    second: User,
    by: User,
    demo: bool,
    now: datetime,
) -> list[NotPlanned]:
    """Return why the treatment may not be planned; an empty list means that it may. What only a start needs waits."""
    refused = {
        NotPlanned.NOT_ENTITLED: not may_assess(by, patient),
        NotPlanned.CURRENT: patient.treatments.current().exists(),
        NotPlanned.NOT_STARTABLE: not Revision.objects.startable(demo=demo).filter(pk=revision.pk).exists(),
        NotPlanned.LANGUAGE: not is_whole_in(revision, language),
        NotPlanned.SECOND: second.pk == by.pk or not may_stand_in_with(second, patient, revision.programme.slug, now),
    }
    return [reason for reason, holds in refused.items() if holds]


@transaction.atomic
def plan_treatment(
    *,
    patient: Patient,
    revision: Revision,
    second: User,
    by: User,
    now: datetime,
    language: str = "",
    demo: bool = False,
) -> Treatment:
    """Plan a treatment with the text in the language (by default the one it was written in). Raise PlanRefused.

    `by` and `second` are the two named people until it starts: flags, absences and access follow them as in treatment.
    """
    Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)  # two at once would both find nothing planned
    language = language or revision.facts["source_language"]
    if reasons := plan_refusals(
        patient=patient, revision=revision, language=language, second=second, by=by, demo=demo, now=now
    ):
        raise PlanRefused(reasons)
    assignment = CareAssignment.objects.create(
        patient=patient, therapist=by, substitute=second, programme=revision.programme.slug, starts_at=now
    )
    treatment = Treatment.objects.create(
        patient=patient, revision=revision, assignment=assignment, planned_at=now, state=Treatment.State.PLANNED,
        primary_measure=revision.facts["instruments"]["primary"],
    )  # fmt: skip
    give_modules(treatment, language)
    audit(by=by, did=Did.MADE, what=f"treatment:{treatment.code}", patient=patient, now=now)
    return treatment


@transaction.atomic
def withdraw_plan(*, treatment: Treatment, by: User, now: datetime) -> None:
    """Take the plan back: what was answered stays, and the patient can be planned for again."""
    planned = Treatment.objects.planned().select_for_update(of=("self",), no_key=True).get(pk=treatment.pk)
    end_treatment(treatment=planned, by=by, now=now, reason=Treatment.EndReason.OTHER)
