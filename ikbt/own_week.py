"""What a patient sees first: the next step, this week, the course so far. Reads rows, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import F, OuterRef, Q, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clinics.models import Patient
from followup.charts import Trend
from ikbt.own_course import Total, drawn, in_words
from messaging.models import Message
from messaging.promises import Promise
from messaging.reading import promise_while_away
from programs.asking import asking_of
from programs.doors import tools_in, treatments_of
from programs.models import Draft, Step, Submission, Treatment
from programs.progress import ModuleState, is_quiet
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.rules import Kind as FlagKind

EXCERPT = 160  # characters of a message
RECENT = timedelta(days=7)
LOG = "mood_log"  # the tool that is used daily


@dataclass(frozen=True)
class Task:
    """One row of the week's list; `url` "" is not open yet."""

    text: str
    status: str
    level: str = ""
    url: str = ""


@dataclass(frozen=True)
class Sent:
    """One thing that the patient sent: what form, when, and its total where it has one."""

    kind: str
    form: str
    at: datetime
    total: Decimal | None


class OwnWeek:
    """One patient's treatment as the first page shows it. Seven queries, four more with an absence.

    `therapist` is the first name, `reader` who reads and answers now: the therapist, or who stands in, or the clinic.
    """

    def __init__(self, treatment: Treatment, now: datetime) -> None:
        self.treatment, self.now = treatment, now
        self.therapist = treatment.assignment.therapist.first_name
        self.instrument = instruments().get(treatment.primary_measure)
        steps = list(_steps(treatment))
        self.modules = [_state(step) for step in steps]
        self.tools = tools_in(step.module.facts.get("tools") for step in steps if step.opened_at)
        self.sent = _sent(treatment, now)
        self.asking = asking_of(
            treatment,
            now,
            get_language() or "sv",
            modules=[(step.module.slug, step.sent_at) for step in steps],
            sent={each.form: each.at for each in self.sent if each.kind == Submission.Kind.MEASURE},
        )
        self.runs = treatment.ended_at is None
        self.follow_up_waits = self.runs and _follow_up_waits(treatment)
        self.message: Message | None = _last_message(treatment)
        self.promise: Promise | None = self._promise() if self.runs else None
        self.reader = self._reader()

    def _promise(self) -> Promise | None:
        self.treatment.assignment.patient = self.treatment.patient  # loaded with its clinic
        return promise_while_away(self.treatment.assignment, self.now)

    def _reader(self) -> str:
        if self.promise is None or not self.promise.is_away:
            return self.therapist
        return self.promise.reader or self.treatment.patient.clinic.name

    @property
    def measures(self) -> list[Sent]:
        primary = self.treatment.primary_measure
        return [each for each in self.sent if each.kind == Submission.Kind.MEASURE and each.form == primary]

    @property
    def measure_waits(self) -> bool:
        return bool(self.asking.waiting)

    @property
    def measure_url(self) -> str:
        """Return where to answer: the one form that waits, or the list when there are several."""
        waiting = self.asking.waiting
        return reverse("measure", args=[waiting[0].instrument.id]) if len(waiting) == 1 else reverse("measures")

    @property
    def logs(self) -> list[datetime]:
        return [each.at for each in self.sent if each.kind == Submission.Kind.TOOL and each.form == LOG]

    @property
    def has_log(self) -> bool:
        return self.runs and any(tool.id == LOG for tool in self.tools)

    @property
    def log_waits(self) -> bool:
        today = timezone.localdate(self.now)
        return self.has_log and not any(timezone.localdate(at) == today for at in self.logs)

    @property
    def is_quiet(self) -> bool:
        signs = [each.at for each in self.sent]
        signs += [step.opened_at for step in self.modules if step.opened_at]
        drafted: datetime | None = getattr(self.treatment, "last_draft_at", None)
        return self.runs and bool(signs) and is_quiet(max([*signs, *([drafted] if drafted else [])]), self.now)

    @property
    def is_first_visit(self) -> bool:
        return self.runs and not self.sent and not any(module.last_page for module in self.modules)

    @property
    def weeks(self) -> tuple[int, int]:
        """Return the week now and how many are planned."""
        planned = int((self.treatment.revision.facts.get("weeks") or {}).get("planned", 10))
        return min(max(self.treatment.week(self.now), 1), planned), planned

    def tasks(self) -> list[Task]:
        """Return this week's list: the measure, open modules, the log, and what comes next."""
        rows = [self._measure_task()]
        recent = self.now - RECENT
        shown = [m for m in self.modules if m.waits or (m.sent_at and m.sent_at >= recent)]
        rows += [_module_task(module) for module in shown]
        if self.has_log:
            count = sum(1 for at in self.logs if at >= recent)
            times = ngettext("%(n)d row so far", "%(n)d rows so far", count) % {"n": count}
            rows.append(Task(_("My day: write a row"), times, url=reverse("tool", args=[LOG])))
        coming = next((module for module in self.modules if not module.is_open), None)
        if coming:
            status = _("%(name)s opens it") % {"name": self.reader}
            rows.append(Task(_part(coming), status))
        return rows

    def _measure_task(self) -> Task:
        """Return how many questions wait and how long they take; when none do, that they are done."""
        if not self.measure_waits:
            return Task(_("How are you?"), _("Done"), "done")
        count = self.asking.questions
        text = ngettext("How are you? %(n)d question", "How are you? %(n)d questions", count) % {"n": count}
        text += ", " + _("about %(minutes)d min") % {"minutes": self.asking.minutes}
        return Task(text, _("To do"), "new", self.measure_url)

    def earlier(self) -> list[Task]:
        """Return the modules that were sent more than a week ago."""
        recent = self.now - RECENT
        return [_module_task(module) for module in self.modules if module.sent_at and module.sent_at < recent]

    def excerpt(self) -> str:
        return Truncator(self.message.text).chars(EXCERPT) if self.message else ""

    @property
    def totals(self) -> list[Total]:
        """Return the main measure's totals with their moments, oldest first."""
        return [(each.at, each.total) for each in self.measures if each.total is not None]

    def course(self) -> Trend | None:
        """Return the primary measure over the weeks, from its second value on."""
        started = self.treatment.started_at
        return drawn(self.instrument, self.totals, started) if self.instrument and started else None

    def course_in_words(self) -> str:
        return in_words(self.instrument, self.totals, self.reader) if self.instrument else ""


