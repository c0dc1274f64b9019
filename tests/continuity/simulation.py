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
from datetime import datetime, timedelta
from random import Random

from clinics.cover import change
from clinics.cover import coverage as cover
from clinics.cover.change import Picture
from clinics.cover.clinicians import Assignment, Clinician, Interval, People, StandIn
from clinics.cover.coverage import Gap
from clinics.cover.ranges import Range, subtract, union
from clinics.cover.working_time import Hours, WorkingTime
from tests.continuity.calendars import DAY, DAYS, Calendar, Event, Person, Span, State, Week, What
from tests.continuity.oracle import Minutes

AHEAD = 14 * DAY
PROGRAMME = "depression"
KEY = (1, PROGRAMME)
ASKED = (14, 32)  # at what minute of the day somebody asks who is responsible


@dataclass
class Found:
    """What calendars showed: counts, and each promise that was broken, as a sentence."""

    counts: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def add(self, other: Found) -> None:
        self.counts += other.counts
        self.broken += other.broken


class Clocks:
    """Working times by what they are made of; one clinic's are asked for again and again."""

    def __init__(self) -> None:
        self.known: dict[object, WorkingTime] = {}

    def of(self, state: State, week: Week | None = None) -> WorkingTime:
        key = tuple(sorted(week.items())) if week is not None else None
        if key not in self.known:
            clinic = state.clinic
            self.known[key] = (
                WorkingTime(Hours(clinic.week, clinic.special)) if week is None
                else WorkingTime(Hours(week)).within(self.of(state))
            )  # fmt: skip
        return self.known[key]


def picture(state: State, clocks: Clocks) -> Picture:
    """Return the state as the product knows it."""
    members = {code: _clinician(person, state, clocks) for code, person in state.people.items()}
    stand_ins = tuple(StandIn(code, Interval(*span)) for code, span in state.stand_ins)
    named = Assignment(PROGRAMME, state.therapist, state.substitute, stand_ins=stand_ins)
    return Picture(clocks.of(state), People(members, state.lead, state.deputy), {KEY: named})


def _clinician(person: Person, state: State, clocks: Clocks) -> Clinician:
    return Clinician(
        code=person.code,
        name=person.code,
        competences=frozenset({PROGRAMME} if person.competent else ()),
        hours=None if person.week is None else clocks.of(state, person.week),
        absences=tuple(Interval(*span) for span in person.away),
        is_active=person.active,
        may_treat=person.licensed,
        tenure=Interval(*person.belongs) if person.belongs else None,
    )


