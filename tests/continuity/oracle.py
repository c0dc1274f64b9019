"""Who is there, minute by minute, straight from the definitions. Imports nothing of the product.

Also the holidays are its own: Easter after Gauss, and the days that Swedish workplaces are closed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from functools import cache

from tests.continuity.states import DAY, HERE, MINUTE, Clinic, Person, State, Week

FIXED = [(1, 1), (1, 6), (5, 1), (6, 6), (12, 24), (12, 25), (12, 26), (12, 31)]


@cache
def holidays(year: int) -> frozenset[date]:
    """Return public holidays and the three eves that are holidays in practice; Sundays apart."""
    easter = _easter(year)
    moving = {easter + timedelta(days=n) for n in (-2, 0, 1, 39, 49)}
    midsummer = next(date(year, 6, day) for day in range(20, 27) if date(year, 6, day).weekday() == 5)
    saints = next(day for n in range(7) if (day := date(year, 10, 31) + timedelta(days=n)).weekday() == 5)
    eves = {midsummer - timedelta(days=1), midsummer, saints}
    return frozenset(moving | eves | {date(year, month, day) for month, day in FIXED})


def _easter(year: int) -> date:
    golden, century, rest = year % 19, year // 100, year % 100
    epact = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - epact - rest % 4) % 7
    late = (golden + 11 * epact + 22 * weekday) // 451
    month, day = divmod(epact + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


class Minutes:
    """A state's answers for the minutes from `start` until before `end`."""

    def __init__(self, state: State, start: datetime, end: datetime) -> None:
        self.state, self.end = state, end
        self.open = [minute for minute in _minutes(start, end) if _is_open(state.clinic, minute)]

    def uncovered(self) -> Iterator[datetime]:
        """Yield each minute of working time in which the patient stands without cover."""
        return (minute for minute in self.open if not self.is_covered(minute))

    def is_covered(self, minute: datetime) -> bool:
        """Two named people who belong to the clinic, and one of the named is there and may treat."""
        state = self.state
        therapist = state.people.get(state.therapist)
        if therapist is None or not self._belongs(therapist, minute):
            return False
        dated = [code for code, (start, end), _absent in state.stand_ins if start <= minute < end]
        seconds = [state.people.get(code) for code in (*dated, state.substitute) if code != state.therapist]
        others = [each for each in seconds if each is not None and self._belongs(each, minute)]
        return bool(others) and any(_may_treat(each) and self.is_there(each, minute) for each in (therapist, *others))

    def is_there(self, person: Person, minute: datetime) -> bool:
        """Say whether the person is there in a minute of the clinic's working time."""
        away = any(start <= minute < end for start, end in person.away)
        in_hours = person.week is None or _in_week(person.week, minute)
        return self._belongs(person, minute) and not away and in_hours and self._hub_is_open(person, minute)

    def responsible(self, minute: datetime) -> str | None:
        """Return the one person who answers for the patient, asked at the next minute of working time."""
        asked, state = self._next_open(minute), self.state
        dated = [code for code, (start, end), _absent in state.stand_ins if start <= asked < end]
        able = {code: person for code, person in sorted(state.people.items()) if _may_treat(person)}
        named = [code for code in (state.therapist, *dated, state.substitute) if code in able]
        team = [code for code, person in able.items() if not person.from_hub]
        hub = [code for code, person in able.items() if person.from_hub]
        chain = [*named, *team, state.lead, state.deputy, *hub]
        return next((code for code in chain if self.is_there(state.people[code], asked)), None)

    def _next_open(self, minute: datetime) -> datetime:
        """Return the first open minute from this one on, also one after those that were asked for."""
        place = bisect_left(self.open, minute)
        if place < len(self.open):
            return self.open[place]
        after = max(minute, self.end)
        return next(each for each in _minutes(after, after + 61 * DAY) if _is_open(self.state.clinic, each))

    def _belongs(self, person: Person, minute: datetime) -> bool:
        spans = [person.belongs] if person.belongs else []
        if person.from_hub:
            hub = self.state.hub
            if hub is None or hub.helps is None:
                return False
            spans.append(hub.helps)
        return person.active and all(start <= minute < end for start, end in spans)

    def _hub_is_open(self, person: Person, minute: datetime) -> bool:
        """Say whether whoever is of the hub has opened there too; of all others nothing is asked."""
        return not person.from_hub or (self.state.hub is not None and _is_open(self.state.hub.clinic, minute))


def _minutes(start: datetime, end: datetime) -> Iterator[datetime]:
    while start < end:
        yield start
        start += MINUTE


def _is_open(clinic: Clinic, minute: datetime) -> bool:
    local = minute.astimezone(HERE)
    day = local.date()
    if day in clinic.special:
        return any(start <= local.time() < end for start, end in clinic.special[day])
    week = next((season.week for season in clinic.seasons if season.holds(day)), clinic.week)
    return day not in holidays(day.year) and _in_week(week, minute)


def _in_week(week: Week, minute: datetime) -> bool:
    local = minute.astimezone(HERE)
    return any(start <= local.time() < end for start, end in week.get(local.weekday(), ()))


def _may_treat(person: Person) -> bool:
    return person.active and person.competent and person.licensed
