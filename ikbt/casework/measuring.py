"""Questionnaires as the patient view shows them: what waits, what cannot be asked, and what staff may fill in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ikbt.casework.course import Course
from programs.measures.asking import plan_for, takes_measures, way_of
from programs.measures.schedule import WEEKLY_QUESTIONS, asking, weekly_burden
from programs.measures.wordings import showable
from programs.models import Submission
from programs.shipped import instruments


@dataclass(frozen=True)
class Measures:
    """Names for staff. `weekly`: questions of an ordinary week, at most `most` within the budget of five minutes."""

    waiting: list[tuple[str, datetime]]
    skipped: list[str]
    offered: list[tuple[str, str]]
    weekly: int
    most: int = WEEKLY_QUESTIONS

    @property
    def over_budget(self) -> bool:
        return self.weekly > self.most


def measures_of(course: Course, language: str, now: datetime) -> Measures:
    """Return what waits for the patient's answers. One query: the rest is loaded with the course."""
    treatment = course.treatment
    plan = plan_for(treatment)
    way = way_of(treatment, plan, [(step.module.slug, step.sent_at) for step in course.steps])
    shown = showable(treatment.patient.clinic, language, plan.wanted)
    sent = {each.form: each.sent_at for each in reversed(course.submissions) if each.kind == Submission.Kind.MEASURE}
    found = asking(plan, way, shown, sent, now)
    open_to_staff = shown.values() if takes_measures(treatment, now) else ()
    return Measures(
        waiting=[(each.instrument.called(language), each.since) for each in found.waiting],
        skipped=[instruments()[name].called(language) if name in instruments() else name for name in found.skipped],
        offered=[(each.id, each.called(language)) for each in open_to_staff],
        weekly=weekly_burden(plan, shown),
    )