def shown(at: Picture, start: datetime, end: datetime) -> list[Gap]:
    """Return what the look ahead shows: the gaps of the coming 14 days."""
    return cover.gaps(at.named[KEY], at.people, at.hours, start, end)


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
        changed = _changed(self.state, event)
        after = picture(changed, self.clocks)
        start, end = event.at, event.at + AHEAD
        if event.what is What.PLANNED and event.span:
            start, end = event.span
        may_refuse = event.what not in (What.SUDDEN, What.BACK)
        left = self._left(after, start, end) if may_refuse or event.finds_help else []
        if left and event.finds_help and event.span:
            changed, after = self._helped(changed, after, event.span, left)
            left = self._left(after, start, end)
        if may_refuse and (left or self._nobody_leads(event, after, start, end)):
            self.found.counts["refused"] += 1
            return
        if may_refuse:
            self._saved(event, after, start, end)
        self.state, self.now = changed, after
        self.found.counts[event.what] += 1

    def _left(self, after: Picture, start: datetime, end: datetime) -> list[Gap]:
        return change.uncovers(self.now, after, start, end).get(KEY, [])

    def _nobody_leads(self, event: Event, after: Picture, start: datetime, end: datetime) -> bool:
        if event.code not in (self.state.lead, self.state.deputy):
            return False
        had, has = (change.leaderless(each.people, each.hours, start, end) for each in (self.now, after))
        return bool(subtract(has, had))

    def _helped(self, changed: State, after: Picture, span: Span, left: list[Gap]) -> tuple[State, Picture]:
        """Name a stand-in who is there all the time that needs somebody, if there is one."""
        window = _ranges(left)
        for code, person in sorted(after.people.members.items()):
            if code != changed.therapist and person.can_treat(PROGRAMME) and cover.presence(person, window) == window:
                helped = replace(changed, stand_ins=((code, span), *changed.stand_ins))
                self.found.counts["stand-ins"] += 1
                return helped, picture(helped, self.clocks)
        return changed, after

    def _saved(self, event: Event, after: Picture, start: datetime, end: datetime) -> None:
        bare = shown(after, start, end)
        if bare and (more := subtract(_ranges(bare), _ranges(shown(self.now, start, end)))):
            self.found.broken.append(f"{event.what} of {event.code} at {event.at} was saved and uncovers {more[0]}")

    def _hold(self, start: datetime, end: datetime) -> None:
        """Hold promises 2 and 3 against what happens from `start` until the next event."""
        told = shown(self.now, start, start + AHEAD)
        ranges = _ranges(told)
        self.found.counts["uncovered stretches shown"] += len(told)
        for moment in self._moments(start, end):
            self._ask(moment, ranges)
        if self.by_minute:
            self._ask_the_oracle(start, min(end, start + AHEAD), ranges)

    def _moments(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield 14.32 of one day until then, a random minute, and the edges of what this state makes."""
        minutes = int((end - start) / timedelta(minutes=1))
        if minutes < 1:
            return
        yield start + timedelta(minutes=self.dice.randrange(minutes))
        day = start + self.dice.randint(0, max(0, minutes // 1440)) * DAY
        moment = day.replace(hour=ASKED[0] - 1, minute=ASKED[1])
        if start <= moment < end:
            yield moment

    def _ask(self, moment: datetime, told: list[Range]) -> None:
        """Ask who is responsible at the moment, and whether what nobody covers was told."""
        facts, people, hours = self.now.named[KEY], self.now.people, self.now.hours
        found = cover.accountable(facts, people, hours, moment)
        asked = cover.moment(moment, hours)
        self.found.counts["asked who is responsible"] += 1
        if found is not None and not cover.present(found.person, moment, hours):
            self.found.broken.append(f"{found.person.code} answers at {moment} and is not there")
        named = next(cover.named(facts, people, hours, moment), None)
        was_told = asked is not None and any(start <= asked < end for start, end in told)
        if named is None and asked == moment and not was_told:
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
        for minute in minutes.open[:: max(1, len(minutes.open) // 200)]:
            found = cover.accountable(self.now.named[KEY], self.now.people, self.now.hours, minute)
            if (found.person.code if found else None) != minutes.responsible(minute):
                self.found.broken.append(f"another person is responsible at {minute}, says the oracle")
                break


def _ranges(gaps: list[Gap]) -> list[Range]:
    return union((gap.start, gap.end) for gap in gaps)


def _changed(state: State, event: Event) -> State:
    """Return the state as the event wants it."""
    person = state.people.get(event.code)
    if person is None:
        return state
    if event.what in (What.PLANNED, What.SUDDEN) and event.span:
        return state.with_person(replace(person, away=(*person.away, event.span)))
    if event.what is What.BACK:
        kept = [(start, min(end, max(start, event.at))) for start, end in person.away if start <= event.at]
        kept += [span for span in person.away if span[0] > event.at]
        return state.with_person(replace(person, away=tuple(span for span in kept if span[0] < span[1])))
    if event.what is What.LEAVES:
        return state.with_person(replace(person, belongs=event.span))
    if event.what is What.ACCOUNT_CLOSED:
        return state.with_person(replace(person, active=False))
    if event.what is What.COMPETENCE:
        return state.with_person(replace(person, competent=False))
    if event.what is What.WEEK:
        return state.with_person(replace(person, week=event.week))
    if event.what is What.NAMED and event.code != state.therapist:
        return replace(state, substitute=event.code)
    return state
