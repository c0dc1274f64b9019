"""A calendar happens: what may be refused is asked of the product, what is uncovered is shown by it, and both are held.

1. A change that can be refused and was saved leaves nobody uncovered who was covered.
2. Each uncovered moment was shown before it came: it lies in what the look ahead showed at the latest moment before.
3. At each moment that is asked for, one person is responsible, who is there as defined; or nobody at all is there, and
   that was shown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from random import Random

from clinics.cover import change, coverage
from clinics.cover.change import Picture
from clinics.cover.coverage import Gap
from clinics.cover.ranges import Range, subtract, union
from clinics.cover.working_time import NeverOpen
from tests.continuity.calendars import DAYS
from tests.continuity.changes import changed
from tests.continuity.oracle import Minutes
from tests.continuity.pictures import KEY, PROGRAMME, Clocks, picture
from tests.continuity.states import DAY, HERE, MINUTE, OF_HOURS, Calendar, Event, StandIn, State, What, local

AHEAD = 14 * DAY
ASKED = 14 * 60 + 32  # at what minute of the day, on the wall, somebody asks who is responsible
NEVER_REFUSED = (What.SUDDEN, What.BACK, What.HUB_AGREED)


@dataclass
class Found:
    """What calendars showed: counts, and each promise that was broken, as a sentence."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.counts += other.counts
        self.broken += other.broken


def shown(at: Picture, start: datetime, end: datetime) -> list[Gap]:
    """Return what the look ahead shows: the gaps of the coming 14 days."""
    return coverage.gaps(at.named[KEY], at.people, at.hours, start, end)


