"""In which order a therapist meets the patients, and why (pure).

The rules are few and fixed, and each is shown as a chip on the list: nobody has to trust a hidden score. A patient
stands where the strongest reason puts them; the other reasons are shown too. From the design of the work list:

1 an open flag, by its deadline · 2 an answer about safety that nobody has looked at · 3 a marked worsening · 4 an
unread message, the oldest first · 5 something handed in that waits for an answer, the oldest first · 6 questionnaires
answered before the start or after the end that nobody has looked at · 7 it is slow going, the patient says, and nobody
has looked · 8 a planned contact whose day has come · 9 a sleep window to decide on · 10 no fall in the weekly measure
where the programme asks to change course · 11 nothing sent for seven days · 12 the planned weeks are over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

INACTIVE_AFTER = timedelta(days=7)
ANSWER_WITHIN = timedelta(days=3)  # a message older than this is said in a stronger colour

# Minutes asked for, from the time budget: at 50 treatments a year no more than about 8 minutes a patient and week.
READ_AND_ANSWER, EACH_UNREAD, FLAG = 6, 2, 15


class Reason(StrEnum):
    """Why a patient stands in the list, in the order of their strength."""

    FLAG = "flag"
    SAFETY = "safety"
    WORSE = "worse"
    UNREAD = "unread"
    HANDED_IN = "handed_in"
    ANSWERED = "answered"
    STUCK = "stuck"
    CONTACT_DUE = "contact_due"
    WINDOW = "window"
    NO_FALL = "no_fall"
    INACTIVE = "inactive"
    CLOSING = "closing"


class Group(StrEnum):
    """The four headings of the list."""

    FIRST = "first"
    TODAY = "today"
    WEEK = "week"
    WAITING = "waiting"


STRENGTH = {reason: place for place, reason in enumerate(Reason)}
GROUP_OF = {
    Reason.FLAG: Group.FIRST,
    Reason.SAFETY: Group.TODAY,
    Reason.WORSE: Group.TODAY,
    Reason.UNREAD: Group.TODAY,
    Reason.HANDED_IN: Group.TODAY,
    Reason.ANSWERED: Group.TODAY,
    Reason.STUCK: Group.TODAY,
    Reason.CONTACT_DUE: Group.TODAY,
    Reason.WINDOW: Group.TODAY,
    Reason.NO_FALL: Group.WEEK,
    Reason.INACTIVE: Group.WEEK,
    Reason.CLOSING: Group.WEEK,
}
LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ChangeRule:
    """When a programme asks to change course: no fall by so many per cent since the start, from this week on."""

    percent: int
    from_week: int


@dataclass(frozen=True)
class Measure:
    """The totals of the weekly measure, oldest first. `reliable` is how many points are more than chance."""

    totals: tuple[float, ...] = ()
    reliable: float | None = None
    higher_is_worse: bool = True

    @property
    def last(self) -> float | None:
        return self.totals[-1] if self.totals else None

    @property
    def change(self) -> float | None:
        """Return the change since the time before."""
        return self.totals[-1] - self.totals[-2] if len(self.totals) > 1 else None

    def is_marked_worse(self) -> bool:
        """Say whether the last value is reliably worse than the first or than the one before."""
        if self.reliable is None or len(self.totals) < 2:
            return False
        sign = 1 if self.higher_is_worse else -1
        return max(sign * (self.totals[-1] - earlier) for earlier in (self.totals[0], self.totals[-2])) >= self.reliable

    def has_fallen(self, percent: int) -> bool:
        """Say whether the last value is better than the first by at least so many per cent of it."""
        if len(self.totals) < 2:
            return True  # one value says nothing about a change
        sign = 1 if self.higher_is_worse else -1
        return sign * (self.totals[0] - self.totals[-1]) >= abs(self.totals[0]) * percent / 100


@dataclass(frozen=True)
class Standing:
    """What is known about one treatment now. `week` is 1 in the first seven days; `weeks` what the programme plans."""

    code: str
    sort_name: str
    week: int
    weeks: int | None = None
    flag_due_at: datetime | None = None
    unread: int = 0
    oldest_unread_at: datetime | None = None
    handed_in: int = 0
    oldest_handed_in_at: datetime | None = None
    stuck_at: datetime | None = None  # when the patient said last that it is slow going, unless somebody looked since
    last_active_at: datetime | None = None
    next_contact_on: date | None = None
    measure: Measure = Measure()
    change_rule: ChangeRule | None = None
    safety_at: datetime | None = None  # the last answer about safety, unless somebody looked since
    answered_at: datetime | None = None  # the last questionnaire before the start or after the end, likewise
    is_paused: bool = False
    is_planned: bool = False
    has_ended: bool = False
    window_waits: bool = False


@dataclass(frozen=True)
class Placed:
    """One patient's place: group, the reasons with the strongest first, and the minutes that are asked for."""

    standing: Standing
    group: Group
    reasons: tuple[Reason, ...]
    minutes: int


