"""One patient's treatment as the patient view shows it. Reads only: four queries, however much the patient has sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid5

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, FilteredRelation, Func, JSONField, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from clinics.models import Patient, User
from followup.bands import bands_of
from ikbt.casework.flags_shown import FlagShown, flags_of, marks_in, message_marks_in
from ikbt.casework.handed_in import Sheet, latest_sheets
from ikbt.casework.said import Part, Reader, Said, marked
from messaging.models import Message
from programs.charts import Event, Point, Trend, trend
from programs.drafts import Kept, clock
from programs.models import Page, Step, Submission, Treatment
from programs.plans.sleep_windows import DIARY
from programs.shipped import instruments

WEEK = 7 * 24 * 3600  # seconds
_QUESTION_BLOCKS = Func(
    F("blocks"),
    Value('$[*] ? (@.type == "question")'),
    function="jsonb_path_query_array",
    template="%(function)s(%(expressions)s::jsonpath)",
    output_field=JSONField(),
)
_QUESTIONS = Page.objects.filter(module=OuterRef("module")).order_by("number").values(asked=_QUESTION_BLOCKS)


@dataclass(frozen=True)
class Course:
    """The rows of one treatment. `submissions` are newest first, `messages` oldest first."""

    treatment: Treatment
    steps: Sequence[Step]
    submissions: Sequence[Submission]
    messages: Sequence[Message]
    flags: Sequence[FlagShown]
    draft: Kept | None

    @property
    def since(self) -> datetime:
        """From when things are new to the therapist: the last time somebody worked with the patient."""
        return self.treatment.seen_by_therapist_at or self.treatment.started_at or self.treatment.planned_at

    @property
    def open_flags(self) -> list[FlagShown]:
        return [flag for flag in self.flags if flag.flag.closed_at is None]

    @property
    def closed_flags(self) -> list[FlagShown]:
        return [flag for flag in self.flags if flag.flag.closed_at is not None]

    @property
    def next_step(self) -> Step | None:
        """The first module on the patient's way that is not open yet."""
        return next((step for step in self.steps if step.opened_at is None and step.hidden_at is None), None)

    def step(self, code: UUID | None) -> Step | None:
        """Return the module of that code, if it is one of this treatment."""
        return next((step for step in self.steps if step.code == code), None)

    @property
    def has_diary(self) -> bool:
        """Say whether the patient keeps a sleep diary: a module with it is open."""
        return any(step.opened_at and DIARY in (step.module.facts.get("tools") or ()) for step in self.steps)

    @property
    def current_step(self) -> Step | None:
        """The module that the reply is about: the latest one sent and not answered, else the latest one open."""
        waiting = [step for step in self.steps if step.sent_at and not step.answered_at]
        opened = [step for step in self.steps if step.opened_at]
        return next(reversed(waiting or opened), None)

    def reply_key(self, user: User) -> UUID:
        """Return the key of the user's next reply: the same in every tab until it is sent."""
        sent = sum(message.author_id == user.pk for message in self.messages)
        return uuid5(self.treatment.code, f"reply:{user.code}:{sent}")

    def sheets(self, reader: Reader) -> list[Sheet]:
        return latest_sheets(self.submissions, self.since, marks_in(self.flags), reader)

    def is_new(self, message: Message) -> bool:
        """Say whether the patient wrote it since the therapist was here, or nobody has read it."""
        return message.from_patient and (message.sent_at > self.since or message.read_at is None)

    def thread(self) -> list[tuple[Message, Said]]:
        """Return the messages with risky phrases in parts of their own, newest first."""
        marks = message_marks_in(self.flags)
        return [
            (message, marked(message.text, marks[message.pk]) if message.pk in marks else (Part(message.text),))
            for message in reversed(self.messages)
        ]


def reply_draft_key(treatment: Treatment) -> str:
    return f"reply:{treatment.code}"


def read_course(patient: Patient, user: User) -> Course | None:
    """Return the patient's latest treatment, None when there is none.

    One query brings the treatment with its modules and the user's unsent reply: a page may cost twelve in all.
    """
    steps = list(
        Step.objects.filter(treatment__patient=patient)
        .select_related(
            "module", "treatment__revision",
            "treatment__assignment__therapist", "treatment__assignment__substitute",
        )
        .annotate(
            reply=FilteredRelation(
                "treatment__drafts",
                condition=Q(treatment__drafts__owner=user, treatment__drafts__form_key__startswith="reply:"),
            ),
            draft_data=F("reply__data"),
            draft_version=F("reply__version"),
            draft_saved_at=F("reply__updated_at"),
        )
        .order_by("-treatment__planned_at", "treatment_id", Coalesce("place", "module__number"))
    )  # fmt: skip
    if not steps:
        return None
    treatment = steps[0].treatment
    treatment.patient = patient
    return Course(
        treatment=treatment,
        steps=[step for step in steps if step.treatment_id == treatment.pk],
        submissions=_of(treatment, with_questions(Submission.objects.filter(treatment=treatment))),
        messages=list(Message.objects.filter(treatment=treatment).select_related("author").order_by("sent_at", "pk")),
        flags=flags_of([patient], also_closed=True)[patient.pk],
        draft=_draft(steps[0]),
    )


def _of(treatment: Treatment, submissions: Iterable[Submission]) -> list[Submission]:
    """Return the rows with the treatment that is loaded already, and its patient."""
    found = list(submissions)
    for submission in found:
        submission.treatment = treatment
    return found


def _draft(step: Step) -> Kept | None:
    """Return the user's unsent reply from the annotations of `read_course`."""
    found = vars(step)
    if not found["draft_version"]:
        return None
    return Kept(found["draft_data"], found["draft_version"], clock(found["draft_saved_at"]))


def with_questions(submissions: QuerySet[Submission]) -> QuerySet[Submission]:
    """Add each module's question blocks, page by page: the words that the answers belong to. Newest first."""
    related = submissions.select_related("module", "entered_by").annotate(questions=ArraySubquery(_QUESTIONS))
    return related.order_by("-sent_at", "-pk")


def chart(course: Course, language: str) -> Trend | None:
    """Return the weekly measure over the weeks, with when modules were opened; None before the first measure."""
    treatment, start = course.treatment, course.treatment.started_at
    instrument = instruments().get(treatment.primary_measure)
    if instrument is None or start is None:
        return None
    measures = [
        submission
        for submission in reversed(course.submissions)
        if submission.kind == Submission.Kind.MEASURE
        and submission.form == instrument.id
        and submission.total is not None
    ]
    if not measures:
        return None
    points = [
        Point(at=week, label=_("w %(week)s") % {"week": max(int(week), 0) + 1}, value=float(measure.total or 0))
        for measure in measures
        for week in [(measure.sent_at - start).total_seconds() / WEEK]
    ]
    events = [
        Event((step.opened_at - start).total_seconds() / WEEK, _("Module %(number)s") % {"number": step.module.number})
        for step in course.steps
        if step.opened_at
    ]
    return trend(
        id="course",
        title=_("%(measure)s over the weeks") % {"measure": instrument.called(language)},
        points=points,
        low=instrument.scoring.low,
        high=instrument.scoring.high,
        bands=bands_of(instrument, language),
        events=events,
        note=_("Lower is better.") if instrument.higher_is_worse else _("Higher is better."),
    )
