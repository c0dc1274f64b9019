"""Which questionnaires a patient should answer now, and until when (pure).

A programme says what is asked at screening, before, weekly, in the middle, after, and at the follow-ups. What was sent
decides what still waits: nothing is stored that could go stale.

1. Nothing is asked again within three days. What is asked once counts as answered by answers up to three days older.
2. The question about suicide is asked every week: where no weekly questionnaire holds it, the programme's risk
   instrument is asked too.
3. What cannot be shown, because the clinic has not loaded its wording, is skipped and told to staff.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from programs.instruments import Instrument

PRIMARY = "primary"  # in a programme's schedule: the treatment's own main measure
DEFAULT_RISK = "phq9"  # shipped, and holds the question about suicide
WEEK = timedelta(days=7)
NOT_AGAIN_WITHIN = timedelta(days=3)
LONG = 12  # items; a longer replacing measure is asked at start, middle and end, not weekly (content guide, 3.1)
SECONDS_PER_QUESTION = 15  # 20 questions fill the weekly budget of five minutes (content guide, 3.1)
WEEKLY_MINUTES = 5
WEEKLY_QUESTIONS = WEEKLY_MINUTES * 60 // SECONDS_PER_QUESTION
OPENS_BEFORE = WEEK  # a follow-up may be answered from a week before its day
OPEN_FOR = timedelta(days=28)  # and for four weeks after it
MIDDLE_FOR = timedelta(days=14)


class Occasion(StrEnum):
    """Why a questionnaire is asked; the first one that asks for it names it."""

    SCREENING = "screening"
    START = "start"
    WEEKLY = "weekly"
    MID = "mid"
    END = "end"
    FOLLOW_UP = "follow_up"


@dataclass(frozen=True)
class Way:
    """How far a treatment has come. `mid_at`: the module in the middle was sent; `done_at`: all modules were."""

    planned_at: datetime
    started_at: datetime | None = None
    mid_at: datetime | None = None
    done_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Plan:
    """A programme's schedule for one treatment, with `primary` filled in. follow_up: weeks after the end, and what."""

    risk: str
    weekly: tuple[str, ...]
    screening: tuple[str, ...] = ()
    start: tuple[str, ...] = ()
    mid_after: str = ""
    mid: tuple[str, ...] = ()
    end: tuple[str, ...] = ()
    follow_up: tuple[tuple[int, tuple[str, ...]], ...] = ()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Return every instrument that is asked for at some time, each once."""
        later = [name for _weeks, asked in self.follow_up for name in asked]
        every = [*self.screening, *self.start, *self.weekly, *self.mid, *self.end, *later, self.risk, DEFAULT_RISK]
        return tuple(dict.fromkeys(every))


@dataclass(frozen=True)
class Asked:
    """One questionnaire that waits, since when and why."""

    instrument: Instrument
    occasion: Occasion
    since: datetime


@dataclass(frozen=True)
class Asking:
    """What waits now, in order, and what cannot be shown at this clinic (ids)."""

    waiting: tuple[Asked, ...] = ()
    skipped: tuple[str, ...] = ()

    @property
    def questions(self) -> int:
        return sum(len(asked.instrument.items) for asked in self.waiting)

    @property
    def minutes(self) -> int:
        return minutes_for(self.questions)

    def waits(self, instrument: str) -> bool:
        return any(asked.instrument.id == instrument for asked in self.waiting)


@dataclass(frozen=True)
class _Opening:
    occasion: Occasion
    asks: tuple[str, ...]
    since: datetime


def minutes_for(questions: int) -> int:
    """Return how long so many questions take, one minute at least."""
    return max(1, (questions * SECONDS_PER_QUESTION + 30) // 60)


def plan_of(facts: Mapping[str, Any], primary: str, items: Mapping[str, int]) -> Plan:
    """Return the schedule in a revision's `instruments`; `items` is how many questions each instrument has."""
    known = facts.get("schedule") or {}
    shipped = str(facts.get(PRIMARY, primary))
    weekly_primary = shipped if primary != shipped and items.get(primary, 0) > LONG else primary

    def filled(asked: Sequence[str], main: str = primary) -> tuple[str, ...]:
        return tuple(dict.fromkeys(main if name == PRIMARY else name for name in asked))

    mid = known.get("mid") or {}
    middle = filled(mid.get("ask", ()))
    if mid and weekly_primary != primary:
        middle = tuple(dict.fromkeys((primary, *middle)))
    return Plan(
        risk=str(facts.get("risk", DEFAULT_RISK)),
        weekly=filled(known.get("weekly", (PRIMARY,)), weekly_primary),
        screening=filled(known.get("screening", ())),
        start=filled(known.get("start", ())),
        mid_after=mid.get("after", ""),
        mid=middle,
        end=filled(known.get("end", ())),
        follow_up=tuple((row["weeks"], filled(row["ask"])) for row in known.get("follow_up", ())),
    )