def own_week(patient: Patient, now: datetime) -> OwnWeek | None:
    """Return the first page's facts, None while no treatment has started."""
    last_draft = Draft.objects.filter(treatment=OuterRef("pk")).order_by("-updated_at").values("updated_at")[:1]
    treatment = treatments_of(patient, now).annotate(last_draft_at=Subquery(last_draft)).first()
    return OwnWeek(treatment, now) if treatment else None


def _steps(treatment: Treatment) -> Iterable[Step]:
    slugs = ArrayAgg("module__pages__slug", order_by="module__pages__number")
    steps = treatment.steps.select_related("module").defer("module__notes", "module__short")
    return steps.annotate(slugs=slugs).order_by("module__number")


def _state(step: Step) -> ModuleState:
    minutes = step.module.facts.get("minutes") or {}
    return ModuleState(
        code=str(step.code), number=step.module.number, title=step.module.title,
        pages=tuple(getattr(step, "slugs", ()) or ()), last_page=step.last_page, opened_at=step.opened_at,
        sent_at=step.sent_at, minutes=int(minutes.get("read", 0)) + int(minutes.get("do", 0)),
    )  # fmt: skip


def _sent(treatment: Treatment, now: datetime) -> list[Sent]:
    """Return all answers to questionnaires, and everything from the last eight days, oldest first."""
    rows = treatment.submissions.filter(Q(kind=Submission.Kind.MEASURE) | Q(sent_at__gte=now - timedelta(days=8)))
    return [Sent(*row) for row in rows.order_by("sent_at", "pk").values_list("kind", "form", "sent_at", "total")]


def _follow_up_waits(treatment: Treatment) -> bool:
    """Say whether an item was marked after the follow-up questions were last answered, and its flag is open."""
    unasked = Q(asked_at=None) | Q(findings__found_at__gt=F("asked_at"))
    flags = Flag.objects.open().filter(
        unasked, patient=treatment.patient_id, kind=FlagKind.SUICIDE, findings__value__gte=1
    )
    return flags.exists()


def _last_message(treatment: Treatment) -> Message | None:
    received = Message.objects.filter(treatment=treatment, from_patient=False).select_related("author")
    return received.order_by("-sent_at", "-pk").first()


def _part(module: ModuleState) -> str:
    return _("Part %(number)d: %(title)s") % {"number": module.number, "title": module.title}


def _module_task(module: ModuleState) -> Task:
    status, level = _("To do"), "new"
    if module.sent_at:
        status, level = _("Sent"), "done"
    elif module.last_page:
        status, level = _("Begun"), ""
    return Task(_part(module), status, level, reverse("module", args=[module.code]))
