"""A treatment's life: start, open a module, plan a contact, pause, end."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from clinics.audit import Did, audit
from clinics.cover import roster
from clinics.cover.cover_kept import hold_clinics
from clinics.models import CareAssignment, Patient, User
from clinics.models.people import MAY_ASSESS, MAY_COSIGN
from programs.actions.aftercare import begin_follow_up, end_follow_ups
from programs.actions.gates import GateClosed
from programs.actions.plan import read_by_doing, set_fields, tell_change
from programs.actions.switches import SwitchRefused, Why
from programs.measures.wordings import showable
from programs.models import Assessment, Module, PlanChange, Revision, Step, Treatment
from programs.treatment.competent import may_stand_in_with, may_treat_with
from programs.treatment.gates import Gates
from programs.treatment.languages import is_whole_in, language_of


class StartRefused(Exception):
    """The treatment may not start; `reasons` are those of `start_refusals` and `start_treatment`."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(", ".join(reasons))
        self.reasons = reasons


def start_refusals(
    *,
    patient: Patient,
    assessment: Assessment,
    revision: Revision,
    therapist: User,
    substitute: User,
    demo: bool,
    now: datetime,
) -> list[str]:
    """Return why the treatment may not start (invariant I6); an empty list means that it may."""
    reasons = []
    entitled = assessment.profession in MAY_ASSESS or assessment.cosigner_profession in MAY_COSIGN
    if assessment.patient_id != patient.pk or not entitled:
        reasons.append("no entitled assessment")
    if not Revision.objects.startable(demo=demo).filter(pk=revision.pk).exists():
        reasons.append("programme may not be started")
    if not may_treat_with(therapist, patient, revision.programme.slug):
        reasons.append("therapist not competent")
    if therapist.pk == substitute.pk or not may_stand_in_with(substitute, patient, revision.programme.slug, now):
        reasons.append("substitute not competent")
    if not patient.phone:
        reasons.append("no telephone number")
    return reasons


@transaction.atomic
def start_treatment(
    *,
    patient: Patient,
    assessment: Assessment,
    revision: Revision,
    therapist: User,
    substitute: User,
    consented_at: datetime,
    by: User,
    now: datetime,
    demo: bool = False,
    reply_weekday: int = 2,
    primary_measure: str = "",
    language: str = "",
) -> Treatment:
    """Start: entitled assessment, competent therapist and substitute, telephone, consent, and 14 covered days ahead.

    A treatment that was planned for the patient is the one that starts, with what was answered before; whoever planned
    it hands over in the same moment.
    `primary_measure`: the programme's own by default, or one that may replace it and that the clinic can show.
    `language`: of the programme's text, by default the one it was written in; the patient keeps it to the end.
    """
    reasons = start_refusals(
        patient=patient, assessment=assessment, revision=revision, therapist=therapist, substitute=substitute,
        demo=demo, now=now,
    )  # fmt: skip
    planned = planned_for(patient)
    language = language or _planned_language(planned, revision) or revision.facts["source_language"]
    if reasons := reasons + _choice_refusals(primary_measure, language, revision, patient):
        raise StartRefused(reasons)
    treatment = planned or Treatment(patient=patient, planned_at=now)
    treatment.revision, treatment.assessment = revision, assessment
    treatment.assignment = _take_over(planned, patient, revision, therapist, substitute, now)
    treatment.primary_measure = primary_measure or revision.facts["instruments"]["primary"]
    treatment.state, treatment.started_at, treatment.consented_at = Treatment.State.ACTIVE, now, consented_at
    treatment.reply_weekday = reply_weekday
    treatment.save()
    _open_first(treatment, language, by, now)
    return treatment


def _take_over(
    planned: Treatment | None, patient: Patient, revision: Revision, therapist: User, substitute: User, now: datetime
) -> CareAssignment:
    """Return the assignment of the two named people; who planned the treatment has answered for the patient so far."""
    hold_clinics([patient.clinic_id])
    end_follow_ups(patient=patient, now=now)
    if planned:
        end_care(planned.assignment, now)
    assignment = CareAssignment.objects.create(
        patient=patient, therapist=therapist, substitute=substitute, programme=revision.programme.slug, starts_at=now
    )
    if roster.gaps_ahead(assignment, now):
        raise StartRefused(["not covered for the next 14 days"])
    return assignment


def planned_for(patient: Patient) -> Treatment | None:
    """Return the patient's treatment that is planned, its row held: nobody else may start or plan it meanwhile."""
    planned = patient.treatments.planned().select_for_update(of=("self",), no_key=True)
    return planned.select_related("assignment", "revision").first()


def _planned_language(planned: Treatment | None, revision: Revision) -> str:
    """Return the language that was chosen with the plan, "" where another text is started than was planned."""
    return language_of(planned) if planned and planned.revision_id == revision.pk else ""


def give_modules(treatment: Treatment, language: str) -> QuerySet[Module]:
    """Give the treatment its modules in the language, all closed, in place of those that a plan gave it."""
    modules = treatment.revision.modules.filter(language=language).order_by("number")
    treatment.steps.all().delete()
    Step.objects.bulk_create(Step(treatment=treatment, module=module) for module in modules)
    return modules