def asked_now(plan: Plan, way: Way, now: datetime) -> tuple[str, ...]:
    """Return what may be asked now: of these instruments alone `asking` needs to know whether they can be shown."""
    open_now = [name for opening in _open(plan, way, now) for name in opening.asks]
    return tuple(dict.fromkeys([*open_now, plan.risk, DEFAULT_RISK]))


def asking(
    plan: Plan, way: Way, shown: Mapping[str, Instrument], sent: Mapping[str, datetime], now: datetime
) -> Asking:
    """Return what waits now. `shown`: what the clinic can show; `sent`: when each instrument was last sent."""
    waiting: dict[str, Asked] = {}
    skipped: dict[str, None] = {}
    for opening in _open(plan, way, now):
        for name in _with_risk(opening.occasion, opening.asks, plan, shown):
            if name not in shown:
                skipped[name] = None
            elif _waits(opening, sent.get(name), now):
                waiting.setdefault(name, Asked(shown[name], opening.occasion, opening.since))
    return Asking(tuple(waiting.values()), tuple(skipped))


def weekly_burden(plan: Plan, shown: Mapping[str, Instrument]) -> int:
    """Return how many questions an ordinary week asks; more than WEEKLY_QUESTIONS breaks the budget."""
    return sum(len(shown[name].items) for name in weekly(plan, shown))


def weekly(plan: Plan, shown: Mapping[str, Instrument]) -> tuple[str, ...]:
    """Return what an ordinary week asks, of what can be shown."""
    return tuple(name for name in _with_risk(Occasion.WEEKLY, plan.weekly, plan, shown) if name in shown)


def waits_since(started_at: datetime, last: datetime | None) -> datetime:
    """Return from when a weekly questionnaire waits that was last sent then, in the past or ahead."""
    if last is None:
        return started_at
    opens = period_start(started_at, last) + WEEK if last >= started_at else started_at
    return max(opens, last + NOT_AGAIN_WITHIN)


def last_day(plan: Plan, ended_at: datetime) -> datetime:
    """Return until when an ended treatment takes answers: its end, where the programme asks nothing after it."""
    if not plan.end and not plan.follow_up:
        return ended_at
    weeks = max((weeks for weeks, _asked in plan.follow_up), default=0)
    return ended_at + weeks * WEEK + OPEN_FOR


def period_start(started_at: datetime, now: datetime) -> datetime:
    """Return when the current seven-day period of a treatment began."""
    return started_at + max((now - started_at) // WEEK, 0) * WEEK


def _open(plan: Plan, way: Way, now: datetime) -> Iterator[_Opening]:
    """Yield what is open now, the earliest occasion first."""
    if way.ended_at is None and way.started_at is None:
        yield _Opening(Occasion.SCREENING, plan.screening, way.planned_at)
    if way.ended_at is None and way.started_at is not None:
        if now < way.started_at + WEEK:
            yield _Opening(Occasion.START, plan.start, way.started_at)
        yield _Opening(Occasion.WEEKLY, plan.weekly, period_start(way.started_at, now))
        if way.mid_at and now < way.mid_at + MIDDLE_FOR:
            yield _Opening(Occasion.MID, plan.mid, way.mid_at)
    after = min((at for at in (way.done_at, way.ended_at) if at), default=None)
    if after and (way.ended_at is None or now < way.ended_at + OPEN_FOR - OPENS_BEFORE):
        yield _Opening(Occasion.END, plan.end, after)
    for weeks, asks in plan.follow_up if way.ended_at else ():
        day = (way.ended_at or now) + weeks * WEEK
        if day - OPENS_BEFORE <= now < day + OPEN_FOR:
            yield _Opening(Occasion.FOLLOW_UP, asks, day - OPENS_BEFORE)


def _with_risk(
    occasion: Occasion, asks: tuple[str, ...], plan: Plan, shown: Mapping[str, Instrument]
) -> tuple[str, ...]:
    """Return what the occasion asks; weekly and at follow-ups also the question about suicide, always."""
    if occasion not in {Occasion.WEEKLY, Occasion.FOLLOW_UP}:
        return asks
    if any(name in shown and shown[name].risk_items for name in asks):
        return asks
    risk = plan.risk if plan.risk in shown and shown[plan.risk].risk_items else DEFAULT_RISK
    return tuple(dict.fromkeys((*asks, risk)))


def _waits(opening: _Opening, last: datetime | None, now: datetime) -> bool:
    if last is None:
        return True
    counts_from = opening.since if opening.occasion == Occasion.WEEKLY else opening.since - NOT_AGAIN_WITHIN
    return last < counts_from and now - last >= NOT_AGAIN_WITHIN
