"""Made-up calendars: a clinic, its people, one patient's named people, perhaps a hub, and what happens in four weeks.

Everything is drawn from one `random.Random`, so that a seed tells the whole story.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from random import Random

from tests.continuity.states import (
    DAY,
    HERE,
    MINUTE,
    Calendar,
    Clinic,
    Event,
    Hub,
    Openings,
    Person,
    Span,
    State,
    Week,
    What,
    local,
)

DAYS = 28  # in which something happens; 14 more are looked at

LONG, LUNCH, MORNING, SPLIT, NIGHT = (
    ((time(8), time(17)),), ((time(8), time(12)), (time(13), time(17))), ((time(7, 30), time(12)),),
    ((time(8), time(10, 30)), (time(14), time(18, 15))), ((time(0), time(6)), (time(9), time(21))),
)  # fmt: skip
CLINICS: list[Week] = [
    dict.fromkeys(range(5), LONG), dict.fromkeys(range(5), LUNCH), dict.fromkeys(range(4), LONG) | {4: MORNING},
    {0: LONG, 2: SPLIT, 4: LUNCH}, dict.fromkeys(range(6), SPLIT), dict.fromkeys(range(7), LUNCH),
    dict.fromkeys(range(7), NIGHT),  # open while the clocks change
]  # fmt: skip
# Days around which calendars crowd: both clock changes, the eves, Easter, leap day, the turn of the year.
HARD_DAYS = [
    date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2026, 12, 24), date(2026, 12, 31), date(2026, 6, 19),
    date(2027, 6, 25), date(2026, 4, 3), date(2028, 2, 29), date(2028, 4, 14), date(2027, 1, 6),
]  # fmt: skip
HAPPENS = {
    What.PLANNED: 8, What.SUDDEN: 5, What.BACK: 2, What.LEAVES: 2, What.ACCOUNT_CLOSED: 1, What.COMPETENCE: 2,
    What.WEEK: 2, What.NAMED: 2, What.OPENING: 2, What.DAY: 2, What.SEASON: 1,
}  # fmt: skip
WITH_HUB = HAPPENS | {What.HUB_AGREED: 3, What.HUB_ENDED: 2, What.HUB_DAY: 3, What.HUB_OPENING: 1}


def make_calendar(dice: Random) -> Calendar:
    """Return one calendar."""
    start = _start(dice)
    therapists = ["a"] if dice.random() < 0.25 else ["a", "b", "c", "d"][: dice.randint(2, 4)]
    alone = len(therapists) == 1
    hub = _hub(dice, start) if dice.random() < (0.6 if alone else 0.1) else None
    helping = ["h", "i"][: dice.randint(1, 2)] if hub else []
    lent = ["lent"] if (alone and not hub) or dice.random() < 0.1 else []
    people = [_person(dice, code, start, lent=code in lent) for code in (*therapists, *lent)]
    people += [replace(_person(dice, code, start, lent=False), from_hub=True) for code in helping]
    people += [Person(code, competent=False, licensed=False) for code in ("lead", "deputy")]
    treating = [*therapists, *lent, *helping]
    substitute = dice.choice(treating[1:]) if dice.random() < 0.97 else "nobody"
    clinic = _clinic(dice, start)
    state = State(clinic, {each.code: each for each in people}, "a", substitute, "lead", "deputy", hub=hub)
    codes = [*treating, "lead", "deputy"]
    events = [_event(dice, start, codes, WITH_HUB if hub else HAPPENS) for _ in range(dice.randint(0, 8))]
    events += _wave(dice, start, [*therapists, "lead", "deputy"]) if dice.random() < (0.3 if hub else 0.05) else []
    events += [Event(start + n * 7 * DAY, What.SWEEP) for n in range(DAYS // 7)]
    return Calendar(state, start, sorted(events, key=lambda each: each.at))


def _start(dice: Random) -> datetime:
    if dice.random() < 0.6:
        day = dice.choice(HARD_DAYS) - timedelta(days=dice.randint(0, 20))
    else:
        day = date(2026, 1, 1) + timedelta(days=dice.randint(0, 900))
    return local(day, dice.randint(0, 1439))


def _clinic(dice: Random, start: datetime) -> Clinic:
    days = [start.astimezone(HERE).date() + timedelta(days=n) for n in range(DAYS + 14)]
    return Clinic(dice.choice(CLINICS), {day: _openings(dice) for day in days if dice.random() < 0.04})


def _openings(dice: Random) -> Openings:
    """Return the hours of a day of its own: mostly closed."""
    return () if dice.random() < 0.7 else dice.choice([MORNING, LONG])


def _hub(dice: Random, start: datetime) -> Hub:
    """Return another clinic: it helps already, will from a day to come, or is not asked yet."""
    if dice.random() < 0.1:
        return Hub(_clinic(dice, start))
    begins = start + dice.randint(-30, 14) * DAY
    return Hub(_clinic(dice, start), (begins, max(begins, start) + dice.randint(1, 40 * 1440) * MINUTE))


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
    return {day: dice.choice([LONG, LUNCH, MORNING, SPLIT, NIGHT]) for day in range(7) if dice.random() < 0.65}


def _span(dice: Random, start: datetime) -> Span:
    """Return an absence within the four weeks: whole local days, or a part of one to the minute."""
    day = start.astimezone(HERE).date() + timedelta(days=dice.randint(0, DAYS))
    if dice.random() < 0.5:
        return local(day, 0), local(day + timedelta(days=dice.randint(1, 10)), 0)
    first = dice.randint(6 * 60, 16 * 60)
    return local(day, first), local(day, first + dice.randint(1, 300))


def _wave(dice: Random, start: datetime, codes: list[str]) -> list[Event]:
    """Return how most of a clinic fall ill within two days: then those who help out from elsewhere are who is left."""
    first = start + dice.randint(0, (DAYS - 2) * 1440) * MINUTE
    struck = [(code, first + dice.randint(0, 2 * 1440) * MINUTE) for code in codes if dice.random() < 0.9]
    return [Event(at, What.SUDDEN, code, (at, at + dice.randint(1440, 5 * 1440) * MINUTE)) for code, at in struck]


def _event(dice: Random, start: datetime, codes: list[str], happens: dict[What, int]) -> Event:
    at, code = start + dice.randint(0, DAYS * 1440) * MINUTE, dice.choice(codes)
    what = dice.choices(list(happens), list(happens.values()))[0]
    if what is What.PLANNED:
        first, last = _span(dice, at)
        return Event(at, what, code, (max(first, at), max(last, at + MINUTE)), finds_help=dice.random() < 0.6)
    if what is What.SUDDEN:
        return Event(at, what, code, (at, at + dice.randint(30, 5 * 1440) * MINUTE), finds_help=dice.random() < 0.3)
    if what is What.LEAVES:
        return Event(at, what, code, (start - 30 * DAY, at + dice.randint(0, 20 * 1440) * MINUTE))
    if what is What.HUB_AGREED:
        begins = at + dice.choice([0, 0, dice.randint(1, 10 * 1440)]) * MINUTE
        return Event(at, what, span=(begins, begins + dice.randint(1, 30 * 1440) * MINUTE))
    if what in (What.OPENING, What.HUB_OPENING, What.SEASON, What.DAY, What.HUB_DAY):
        return _of_hours(dice, at, what)
    return Event(at, what, code, week=_week(dice) if what is What.WEEK else None)


def _of_hours(dice: Random, at: datetime, what: What) -> Event:
    """Return a change of the hours of the clinic or of its hub; some weeks never open, and are refused."""
    today = at.astimezone(HERE).date()
    first = today + timedelta(days=dice.randint(0, 20))
    if what in (What.DAY, What.HUB_DAY):
        return Event(at, what, days=(first, first), openings=_openings(dice))
    if what is What.SEASON:
        return Event(at, what, days=(first, first + timedelta(days=dice.randint(1, 20))), week=_week(dice))
    return Event(at, what, week=dice.choice([*CLINICS, {}]))