def end_care(assignment: CareAssignment, now: datetime) -> None:
    assignment.ends_at = now
    assignment.save(update_fields=["ends_at"])


def _open_first(treatment: Treatment, language: str, by: User, now: datetime) -> None:
    """Note the start, give the treatment its modules in the language, and open the first one."""
    audit(by=by, did=Did.OPENED, what=f"treatment:{treatment.code}", patient=treatment.patient, now=now)
    first = give_modules(treatment, language).first()
    if first and not Gates(treatment).closed_before_module(first):
        open_module(treatment=treatment, module=first, by=by, now=now, tell=False)


def _choice_refusals(primary_measure: str, language: str, revision: Revision, patient: Patient) -> list[str]:
    """Return why the treatment may not have that main measure ("" is the programme's own), or that language."""
    reasons = []
    if primary_measure and not _may_be_primary(primary_measure, revision, patient):
        reasons.append("main measure cannot be used")
    if not is_whole_in(revision, language):
        reasons.append("programme is not whole in that language")
    return reasons


def _may_be_primary(primary: str, revision: Revision, patient: Patient) -> bool:
    """Tell whether it is the programme's own, or a replacing one whose wording the patient's clinic has loaded."""
    named = revision.facts["instruments"]
    replacing = primary in named.get("may_replace_primary", ()) and primary in showable(patient.clinic, "sv", [primary])
    return primary == named["primary"] or replacing


@transaction.atomic
def open_module(*, treatment: Treatment, module: Module, by: User, now: datetime, tell: bool = True) -> Step:
    """Open a module for the patient, and tell it unless the start of the treatment tells it already.

    Opening what is open changes nothing. Raise GateClosed while a checklist before it is not ticked, and SwitchRefused
    for a module that was taken out: it is put back first.
    """
    step = Step.objects.select_for_update().get(treatment=treatment, module=module)
    if step.opened_at is not None:
        return step
    if step.hidden_at:
        raise SwitchRefused(Why.HIDDEN)
    if shut := Gates(treatment).closed_before_module(module):
        raise GateClosed(shut)
    set_fields(step, opened_at=now, opened_by=by)
    audit(by=by, did=Did.OPENED, what=f"step:{step.code}", patient=treatment.patient, now=now)
    if tell:
        tell_change(treatment=treatment, kind=PlanChange.Kind.OPENED, step=step, by=by, now=now)
    return step


def remember_page(*, step: Step, page: str, now: datetime) -> None:
    """Remember where the patient was, so that "continue" finds the place."""
    if not step.last_page:
        read_by_doing(step=step, now=now)
    if step.last_page != page:
        step.last_page = page
        step.save(update_fields=["last_page"])


@transaction.atomic
def plan_contact(*, treatment: Treatment, on: date | None, by: User, now: datetime) -> None:
    treatment.next_contact_on = on
    treatment.save(update_fields=["next_contact_on"])
    audit(by=by, did=Did.CHANGED, what=f"treatment:{treatment.code}", patient=treatment.patient, now=now)


def mark_seen(*, treatment: Treatment, now: datetime, until: datetime | None = None) -> None:
    """Remember until when a therapist has seen the patient's course: "since you were here" counts from it.

    `until` is when the page was drawn, now without it. It never moves back: a colleague may have seen more.
    """
    seen = min(until or now, now)
    if treatment.seen_by_therapist_at and treatment.seen_by_therapist_at >= seen:
        return
    treatment.seen_by_therapist_at = seen
    treatment.save(update_fields=["seen_by_therapist_at"])


@transaction.atomic
def pause_treatment(*, treatment: Treatment, by: User, now: datetime) -> None:
    _change_state(treatment, Treatment.State.PAUSED, by, now)


@transaction.atomic
def resume_treatment(*, treatment: Treatment, by: User, now: datetime) -> None:
    treatment.resumed_at = now
    _change_state(treatment, Treatment.State.ACTIVE, by, now, "resumed_at")


@transaction.atomic
def end_treatment(*, treatment: Treatment, by: User, now: datetime, reason: Treatment.EndReason | None = None) -> None:
    """Complete the treatment, or with a reason discontinue it.

    The assignment ends in the same moment; from there the therapist reads the follow-ups, and nothing else is theirs.
    """
    treatment.ended_at, treatment.end_reason = now, reason or ""
    state = Treatment.State.DISCONTINUED if reason else Treatment.State.COMPLETED
    _change_state(treatment, state, by, now, "ended_at", "end_reason")
    end_care(treatment.assignment, now)
    if treatment.started_at:
        begin_follow_up(treatment=treatment, now=now)


def _change_state(treatment: Treatment, state: Treatment.State, by: User, now: datetime, *fields: str) -> None:
    treatment.state = state
    treatment.save(update_fields=["state", *fields])
    audit(by=by, did=Did.CHANGED, what=f"treatment:{treatment.code}", patient=treatment.patient, now=now)
