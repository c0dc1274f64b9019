"""What happened to the demo's patients, told in order of time with the platform's own verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone
from django.utils.translation import gettext as _

from clinics.models import Patient, Profession, User
from ikbt.demo.entries import measure_answers, module_answers, night_entry, tool_entry
from ikbt.demo.switches import decisions
from messaging.actions import mark_read, send_message
from programs.actions import (
    end_treatment,
    keep_line,
    mark_seen,
    move_line,
    open_module,
    send_measure,
    send_module,
    send_stuck,
    send_tool_entry,
    start_treatment,
)
from programs.models import Assessment, Revision, Step, Submission, Treatment
from programs.pages.reading import ModuleReading
from programs.shipped import instruments
from programs.tools import tools
from riskmonitor.actions import acknowledge, close_flag
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one

Event = tuple[datetime, Callable[[datetime], object]]
GOALS = "goals_week"  # how the demo's texts call the questions about the goals, since goals is the tool
DIARY = "sleep_diary"
RECENT = timedelta(minutes=40)  # what happened "today" has just happened, whatever the hour


class Story:
    """One patient's treatment, from assessment to today."""

    def __init__(
        self,
        entry: dict[str, Any],
        patient: Patient,
        staff: dict[str, User],
        now: datetime,
        *,
        assessed: dict[str, str],
    ) -> None:
        """Know the entry of the texts; assessed: what the programme's patients were assessed to have, and how."""
        self.entry, self.patient, self.staff, self.now, self.assessed = entry, patient, staff, now, assessed
        self.today = timezone.localdate(now)
        self.therapist, self.substitute = staff[entry["therapist"]], staff[entry["substitute"]]
        self.treatment: Treatment

    def tell(self, revision: Revision) -> None:
        """Let everything happen, oldest first; what was sent is screened right after."""
        self._start(revision)
        for at, happen in sorted(self._events(), key=lambda event: event[0]):
            happen(at)
            while screen_one(at + timedelta(seconds=2)):
                pass

    def at(self, days_ago: int, clock: str = "10:00") -> datetime:
        """Return the moment so many days ago, by the clinic's clock; never later than just now."""
        day = self.today - timedelta(days=days_ago)
        moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=timezone.get_default_timezone())
        return min(moment, self.now - RECENT)

    def key(self, *parts: object) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.treatment.code}:{parts}")

    def _start(self, revision: Revision) -> None:
        at = self.at(self.entry["started_days_ago"], "09:00")
        assessment = Assessment.objects.create(
            patient=self.patient, assessor=self.staff["berit"], profession=Profession.PSYCHOLOGIST,
            decided_at=at - timedelta(days=6), icd10=self.assessed["icd10"], interview=self.assessed["interview"],
            risk=self.entry.get("risk", "-"),
        )  # fmt: skip
        self.treatment = start_treatment(
            patient=self.patient, assessment=assessment, revision=revision, therapist=self.therapist,
            substitute=self.substitute, consented_at=at, by=self.therapist, now=at, demo=True,
            language=self.entry.get("language", ""),
        )  # fmt: skip

    def _events(self) -> Iterator[Event]:
        yield from self._measures()
        yield from self._modules()
        yield from self._tool_entries()
        yield from self._nights()
        yield from self._kept_lines()
        yield from self._stuck()
        yield from decisions(self)
        yield from self._messages()
        yield from self._closed_flags()
        if ended := self.entry.get("ended_days_ago"):
            yield self.at(ended, "15:00"), self._end

    def _measures(self) -> Iterator[Event]:
        for measure in self.entry.get("measures", []):
            for number, told in enumerate(name for name in (*instruments(), GOALS) if name in measure):
                instrument = "goals" if told == GOALS else told
                answers = measure_answers(instrument, measure[told], measure.get("item9", 0))
                at = self.at(measure["days_ago"], "18:00") + timedelta(minutes=number)
                yield at, partial(self._send_measure, instrument, answers)

    def _send_measure(self, instrument: str, answers: dict[str, Any], at: datetime) -> Submission:
        form = instruments()[instrument]
        return send_measure(
            treatment=self.treatment, instrument=form, version=form.version, answers=answers,
            key=self.key(instrument, at), by=self.patient.user, now=at,
        )  # fmt: skip

    def _modules(self) -> Iterator[Event]:
        for number, (slug, told) in enumerate(self.entry.get("modules", {}).items()):
            opened = self.at(told.get("opened_days_ago", told.get("sent_days_ago", 3) + 1), "11:00")
            if number:
                yield opened, partial(self._open_module, slug)
            if "sent_days_ago" in told:
                yield self.at(told["sent_days_ago"], "19:30"), partial(self._send_module, slug, told["answers"])

    def step(self, slug: str) -> Step:
        """Return the patient's copy of a module as it stands now."""
        return self.treatment.steps.select_related("module__revision", "treatment__patient").get(module__slug=slug)

    def _open_module(self, slug: str, at: datetime) -> Step:
        return open_module(treatment=self.treatment, module=self.step(slug).module, by=self.therapist, now=at)

    def _send_module(self, slug: str, told: dict[str, Any], at: datetime) -> Submission:
        step = self.step(slug)
        answers = module_answers({each.id: each for each in step.module.questions()}, told, self.today)
        return send_module(step=step, answers=answers, key=self.key(slug), by=self.patient.user, now=at)

    def _tool_entries(self) -> Iterator[Event]:
        for tool in (name for name in self.entry if name in tools()):
            for number, told in enumerate(self.entry[tool]):
                planned = self.at(told["days_ago"] + (2 if tool == "week_planner" else 0), told.get("time", "20:00"))
                yield planned, partial(self._keep_entry, tool, tool_entry(tool, told, self.today), number)

    def _nights(self) -> Iterator[Event]:
        """Each night of the diary is told in the morning after it."""
        for told in self.entry.get("nights", []):
            yield self.at(told[0], "08:15"), partial(self._keep_entry, DIARY, night_entry(told, self.today), told[0])

    def _keep_entry(self, tool: str, entry: dict[str, Any], number: int, at: datetime) -> Submission:
        return send_tool_entry(
            treatment=self.treatment, tool=tool, entry=entry, key=self.key(tool, number), by=self.patient.user, now=at
        )

    def _kept_lines(self) -> Iterator[Event]:
        for told in self.entry.get("kept_lines", []):
            yield self.at(told["days_ago"], "19:20"), partial(self._keep_line, told)

    def _keep_line(self, told: dict[str, Any], at: datetime) -> None:
        """Press a button "Save in my plan" on a page, and place the line where the patient wants it."""
        reading = ModuleReading(self.step(told["module"]), at)
        page = reading.page(told["page"]) or reading.last
        parts = reading.parts(page, reading.form(page))
        button = next(each for part in parts for each in part.buttons if told["begins"] in each.text)
        module = reading.step.module
        source = _("Part %(number)d: %(title)s") % {"number": module.number, "title": module.title}
        line = keep_line(
            treatment=self.treatment, origin=button.origin, source=source, text=button.text, by=self.patient.user,
            now=at,
        )  # fmt: skip
        move_line(line=line, part=told.get("part", ""), by=self.patient.user, now=at)

    def _stuck(self) -> Iterator[Event]:
        for told in self.entry.get("stuck", []):
            yield self.at(told["days_ago"], told["time"]), partial(self._say_stuck, told)

    def _say_stuck(self, told: dict[str, Any], at: datetime) -> Submission:
        return send_stuck(
            treatment=self.treatment, reason=told["reason"], words=told["words"], key=self.key("stuck", at),
            by=self.patient.user, now=at, step=self.step(told["module"]),
        )  # fmt: skip

    def _messages(self) -> Iterator[Event]:
        for told in self.entry.get("messages", []):
            author = self.patient.user if told["who"] == "patient" else self.therapist
            yield self.at(told["days_ago"], told["time"]), self._writing(author, told["text"])

    def _writing(self, author: User, text: str) -> Callable[[datetime], object]:
        def write(at: datetime) -> None:
            if author == self.patient.user:
                mark_read(treatment=self.treatment, by=author, now=at)
            send_message(treatment=self.treatment, text=text, key=self.key("message", at), by=author, now=at)
            if author == self.therapist:
                mark_seen(treatment=self.treatment, now=at)

        return write

    def _closed_flags(self) -> Iterator[Event]:
        for told in self.entry.get("flags", []):
            if not told.get("open"):
                raised = self.at(told["measure_days_ago"], "18:00")
                closed = max(raised + timedelta(hours=14), self.at(told["measure_days_ago"] - 1, "08:40"))
                yield closed, self._closing(told)

    def _closing(self, told: dict[str, Any]) -> Callable[[datetime], object]:
        def close(at: datetime) -> None:
            clinician = self.staff[told["by"]]
            flag = Flag.objects.open().get(patient=self.patient, kind="suicide")
            acknowledge(flag=flag, by=clinician, now=at - timedelta(minutes=25))
            close_flag(
                flag=flag, by=clinician, outcome=told["outcome"], assessment=told["note"], action="", now=at,
                contact_at=at - timedelta(minutes=20), contact_with=self.patient.user.full_name,
            )  # fmt: skip

        return close

    def _end(self, at: datetime) -> None:
        self.treatment.refresh_from_db()
        reason = self.entry.get("end_reason")
        end_treatment(
            treatment=self.treatment, by=self.therapist, now=at, reason=Treatment.EndReason(reason) if reason else None
        )
