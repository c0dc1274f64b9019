"""What somebody who stands in must know about a patient, on one sheet: facts only, and the therapist's own note.

Reads only: what `read_course` reads, and five queries more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinics.models import NextOfKin, Patient
from ikbt.casework.course import Course
from programs.instruments import text
from programs.models import HandoverNote, PlanChange, Step, Submission
from programs.numbers import written
from programs.plans.plans_for_crisis import StepShown, latest_plan
from programs.plans.plans_for_crisis import shown as plan_shown
from programs.shipped import instruments
from programs.treatment.changes import ChangeInWords, told

CHANGES_SHOWN = 5
GOALS = "goals"  # the tool


@dataclass(frozen=True)
class Measured:
    """One questionnaire's latest total in words, with what it was before and which way is better."""

    name: str
    last: str
    at: datetime
    course: str
    direction: str


@dataclass(frozen=True)
class HandoverSheet:
    """The sheet of one treatment. `reached` are numbers with what is known of each; `note` is None where none is."""

    course: Course
    programme: str
    goals: list[str]
    where: list[str]
    measures: list[Measured]
    last_contact: list[tuple[str, datetime]]
    next_steps: list[str]
    agreed: list[ChangeInWords]
    call_number: str
    kin: NextOfKin | None
    crisis_plan: Submission | None
    crisis_steps: list[StepShown]
    note: HandoverNote | None


def handover_sheet(course: Course, language: str) -> HandoverSheet:
    """Return the sheet of a course that is loaded."""
    treatment, patient = course.treatment, course.treatment.patient
    plan = latest_plan(patient)
    return HandoverSheet(
        course=course,
        programme=text(treatment.revision.title, language),
        goals=list(_goals(course.submissions)),
        where=list(_where(course.steps)),
        measures=list(_measures(course.submissions, language)),
        last_contact=list(_last_contact(course)),
        next_steps=list(_next_steps(course)),
        agreed=_agreed(course, language),
        call_number=_call_number(course.submissions),
        kin=_kin(patient),
        crisis_plan=plan,
        crisis_steps=[step for step in plan_shown(plan.answers, language) if not step.is_care] if plan else [],
        note=treatment.handover_notes.select_related("written_by").first(),
    )


def _goals(submissions: Sequence[Submission]) -> Iterator[str]:
    """Yield the goals as the patient wrote them last, with how near they were felt to be."""
    newest = next((each for each in submissions if each.kind == Submission.Kind.TOOL and each.form == GOALS), None)
    rows: list[dict[str, Any]] = newest.answers.get(GOALS, []) if newest else []
    for row in rows:
        goal, close = row.get("goal", ""), row.get("close")
        yield goal if close is None else _("%(goal)s (how near: %(close)s of 10)") % {"goal": goal, "close": close}


def _where(steps: Sequence[Step]) -> Iterator[str]:
    """Yield how far the patient has come: how many parts were sent, then each that is open or waits for an answer."""
    shown = [step for step in steps if step.hidden_at is None]
    facts = {"sent": sum(step.sent_at is not None for step in shown), "all": len(shown)}
    yield _("%(sent)d of %(all)d modules handed in.") % facts
    for step in shown:
        named = {"number": step.module.number, "title": step.module.title}
        if step.sent_at and not step.answered_at:
            yield _("Module %(number)s: %(title)s, handed in %(day)s, waits for an answer") % {
                **named,
                "day": _day(step.sent_at),
            }
        elif step.opened_at and not step.sent_at:
            yield _("Module %(number)s: %(title)s, open since %(day)s") % {**named, "day": _day(step.opened_at)}


def _measures(submissions: Sequence[Submission], language: str) -> Iterator[Measured]:
    """Yield each questionnaire that has a total; `submissions` are newest first."""
    by_form: dict[str, list[Submission]] = {}
    for each in submissions:
        if each.kind == Submission.Kind.MEASURE and each.total is not None and each.form in instruments():
            by_form.setdefault(each.form, []).append(each)
    for form, group in by_form.items():
        instrument, last = instruments()[form], group[0]
        course = [_("%(total)s the time before") % {"total": written(group[1].total)}] if len(group) > 1 else []
        course += [_("%(total)s the first time") % {"total": written(group[-1].total)}] if len(group) > 2 else []
        direction = _("Lower is better.") if instrument.higher_is_worse else _("Higher is better.")
        yield Measured(instrument.called(language), written(last.total), last.sent_at, ", ".join(course), direction)


def _last_contact(course: Course) -> Iterator[tuple[str, datetime]]:
    """Yield who wrote or spoke last, and when: staff, then the patient."""
    spoken = [(each.flag.closed_by, each.flag.contact_at) for each in course.closed_flags if each.flag.contact_at]
    replies = [(message.author, message.sent_at) for message in course.messages if not message.from_patient]
    latest = max((each for each in [*spoken, *replies] if each[0] and each[1]), key=lambda each: each[1], default=None)
    if latest and latest[0] and latest[1]:
        yield _("From the clinic: %(name)s") % {"name": latest[0].full_name}, latest[1]
    said = [message.sent_at for message in course.messages if message.from_patient]
    sent = [each.sent_at for each in course.submissions if each.entered_by_id == course.treatment.patient.user_id]
    if said or sent:
        yield _("From the patient"), max([*said, *sent])


def _next_steps(course: Course) -> Iterator[str]:
    """Yield what is to be done: what waits for an answer, the day of the next contact, the module that comes next."""
    unread = sum(message.from_patient and message.read_at is None for message in course.messages)
    if unread:
        words = ngettext("%(count)s message is unread.", "%(count)s messages are unread.", unread)
        yield words % {"count": unread}
    if contact := course.treatment.next_contact_on:
        yield _("Next contact: %(day)s.") % {"day": date_format(contact, "l j F")}
    if step := course.next_step:
        yield _("Next module: %(number)s. %(title)s.") % {"number": step.module.number, "title": step.module.title}


def _agreed(course: Course, language: str) -> list[ChangeInWords]:
    """Return the latest changes of the plan that say what was agreed: a new date, or words to the patient."""
    changes = PlanChange.objects.filter(treatment=course.treatment).select_related("by", "step__module")
    spoken = changes.exclude(new_date=None, words="")
    return [told(change, language) for change in spoken[:CHANGES_SHOWN]]


def _call_number(submissions: Sequence[Submission]) -> str:
    """Return the number on which the patient asked to be called last, "" where it was the known one."""
    asked = next((each for each in submissions if each.kind == Submission.Kind.CALL_ME), None)
    return str(asked.answers.get("phone", "")) if asked else ""


def _kin(patient: Patient) -> NextOfKin | None:
    return patient.next_of_kin.with_consent().first()


def _day(at: datetime) -> str:
    return date_format(timezone.localtime(at), "j F")
