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


@dataclass
class Oracle:
    away: dict[str, list[Away]] = field(default_factory=dict)
    closed: dict[str, datetime] = field(default_factory=dict)  # accounts
    keys: set[object] = field(default_factory=set)  # of everything that was sent
    unread: dict[object, tuple[str, bool]] = field(default_factory=dict)  # text → (patient, whether it is risky)
    flags: dict[str, OpenFlag] = field(default_factory=dict)  # by patient
    answered: int = 0  # flags that people have closed

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

    def let_go(self, patient: str) -> None:
        flag = self.flags[patient]
        flag.held_by, flag.held_from = "", None

    def must_be_held(self, patient: str, now: datetime) -> bool:
        """Somebody took the flag on, is there, and the promise has not lapsed."""
        flag = self.flags[patient]
        if flag.held_from is None or not self.is_there(flag.held_by, now):
            return False
        return worked(flag.held_from, now) < LAPSE[flag.urgency]

    def somebody_is_there(self, people: list[str], now: datetime) -> bool:
        return any(self.is_there(person, now) for person in people)
