"""Made-up calendars: a clinic, its people, one patient's named people, and what happens in four weeks.

Everything is drawn from one `random.Random`, so that a seed tells the whole story. All moments are whole minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Stockholm")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
DAYS = 28  # in which something happens; 14 more are looked at
Span = tuple[datetime, datetime]
Week = Mapping[int, tuple[tuple[time, time], ...]]

LONG, LUNCH, MORNING, SPLIT = (
    ((time(8), time(17)),), ((time(8), time(12)), (time(13), time(17))), ((time(7, 30), time(12)),),
    ((time(8), time(10, 30)), (time(14), time(18, 15))),
)  # fmt: skip
CLINICS: list[Week] = [
    dict.fromkeys(range(5), LONG), dict.fromkeys(range(5), LUNCH), dict.fromkeys(range(4), LONG) | {4: MORNING},
    {0: LONG, 2: SPLIT, 4: LUNCH}, dict.fromkeys(range(6), SPLIT),
]  # fmt: skip
# Days around which calendars crowd: both clock changes, the eves, Easter, leap day, the turn of the year.
HARD_DAYS = [
    date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 24), date(2026, 12, 31), date(2026, 6, 19),
    date(2027, 6, 25), date(2026, 4, 3), date(2028, 2, 29), date(2028, 4, 14), date(2027, 1, 6),
]  # fmt: skip


class What(StrEnum):
    PLANNED = "planned"
    SUDDEN = "sudden"
    BACK = "back"  # earlier than said
    LEAVES = "leaves"
    ACCOUNT_CLOSED = "account_closed"
    COMPETENCE = "competence"
    WEEK = "week"
    NAMED = "named"
    SWEEP = "sweep"  # nothing but a look ahead: in the product every five minutes


@dataclass(frozen=True)
class Person:
    code: str
    week: Week | None = None
    away: tuple[Span, ...] = ()
    belongs: Span | None = None
    competent: bool = True
    licensed: bool = True
    active: bool = True


@dataclass(frozen=True)
class Clinic:
    week: Week
    special: Mapping[date, tuple[tuple[time, time], ...]]


@dataclass(frozen=True)
class State:
    """What is known at one moment. `stand_ins` are (code, span) of dated stand-ins."""

    clinic: Clinic
    people: Mapping[str, Person]
    therapist: str
    substitute: str
    lead: str
    deputy: str
    stand_ins: tuple[tuple[str, Span], ...] = ()

    def with_person(self, person: Person) -> State:
        return replace(self, people={**self.people, person.code: person})


@dataclass(frozen=True)
class Event:
    """Something that happens `at` a moment to somebody. `span` is of an absence, `week` and `name` of their changes."""

    at: datetime
    what: What
    code: str = ""
    span: Span | None = None
    week: Week | None = None
    finds_help: bool = False  # the lead names a stand-in where one is needed


@dataclass(frozen=True)
class Calendar:
    state: State
    start: datetime
    events: list[Event] = field(default_factory=list)


def make_calendar(dice: Random) -> Calendar:
    """Return one calendar."""
    start = _start(dice)
    week = dice.choice(CLINICS)
    days = [start.astimezone(HERE).date() + timedelta(days=n) for n in range(DAYS + 14)]
    special = {day: () if dice.random() < 0.7 else MORNING for day in days if dice.random() < 0.04}
    therapists = ["a"] if dice.random() < 0.25 else ["a", "b", "c", "d"][: dice.randint(2, 4)]
    lent = ["lent"] if len(therapists) == 1 or dice.random() < 0.1 else []
    people = [_person(dice, code, start, lent=code in lent) for code in (*therapists, *lent)]
    people += [Person(code, competent=False, licensed=False) for code in ("lead", "deputy")]
    treating = [*therapists, *lent]
    substitute = dice.choice(treating[1:]) if dice.random() < 0.97 else "nobody"
    state = State(Clinic(week, special), {each.code: each for each in people}, "a", substitute, "lead", "deputy")
    events = [_event(dice, start, [*treating, "lead", "deputy"]) for _ in range(dice.randint(0, 8))]
    events += [Event(start + n * 7 * DAY, What.SWEEP) for n in range(DAYS // 7)]
    return Calendar(state, start, sorted(events, key=lambda each: each.at))


def _start(dice: Random) -> datetime:
    if dice.random() < 0.6:
        day = dice.choice(HARD_DAYS) - timedelta(days=dice.randint(0, 20))
    else:
        day = date(2026, 1, 1) + timedelta(days=dice.randint(0, 900))
    return _local(day, dice.randint(0, 1439))


def _person(dice: Random, code: str, start: datetime, *, lent: bool) -> Person:
    belongs = None
    if lent or dice.random() < 0.1:
        belongs = (start - 30 * DAY, start + dice.randint(1, 40) * DAY)
    return Person(
        code,
        week=_week(dice) if dice.random() < 0.4 else None,
        away=tuple(_span(dice, start) for _ in range(dice.choice([0, 0, 0, 1, 2]))),
        belongs=belongs,
        competent=dice.random() < 0.95,
        licensed=dice.random() < 0.97,
        active=dice.random() < 0.98,
    )


def _week(dice: Random) -> Week:
    return {day: dice.choice([LONG, LUNCH, MORNING, SPLIT]) for day in range(6) if dice.random() < 0.7}


def _span(dice: Random, start: datetime) -> Span:
    """Return an absence within the four weeks: whole local days, or a part of one to the minute."""
    day = start.astimezone(HERE).date() + timedelta(days=dice.randint(0, DAYS))
    if dice.random() < 0.5:
        return _local(day, 0), _local(day + timedelta(days=dice.randint(1, 10)), 0)
    first = dice.randint(6 * 60, 16 * 60)
    return _local(day, first), _local(day, first + dice.randint(1, 300))


def _event(dice: Random, start: datetime, codes: list[str]) -> Event:
    at, code = start + dice.randint(0, DAYS * 1440) * MINUTE, dice.choice(codes)
    what = dice.choices(
        [
            What.PLANNED,
            What.SUDDEN,
            What.BACK,
            What.LEAVES,
            What.ACCOUNT_CLOSED,
            What.COMPETENCE,
            What.WEEK,
            What.NAMED,
        ],
        [8, 5, 2, 2, 1, 2, 2, 2],
    )[0]
    if what is What.PLANNED:
        first, last = _span(dice, at)
        return Event(at, what, code, (max(first, at), max(last, at + MINUTE)), finds_help=dice.random() < 0.6)
    if what is What.SUDDEN:
        return Event(at, what, code, (at, at + dice.randint(30, 5 * 1440) * MINUTE), finds_help=dice.random() < 0.3)
    if what is What.LEAVES:
        return Event(at, what, code, (start - 30 * DAY, at + dice.randint(0, 20 * 1440) * MINUTE))
    return Event(at, what, code, week=_week(dice) if what is What.WEEK else None)


def _local(day: date, minute: int) -> datetime:
    clock = time(minute // 60, minute % 60) if minute < 1440 else time(0)
    return datetime.combine(day + timedelta(days=minute // 1440), clock, tzinfo=HERE).astimezone(UTC)
