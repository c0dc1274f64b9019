"""What must be true of flags, told a second time and without the platform's code: no import of it, no database.

The oracle hears what happened (who sent what, who went, who took which flag on) and answers what the rows must say. Its
clinic is open on weekdays from 8 to 17 in Stockholm; the days that it plays in hold no holiday.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

TZ = ZoneInfo("Europe/Stockholm")
OPENS, CLOSES = time(8), time(17)
MINUTE = timedelta(minutes=1)
LAPSE = {"now": 60, "today": 240, "week": 3 * 540}  # working minutes
SILENT = {"now": 120, "today": 2 * 540, "week": 3 * 540}  # the longest between two steps, in working minutes


def opening(day: date) -> tuple[datetime, datetime] | None:
    if day.weekday() > 4:
        return None
    return datetime.combine(day, OPENS, TZ), datetime.combine(day, CLOSES, TZ)


def worked(start: datetime, end: datetime) -> float:
    """Return the minutes between the two at which the clinic is open."""
    day, total = start.astimezone(TZ).date(), timedelta()
    while day <= end.astimezone(TZ).date():
        if hours := opening(day):
            total += max(timedelta(), min(end, hours[1]) - max(start, hours[0]))
        day += timedelta(days=1)
    return total / MINUTE


def asked(now: datetime) -> datetime:
    """Return the moment at which presence is judged: now, or the next opening."""
    day = now.astimezone(TZ).date()
    while True:
        hours = opening(day)
        if hours and now < hours[1]:
            return max(now, hours[0])
        day += timedelta(days=1)


@dataclass
class Away:
    start: datetime
    end: datetime


@dataclass
class OpenFlag:
    """An open flag about suicidal thoughts, as it must be."""

    urgency: str
    held_by: str = ""
    held_from: datetime | None = None
    handed_to: str = ""
    is_confirmed: bool = False  # the one who got it has taken it on since


@dataclass
class Oracle:
    away: dict[str, list[Away]] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)  # accounts
    keys: set[object] = field(default_factory=set)  # of everything that was sent
    unread: dict[object, tuple[str, bool]] = field(default_factory=dict)  # text → (patient, whether it is risky)
    flags: dict[str, OpenFlag] = field(default_factory=dict)  # by patient
    shut: dict[int, OpenFlag] = field(default_factory=dict)  # flags that people have closed, by primary key

    def is_there(self, person: str, now: datetime) -> bool:
        moment = asked(now)
        return person not in self.closed and not any(
            each.start <= moment < each.end for each in self.away.get(person, [])
        )

    def found(self, patient: str, urgency: str) -> None:
        """A rule found something: there is a flag now, at least as urgent, and it may alert again."""
        flag = self.flags.setdefault(patient, OpenFlag(urgency))
        if urgency == "now":
            flag.urgency = "now"
        flag.held_by, flag.held_from = "", None  # it may still be held, if this was nothing new: see holds

    def took(self, patient: str, person: str, now: datetime) -> None:
        flag = self.flags[patient]
        flag.held_by, flag.held_from = person, now
        flag.is_confirmed |= flag.handed_to == person

    def handed(self, patient: str, person: str) -> None:
        """Somebody was handed the flag: nobody has taken it on, and nobody has confirmed."""
        self.flags[patient] = OpenFlag(self.flags[patient].urgency, handed_to=person)

    def shuts(self, patient: str, flag: int) -> None:
        self.shut[flag] = self.flags.pop(patient)

    def opens_again(self, patient: str, flag: int) -> None:
        """The flag is as urgent as it was; nobody has it, and what was handed over before counts no more."""
        self.flags[patient] = OpenFlag(self.shut.pop(flag).urgency)

    def comes_back(self, person: str, away: list[Away], now: datetime) -> None:
        """What the person held before going may be somebody else's by now; `away` are the absences that are left."""
        if not self.is_there(person, now):
            for patient in [patient for patient, flag in self.flags.items() if flag.held_by == person]:
                self.flags[patient].held_by, self.flags[patient].held_from = "", None
        self.away[person] = away

    def must_be_held(self, patient: str, now: datetime) -> bool:
        """Somebody took the flag on and has been there ever since, and the promise has not lapsed."""
        flag, moment = self.flags[patient], asked(now)
        if flag.held_from is None or flag.held_by in self.closed:
            return False
        if any(each.start <= moment and flag.held_from < each.end for each in self.away.get(flag.held_by, [])):
            return False
        return worked(flag.held_from, now) < LAPSE[flag.urgency]

    def somebody_is_there(self, people: list[str], now: datetime) -> bool:
        return any(self.is_there(person, now) for person in people)
