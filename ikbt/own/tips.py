"""The tip that answers "it is slow going": words for the reason, and one smaller step. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from clinics.models import Patient
from messaging.promises import Promise
from messaging.reading import promise_for
from programs.doors import may_write, treatments_of
from programs.models import Step, Submission, Treatment
from programs.toolkit.entries import in_words
from programs.treatment.gates import Gates
from programs.treatment.stuck import Way, reasons


@dataclass(frozen=True)
class Tip:
    """`said` is the reason in words; `url` and `action` are the one step forward."""

    said: str
    title: str
    lines: tuple[str, ...]
    url: str
    action: str
    promise: Promise | None


def read_tip(patient: Patient, code: UUID, language: str, now: datetime) -> Tip:
    """Return the tip to one of the patient's own sendings; Http404 for any other."""
    own = Submission.objects.visible_to(patient.user).stuck().filter(treatment__in=treatments_of(patient, now))
    sent = get_object_or_404(
        own.select_related(
            "treatment__revision", "treatment__assignment__therapist", "treatment__assignment__substitute"
        ),
        code=code,
    )
    reason = reasons().get(sent.answers["reason"]) or reasons()["other"]
    treatment = sent.treatment
    treatment.patient = treatment.assignment.patient = patient  # with its clinic, which is known already
    step = _short_step(sent) if reason.way == Way.SHORT and may_write(treatment) else None
    return Tip(
        said=in_words(reason.label, language),
        title=in_words(reason.title, language),
        lines=reason.tip_in(language),
        url=reverse("module-short", args=[step.code]) if step else reverse("messages"),
        action=_("Do five minutes") if step else _("Write a message"),
        promise=promise_for(treatment.assignment, now) if may_write(treatment) else None,
    )


def _short_step(sent: Submission) -> Step | None:
    """Return the module whose five-minute version is offered: the one it was said from, else the one that waits."""
    treatment: Treatment = sent.treatment
    gates = Gates(treatment)
    way = [
        step
        for step in treatment.steps.open().shown().select_related("module")
        if step.module.short and not gates.closed_before_module(step.module)
    ]
    here = [step for step in way if step.module_id == sent.module_id]
    waiting = [step for step in way if step.sent_at is None]
    return next(iter([*here, *waiting, *reversed(way)]), None)