def reasons(standing: Standing, now: datetime, today: date) -> tuple[Reason, ...]:
    """Return why the patient needs the therapist, the strongest first. Only in active treatment is one inactive."""
    since, contact = standing.last_active_at, standing.next_contact_on
    rule, running = standing.change_rule, not (standing.is_paused or standing.is_planned or standing.has_ended)
    holds = {
        Reason.FLAG: standing.flag_due_at is not None,
        Reason.SAFETY: standing.safety_at is not None,
        Reason.WORSE: standing.measure.is_marked_worse(),
        Reason.UNREAD: standing.unread > 0,
        Reason.HANDED_IN: standing.handed_in > 0,
        Reason.ANSWERED: standing.answered_at is not None,
        Reason.STUCK: standing.stuck_at is not None,
        Reason.CONTACT_DUE: contact is not None and contact <= today,
        Reason.WINDOW: standing.window_waits,
        Reason.NO_FALL: running
        and rule is not None
        and standing.week >= rule.from_week
        and not standing.measure.has_fallen(rule.percent),
        Reason.INACTIVE: running and since is not None and now - since >= INACTIVE_AFTER,
        Reason.CLOSING: running and standing.weeks is not None and standing.week >= standing.weeks,
    }
    return tuple(reason for reason in Reason if holds[reason])


def minutes(standing: Standing, found: tuple[Reason, ...]) -> int:
    """Return the minutes to expect: none where nothing waits for the therapist."""
    if not found:
        return 0
    return READ_AND_ANSWER + EACH_UNREAD * standing.unread + (FLAG if Reason.FLAG in found else 0)


def place(standing: Standing, now: datetime, today: date) -> Placed:
    found = reasons(standing, now, today)
    group = GROUP_OF[found[0]] if found else Group.WAITING
    return Placed(standing, group, found, minutes(standing, found))


def arrange(standings: Iterable[Standing], now: datetime, today: date) -> list[Placed]:
    """Return everybody in the order of the list. `today` is the local day of `now`."""
    return sorted((place(standing, now, today) for standing in standings), key=_key)


def _key(placed: Placed) -> tuple[int, datetime, str, str]:
    standing = placed.standing
    if not placed.reasons:
        return len(STRENGTH), LAST, standing.sort_name, standing.code
    strongest = placed.reasons[0]
    clocks = {
        Reason.FLAG: standing.flag_due_at,
        Reason.UNREAD: standing.oldest_unread_at,
        Reason.HANDED_IN: standing.oldest_handed_in_at,
        Reason.SAFETY: standing.safety_at,
        Reason.ANSWERED: standing.answered_at,
        Reason.STUCK: standing.stuck_at,
        Reason.INACTIVE: standing.last_active_at,
    }
    return STRENGTH[strongest], clocks.get(strongest) or LAST, standing.sort_name, standing.code
