"""What a patient sees first: the next step, this week, the course so far. Reads rows, writes nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from clinics.models import Patient
from ikbt.casework.module_rows import Task, module_task, state_of, steps_on_way
from ikbt.own.own_course import Total, drawn, in_words
from ikbt.own.week_rows import Letter, Sent, letter_of, sent_of, treatment_of, untold_of
from messaging.promises import Promise
from messaging.reading import promise_while_away
from programs.charts import Trend
from programs.doors import behind_open_gates, tools_in
from programs.measures.asking import asking_of
from programs.measures.schedule import Asking
from programs.models import SleepWindow, Submission, Treatment
from programs.plans.sleep_windows import DIARY, window_on
from programs.shipped import instruments
from programs.toolkit.sleep import NIGHT_ENDS
from programs.treatment.changes import told
from programs.treatment.gates import Gates
from programs.treatment.progress import is_quiet

EXCERPT = 160  # characters of a message
RECENT = timedelta(days=7)
DAILY = (DIARY, "mood_log")  # the tools that are used each day; the first that the patient has is asked for


class OwnWeek:
    """One patient's treatment as the first page shows it.

    Four queries; one more with changes that are not read yet, one with a diary, three or four with an absence.
    `therapist` is the first name, `reader` who reads and answers now: the therapist, or who stands in, or the clinic.
    """

    def __init__(self, treatment: Treatment, now: datetime) -> None:
        self.treatment, self.now = treatment, now
        self.therapist = treatment.assignment.therapist.first_name
        self.instrument = instruments().get(treatment.primary_measure)
        steps, gates = steps_on_way(treatment), Gates(treatment)
        self.modules = [state_of(step, gates) for step in steps]
        self.changes = [told(change, get_language() or "sv") for change in untold_of(treatment)]
        opened, added = [step for step in steps if step.opened_at], vars(treatment)["added_tools"]
        self.tools = behind_open_gates(tools_in([*(step.facts.get("tools") for step in opened), added]), gates)
        now_in = [step for step in opened if step.sent_at is None] or opened[-1:]
        self.asked_for = {*added, *(tool for step in now_in for tool in step.facts.get("tools") or ())}
        self.sent = sent_of(treatment, now)
        self.asking = asking_of(
            treatment,
            now,
            get_language() or "sv",
            modules=[(step.slug, step.sent_at) for step in steps],
            sent={each.form: each.at for each in self.sent if each.kind == Submission.Kind.MEASURE},
        )
        self.runs = treatment.ended_at is None
        waiting = vars(treatment)["waiting"]
        self.follow_up_waits = self.runs and any(value is not None for value in waiting)
        self.question_waits = None in waiting  # also after the end: unknown stays unknown
        self.message: Letter | None = letter_of(treatment)
        self.promise: Promise | None = self._promise() if self.runs else None
        self.reader = self._reader()

    def _promise(self) -> Promise | None:
        self.treatment.assignment.patient = self.treatment.patient  # loaded with its clinic
        return promise_while_away(
            self.treatment.assignment, self.now, has_absence=vars(self.treatment)["therapist_has_absence"]
        )

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
    def log(self) -> str:
        """Return the tool that is written in each day, "" without one.

        The diary goes on to the end; another is asked for while the part that the patient is in has it.
        """
        held = {tool.id for tool in self.tools} & {DIARY, *self.asked_for} if self.runs else set()
        return next((daily for daily in DAILY if daily in held), "")

    @property
    def logs(self) -> list[datetime]:
        return [each.at for each in self.sent if each.kind == Submission.Kind.TOOL and each.form == self.log]

    @property
    def log_waits(self) -> bool:
        """Say whether today has no row yet. A night is not told before it has ended."""
        here = timezone.localtime(self.now)
        if not self.log or (self.log == DIARY and here.hour < NIGHT_ENDS):
            return False
        return not any(timezone.localdate(at) == here.date() for at in self.logs)

    @property
    def window(self) -> SleepWindow | None:
        """Return the sleep window that the therapist has decided, None without a diary. No query without one."""
        if not self.runs or not any(tool.id == DIARY for tool in self.tools):
            return None
        return window_on(self.treatment, timezone.localdate(self.now))

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
        shown = [m for m in self.modules if m.is_open and (m.sent_at is None or m.sent_at >= recent)]
        rows += [module_task(module, self.reader) for module in shown]
        if self.log:
            rows.append(self._log_task(sum(1 for at in self.logs if at >= recent)))
        coming = next((module for module in self.modules if not module.is_open), None)
        if coming:
            rows.append(module_task(coming, self.reader))
        return rows

    def _measure_task(self) -> Task:
        """Return how many questions wait and how long they take; when none do, that they are done."""
        if not self.measure_waits:
            return Task(_("How are you?"), _("Done"), "done")
        count = self.asking.questions
        text = ngettext("How are you? %(n)d question", "How are you? %(n)d questions", count) % {"n": count}
        text += ", " + _("about %(minutes)d min") % {"minutes": self.asking.minutes}
        return Task(text, _("To do"), "new", measures_url(self.asking))

    def _log_task(self, count: int) -> Task:
        """Return the row of the daily tool, with how often it was written in this week."""
        if self.log == DIARY:
            text, times = _("Sleep diary: tell the night"), ngettext("%(n)d night so far", "%(n)d nights so far", count)
        else:
            text, times = _("My day: write a row"), ngettext("%(n)d row so far", "%(n)d rows so far", count)
        url = reverse("tool", args=[self.log])
        return Task(text, times % {"n": count}, url=url) if count else Task(text, _("To do"), "new", url)

    def earlier(self) -> list[Task]:
        """Return the modules that were sent more than a week ago."""
        recent = self.now - RECENT
        return [
            module_task(module, self.reader) for module in self.modules if module.sent_at and module.sent_at < recent
        ]

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


def measures_url(asking: Asking) -> str:
    """Return where to answer: the one form that waits, or the list when there are several."""
    waiting = asking.waiting
    return reverse("measure", args=[waiting[0].instrument.id]) if len(waiting) == 1 else reverse("measures")


def own_week(patient: Patient, now: datetime) -> OwnWeek | None:
    """Return the first page's facts, None while no treatment has started."""
    treatment = treatment_of(patient, now)
    return OwnWeek(treatment, now) if treatment else None
