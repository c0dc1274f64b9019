"""What happened to the demo's patients, told in order of time with the platform's own verbs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from django.utils import timezone

from clinics.models import Patient, Profession, User
from messaging.actions import mark_read, send_message
from programs.actions import (
    end_treatment,
    mark_seen,
    open_module,
    send_measure,
    send_module,
    send_tool_entry,
    start_treatment,
)
from programs.library_format.blocks import Question
from programs.models import Assessment, Revision, Step, Submission, Treatment
from programs.shipped import instruments
from riskmonitor.actions import acknowledge, close_flag
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one

Event = tuple[datetime, Callable[[datetime], object]]
TOOLS = ("goals", "map", "mood_log", "week_planner")
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RECENT = timedelta(minutes=40)  # what happened "today" has just happened, whatever the hour


class Story:
    """One patient's treatment, from assessment to today."""

    def __init__(self, entry: dict[str, Any], patient: Patient, staff: dict[str, User], now: datetime) -> None:
        self.entry, self.patient, self.staff, self.now = entry, patient, staff, now
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
        day = timezone.localdate(self.now) - timedelta(days=days_ago)
        moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=timezone.get_default_timezone())
        return min(moment, self.now - RECENT)

    def key(self, *parts: object) -> UUID:
        return uuid5(NAMESPACE_URL, f"{self.treatment.code}:{parts}")

    def _start(self, revision: Revision) -> None:
        at = self.at(self.entry["started_days_ago"], "09:00")
        assessment = Assessment.objects.create(
            patient=self.patient, assessor=self.staff["berit"], profession=Profession.PSYCHOLOGIST,
            decided_at=at - timedelta(days=6), icd10="F32.1", interview="MINI: F32.1",
            risk=self.entry.get("risk", "-"),
        )  # fmt: skip
        self.treatment = start_treatment(
            patient=self.patient, assessment=assessment, revision=revision, therapist=self.therapist,
            substitute=self.substitute, consented_at=at, by=self.therapist, now=at, demo=True,
        )  # fmt: skip

    def _events(self) -> Iterator[Event]:
        yield from self._measures()
        yield from self._modules()
        yield from self._tool_entries()
        yield from self._messages()
        yield from self._closed_flags()
        if ended := self.entry.get("ended_days_ago"):
            yield self.at(ended, "15:00"), self._end

    def _measures(self) -> Iterator[Event]:
        for measure in self.entry.get("measures", []):
            for number, instrument in enumerate(("phq9", "gad7")):
                if instrument in measure:
                    answers = spread(measure[instrument], measure["item9"] if instrument == "phq9" else None)
                    at = self.at(measure["days_ago"], "18:00") + timedelta(minutes=number)
                    yield at, self._sending(instrument, answers)

    def _sending(self, instrument: str, answers: dict[str, int]) -> Callable[[datetime], object]:
        form = instruments()[instrument]
        return lambda at: send_measure(
            treatment=self.treatment, instrument=form, version=form.version, answers=answers,
            key=self.key(instrument, at), by=self.patient.user, now=at,
        )  # fmt: skip

    def _modules(self) -> Iterator[Event]:
        for number, (slug, told) in enumerate(self.entry.get("modules", {}).items()):
            step = Step.objects.select_related("module", "treatment").get(treatment=self.treatment, module__slug=slug)
            opened = self.at(told.get("sent_days_ago", 3) + 1, "11:00")
            if number:
                yield opened, partial(self._open_module, step)
            if "sent_days_ago" in told:
                answers = module_answers(step, told["answers"])
                yield self.at(told["sent_days_ago"], "19:30"), partial(self._send_module, slug, answers)

    def _open_module(self, step: Step, at: datetime) -> Step:
        return open_module(treatment=self.treatment, module=step.module, by=self.therapist, now=at)

    def _send_module(self, slug: str, answers: dict[str, Any], at: datetime) -> Submission:
        step = Step.objects.select_related("module__revision", "treatment").get(
            treatment=self.treatment, module__slug=slug
        )
        return send_module(step=step, answers=answers, key=self.key(slug), by=self.patient.user, now=at)

    def _tool_entries(self) -> Iterator[Event]:
        for tool in TOOLS:
            for number, told in enumerate(self.entry.get(tool, [])):
                planned = self.at(told["days_ago"] + (2 if tool == "week_planner" else 0), told.get("time", "20:00"))
                yield planned, self._keeping(tool, tool_entry(tool, told, self.now), number)

    def _keeping(self, tool: str, entry: dict[str, Any], number: int) -> Callable[[datetime], object]:
        return lambda at: send_tool_entry(
            treatment=self.treatment, tool=tool, entry=entry, key=self.key(tool, number), by=self.patient.user, now=at
        )

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


def spread(total: int, item9: int | None) -> dict[str, int]:
    """Return answers that sum to the total, as even as they can be; item 9 as told (None: a form of seven items)."""
    items = range(1, 9) if item9 is not None else range(1, 8)
    left, answers = total - (item9 or 0), {}
    for place, item in enumerate(items):
        share = -(-left // (len(items) - place))
        answers[str(item)] = min(3, share)
        left -= answers[str(item)]
    return answers if item9 is None else answers | {"9": item9}


def module_answers(step: Step, told: dict[str, Any]) -> dict[str, Any]:
    """Return the told answers in the form of their questions: a pick's word is an option's id or own words."""
    questions = {question.id: question for question in step.module.questions()}
    return {name: _answer(questions[name], value) for name, value in told.items()}


def _answer(question: Question, value: Any) -> Any:
    if question.kind != "pick":
        return value
    known = {option.id for option in question.options}
    return {"options": [value]} if value in known else {"own": value}


def tool_entry(tool: str, told: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Return the entry as its form gives it: days become a date or a weekday."""
    entry = {name: value for name, value in told.items() if name != "days_ago"}
    day = timezone.localdate(now) - timedelta(days=told["days_ago"])
    if tool == "mood_log":
        entry["date"] = day.isoformat()
    if tool == "week_planner":
        entry["day"] = DAYS[day.weekday()]
    return entry
