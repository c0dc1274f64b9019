"""What is known of a clinic at one moment, and what may happen to it: plain facts, in none of the product's types.

All moments are whole minutes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

HERE = ZoneInfo("Europe/Stockholm")
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)
Span = tuple[datetime, datetime]
Openings = tuple[tuple[time, time], ...]
Week = Mapping[int, Openings]


class What(StrEnum):
    PLANNED = "planned"
    SUDDEN = "sudden"
    BACK = "back"  # earlier than said
    LEAVES = "leaves"
    ACCOUNT_CLOSED = "account_closed"
    COMPETENCE = "competence"
    WEEK = "week"
    NAMED = "named"
    OPENING = "opening"  # other hours every week, from now on
    DAY = "day"  # one day closed, or open in other hours, a holiday too
    SEASON = "season"  # other hours between two days
    HUB_AGREED = "hub_agreed"  # with a hub that has none, or longer than was agreed
    HUB_ENDED = "hub_ended"  # before its time
    HUB_DAY = "hub_day"
    HUB_OPENING = "hub_opening"
    SWEEP = "sweep"  # nothing but a look ahead: in the product every five minutes


OF_HOURS = (What.OPENING, What.DAY, What.SEASON, What.HUB_DAY, What.HUB_OPENING)


@dataclass(frozen=True)
class Person:
    """`from_hub`: of the clinic that helps out, with its hours, for as long as it helps."""

    code: str
    week: Week | None = None
    away: tuple[Span, ...] = ()
    belongs: Span | None = None
    competent: bool = True
    licensed: bool = True
    active: bool = True
    from_hub: bool = False


@dataclass(frozen=True)
class Season:
    first: date
    last: date
    week: Week

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, eq=False)  # known by itself: what is counted from its hours is remembered by it
class Clinic:
    """When a clinic is open: each week, in seasons, and on days of its own, which win."""

    week: Week
    special: Mapping[date, Openings]
    seasons: tuple[Season, ...] = ()


@dataclass(frozen=True)
class Hub:
    """The clinic that helps out, and from when until when: None before anything is agreed, and when it was ended."""

    clinic: Clinic
    helps: Span | None = None


class StandIn(NamedTuple):
    """Somebody named for as long as somebody else is absent, and no longer."""

    code: str
    span: Span
    absent: str


@dataclass(frozen=True)
class State:
    """What is known at one moment."""

    clinic: Clinic
    people: Mapping[str, Person]
    therapist: str
    substitute: str
    lead: str
    deputy: str
    stand_ins: tuple[StandIn, ...] = ()
    hub: Hub | None = None

    def with_person(self, person: Person) -> State:
        return replace(self, people={**self.people, person.code: person})


@dataclass(frozen=True)
class Event:
    """Something that happens `at` a moment to somebody, or to the hours.

    `span` is of an absence, a leaving or an agreement; `week` of changed hours; `days` are the first and the last day
    of a season, twice the same for one day, whose hours are `openings`.
    """

    at: datetime
    what: What
    code: str = ""
    span: Span | None = None
    week: Week | None = None
    days: tuple[date, date] | None = None
    openings: Openings = ()
    finds_help: bool = False  # the lead names a stand-in where one is needed


@dataclass(frozen=True)
class Calendar:
    state: State
    start: datetime
    events: list[Event] = field(default_factory=list)


def local(day: date, minute: int) -> datetime:
    """Return the moment of a minute of the day, by the clock on the wall."""
    clock = time(minute // 60 % 24, minute % 60)
    return datetime.combine(day + timedelta(days=minute // 1440), clock, tzinfo=HERE).astimezone(UTC)
