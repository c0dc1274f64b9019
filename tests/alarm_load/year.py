"""The year itself: what is sent, the sweeps, and clinicians who answer each flag, moment after moment in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from itertools import count
from random import Random
from uuid import UUID, uuid5

from messaging.actions import send_message
from programs.actions import end_treatment, send_measure, send_tool_entry
from programs.models import Revision, Treatment
from programs.shipped import instruments
from riskmonitor.actions import close_flag
from riskmonitor.models import Flag
from riskmonitor.sweeps import check_break_off, escalate_one, screen_one
from tests.alarm_load.courses import WEEKS, Course, Sent, Sign
from tests.bench.world import Ward, start

FIRST = datetime(2027, 1, 11, 7, 0, tzinfo=UTC)  # a Monday, eight in the morning in Stockholm
EARLY = timedelta(hours=23)  # six in the morning, once a day: the real sweep looks every five minutes
AFTER_THE_LAST = timedelta(days=3)  # when a whole treatment is rounded off
GIVEN_UP = timedelta(days=30)  # when one who fell silent is written off
TALKED, NEXT = "Har talat med patienten om hur det är.", "Ny kontakt nästa vecka."
NAMESPACE = UUID("d9d0d3a8-7b43-4b0a-8a2b-6f5a4a3f9a10")
Act = Callable[[datetime], None]


@dataclass(frozen=True)
class Case:
    """One patient's flags that one person answered together."""

    person: int
    patient: int
    at: datetime
    kinds: tuple[str, ...]


@dataclass(frozen=True)
class Planted:
    """A sign and where it was planted: the key of what was sent, or the treatment and since when it is silent."""

    sign: Sign
    treatment: int
    at: datetime
    key: UUID | None = None


@dataclass
class Year:
    """Plays courses from their starts. What is left at the end: cases, what was planted, and counts."""

    seed: int
    cases: list[Case] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    told: list[UUID] = field(default_factory=list)
    sent: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._chance, self._numbers = Random(self.seed), count()
        self._agenda: list[tuple[datetime, int, Act]] = []

    def play(self, wards: list[Ward], courses: list[Course], starts: list[datetime], revision: Revision) -> None:
        """Play everything in order of time; what happens at one moment, in the order in which it was put down."""
        for ward, course, at in zip(wards, courses, starts, strict=True):
            self._put(at, partial(self._start, ward, course, revision))
        last = starts[-1] + timedelta(weeks=WEEKS) + GIVEN_UP
        for day in range((last - FIRST).days):
            self._put(FIRST + timedelta(days=day) + EARLY, self._look_for_silence)
        while self._agenda:
            at, _number, act = heappop(self._agenda)
            act(at)

    def _put(self, at: datetime, act: Act) -> None:
        heappush(self._agenda, (at, next(self._numbers), act))

    def _start(self, ward: Ward, course: Course, revision: Revision, at: datetime) -> None:
        treatment = start(ward, revision, at)
        for each in course.sent:
            self._put(at + each.after, partial(self._send, treatment, each))
        last = at + course.ends
        if not course.gives_up:
            self._put(last + AFTER_THE_LAST, partial(self._end, treatment, None))
        else:
            self.planted.append(Planted(Sign.SILENT, treatment.pk, last))
            self._put(last + GIVEN_UP, partial(self._end, treatment, Treatment.EndReason.MOTIVATION))

    def _send(self, treatment: Treatment, each: Sent, at: datetime) -> None:
        """Send as the pages do, let the chain read it, and let the flag's owner find time for what comes of it."""
        key, patient = uuid5(NAMESPACE, f"{self.seed}:{next(self._numbers)}"), treatment.patient.user
        if each.kind == "message":
            send_message(treatment=treatment, text=each.text, key=key, by=patient, now=at)
        elif each.kind == "log":
            entry = {"date": f"{at:%Y-%m-%d}", "time": "12:00", "activity": "Promenad", "mood": 5, "note": each.text}
            send_tool_entry(treatment=treatment, tool="mood_log", entry=entry, key=key, by=patient, now=at)
        else:
            form = instruments()[each.kind]
            answers = {item.id: value for item, value in zip(form.items, each.answers, strict=True)}
            send_measure(
                treatment=treatment, instrument=form, version=form.version, answers=answers, key=key, by=patient, now=at
            )
        self.sent[each.kind] += 1
        self.planted += [Planted(sign, treatment.pk, at, key) for sign in each.planted]
        self.told += [key] * each.told
        while screen_one(at):
            pass
        self._find_time(at, Flag.objects.open().filter(patient=treatment.patient_id))

    def _look_for_silence(self, at: datetime) -> None:
        if check_break_off(at):
            self._find_time(at, Flag.objects.open().filter(alerted_at=at))

    def _find_time(self, at: datetime, flags: Iterable[Flag]) -> None:
        """Let the owner take it up within half an hour of working time; the flag says from when that counts."""
        for flag in flags:
            soon = max(at, flag.clock_from) + timedelta(minutes=self._chance.randint(5, 25))
            self._put(soon, partial(self._answer, flag.patient_id))

    def _answer(self, patient: int, at: datetime) -> None:
        """Answer all of the patient's open flags in one talk."""
        while escalate_one(at):
            pass
        flags = list(Flag.objects.open().filter(patient=patient).select_related("owner"))
        for flag in flags:
            close_flag(
                flag=flag, by=flag.owner, outcome="contacted", assessment=TALKED, action=NEXT, contact_at=at,
                contact_with="Patienten", now=at,
            )  # fmt: skip
        if flags:
            self.cases.append(Case(flags[0].owner_id, patient, at, tuple(sorted(flag.kind for flag in flags))))

    def _end(self, treatment: Treatment, reason: Treatment.EndReason | None, at: datetime) -> None:
        end_treatment(treatment=treatment, by=treatment.assignment.therapist, now=at, reason=reason)