class Run:
    """One calendar from its start; `by_minute` also asks the oracle, each minute."""

    def __init__(self, calendar: Calendar, dice: Random, *, by_minute: bool = False) -> None:
        self.calendar, self.dice, self.by_minute = calendar, dice, by_minute
        self.clocks, self.found = Clocks(), Found()
        self.state = calendar.state
        self.now = picture(self.state, self.clocks)

    def go(self) -> Found:
        """Let everything happen, and return what was found."""
        events = self.calendar.events
        for event, following in zip(events, [*events[1:], None], strict=True):
            self._happen(event)
            end = following.at if following else self.calendar.start + DAYS * DAY
            self._hold(event.at, max(end, event.at))
        return self.found

    def _happen(self, event: Event) -> None:
        """Take the change, unless it may be refused and the product's question refuses it."""
        if event.what is What.SWEEP:
            return
        wanted = changed(self.state, event)
        if _never_opens(wanted, event, self.clocks):
            self.found.counts["refused, since it would never open"] += 1
            return
        after = picture(wanted, self.clocks)
        start, end = event.at, event.at + AHEAD
        if event.what is What.PLANNED and event.span:
            start, end = event.span
        may_refuse = event.what not in NEVER_REFUSED
        left = self._left(after, start, end) if may_refuse or event.finds_help else []
        if left and event.finds_help and event.span:
            wanted, after = self._helped(wanted, after, event, left)
            left = self._left(after, start, end)
        if may_refuse and (left or self._nobody_leads(event, after, start, end)):
            self.found.counts["refused"] += 1
            return
        if may_refuse:
            self._saved(event, after, start, end)
        self.state, self.now = wanted, after
        self.found.counts[event.what] += 1

    def _left(self, after: Picture, start: datetime, end: datetime) -> list[Gap]:
        return change.uncovers(self.now, after, start, end).get(KEY, [])

    def _nobody_leads(self, event: Event, after: Picture, start: datetime, end: datetime) -> bool:
        if event.code not in (self.state.lead, self.state.deputy) and event.what not in OF_HOURS:
            return False
        had, has = (change.leaderless(each.people, each.hours, start, end) for each in (self.now, after))
        return bool(subtract(has, had))

    def _helped(self, wanted: State, after: Picture, event: Event, left: list[Gap]) -> tuple[State, Picture]:
        """Name a stand-in who is there all the time that needs somebody, if there is one."""
        window = _ranges(left)
        for code, person in sorted(after.people.members.items()):
            may = code != wanted.therapist and person.can_treat(PROGRAMME)
            if event.span and may and coverage.presence(person, window) == window:
                helped = replace(wanted, stand_ins=(StandIn(code, event.span, event.code), *wanted.stand_ins))
                self.found.counts["stand-ins"] += 1
                return helped, picture(helped, self.clocks)
        return wanted, after

    def _saved(self, event: Event, after: Picture, start: datetime, end: datetime) -> None:
        bare = shown(after, start, end)
        if bare and (more := subtract(_ranges(bare), _ranges(shown(self.now, start, end)))):
            self.found.broken.append(f"{event.what} of {event.code} at {event.at} was saved and uncovers {more[0]}")

    def _hold(self, start: datetime, end: datetime) -> None:
        """Hold promises 2 and 3 against what happens from `start` until the next event."""
        told = shown(self.now, start, start + AHEAD)
        ranges = _ranges(told)
        self.found.counts["uncovered stretches shown"] += len(told)
        minutes = int((end - start) / MINUTE)
        for moment in [start + self.dice.randrange(minutes) * MINUTE] if minutes else []:
            self._ask(moment, ranges, start + AHEAD)
        for moment in daily(start, end):
            self.found.counts["at 14.32 on the wall"] += 1
            self.found.counts["at 14.32 on a day when the clocks change"] += _clocks_change(moment)
            self._ask(moment, ranges, start + AHEAD)
        if self.by_minute:
            self._ask_the_oracle(start, min(end, start + AHEAD), ranges)

    def _ask(self, moment: datetime, told: list[Range], until: datetime) -> None:
        """Ask who is responsible at the moment; what nobody covers then, or at the next opening, was told."""
        facts, people, hours = self.now.named[KEY], self.now.people, self.now.hours
        found = coverage.accountable(facts, people, hours, moment)
        asked = coverage.moment(moment, hours)
        self.found.counts["asked who is responsible"] += 1
        self.found.counts[f"answered by: {found.link if found else 'nobody at all'}"] += 1
        if found is not None and not coverage.present(found.person, moment, hours):
            self.found.broken.append(f"{found.person.code} answers at {moment} and is not there")
        named = next(coverage.named(facts, people, hours, moment), None)
        was_told = asked is not None and any(start <= asked < end for start, end in told)
        if named is None and asked is not None and asked < until and not was_told:
            self.found.broken.append(f"nobody named is there at {moment}, and nobody was told")

    def _ask_the_oracle(self, start: datetime, end: datetime, told: list[Range]) -> None:
        minutes = Minutes(self.state, start, end)
        self.found.counts["minutes asked of the oracle"] += len(minutes.open)
        bare = set(minutes.uncovered())
        for minute in minutes.open:
            if (minute in bare) != any(a <= minute < b for a, b in told):
                said = "not shown" if minute in bare else "shown as uncovered"
                self.found.broken.append(f"{minute} is {said}, against the oracle")
                break
        for minute in (*minutes.open[:: max(1, len(minutes.open) // 200)], *daily(start, end)):
            found = coverage.accountable(self.now.named[KEY], self.now.people, self.now.hours, minute)
            if (found.person.code if found else None) != minutes.responsible(minute):
                self.found.broken.append(f"another person is responsible at {minute}, says the oracle")
                break


def daily(start: datetime, end: datetime) -> Iterator[datetime]:
    """Yield 14.32 by the clock on the wall, of each day in [start, end)."""
    day = start.astimezone(HERE).date()
    while (moment := local(day, ASKED)) < end:
        if start <= moment:
            yield moment
        day += DAY


def _clocks_change(moment: datetime) -> bool:
    """Tell whether the local day of the moment has 23 or 25 hours."""
    day = moment.astimezone(HERE).date()
    return local(day + DAY, 0) - local(day, 0) != DAY


def _never_opens(state: State, event: Event, clocks: Clocks) -> bool:
    """Tell whether the clinic whose hours change, ours or the hub, would not open for months."""
    if event.what not in OF_HOURS:
        return False
    at_hub = event.what in (What.HUB_DAY, What.HUB_OPENING)
    try:
        clocks.of(state.hub.clinic if at_hub and state.hub else state.clinic).check(event.at)
    except NeverOpen:
        return True
    return False


def _ranges(gaps: list[Gap]) -> list[Range]:
    return union((gap.start, gap.end) for gap in gaps)
