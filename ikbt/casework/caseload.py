"""A therapist's treatments as the rows of the work list. Reads only, and at the same cost for one row and for fifty."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from django.utils import timezone

from clinics.models import User
from ikbt.casework import chips, order
from ikbt.casework.flags_listed import ListedFlag, open_flags
from ikbt.casework.in_care import Known, at_clinic, in_care, known_to
from ikbt.casework.listed import Listed, listed, listed_with_waiting
from ikbt.casework.standings import Edition, editions_of, standing_of
from ikbt.moments import in_words
from programs.charts import Sparkline, sparkline
from programs.numbers import written
from programs.plans.sleep_windows import windows_waiting

DASH = "\u2013"


class Tab(StrEnum):
    """Whose treatments the list shows."""

    MINE = "mine"
    COVERING = "covering"
    CLINIC = "clinic"


class Row(NamedTuple):
    """One patient on the list, in words. The clinic's tab has nothing that the patient has said or scored."""

    patient: int
    code: UUID  # the patient's
    name: str
    age: int
    programme: str
    time: str  # the week now of those planned, a dash before the start
    owner: str
    chips: tuple[chips.Chip, ...]
    flags: int  # how many are open
    stands_in: bool = False  # the therapist is a colleague
    is_withdrawn: bool = False  # nobody new starts with the text that the patient has
    measured: str = DASH
    active: str = ""  # when the patient was last active
    spark: Sparkline | None = None
    group: order.Group = order.Group.WAITING
    minutes: int = 0
    waits: bool = False  # something waits for the therapist


@dataclass(frozen=True)
class Counts:
    mine: int
    covering: int
    clinic: int


@dataclass(frozen=True)
class Caseload:
    """The rows of one tab in the order of the list, and how many patients stand under each tab.

    `covered_for`: the ids of the therapists whom the user stands in for now.
    """

    rows: list[Row]
    counts: Counts
    covered_for: frozenset[int]


def read_caseload(user: User, tab: Tab, now: datetime, language: str) -> Caseload:
    """Return the tab's rows and the counts of all tabs. Six queries at most, however many the rows.

    A flag of somebody whom the user stands in for is in the user's own list too: it must be met first, not looked for.
    """
    known = known_to(user, now)
    if tab == Tab.CLINIC:
        return _clinic_caseload(known, now, language)
    mine: list[Listed] = []
    covering: list[Listed] = []
    for each in listed_with_waiting(in_care(known)):
        (mine if known.is_own(each) else covering).append(each)
    flags = open_flags([each.patient for each in mine + covering])
    flagged = [each for each in covering if flags[each.patient]]
    shown = {str(each.code): each for each in (mine + flagged if tab == Tab.MINE else covering)}
    editions = editions_of(shown.values(), language)
    sleepers = [each.pk for each in shown.values() if editions[each.revision].has_window]
    today = timezone.localdate(now)
    windows = windows_waiting(sleepers, today)
    standings = [
        standing_of(each, editions[each.revision], flags[each.patient], now, window_waits=each.pk in windows)
        for each in shown.values()
    ]
    rows = []
    for placed in order.arrange(standings, now, today):
        each = shown[placed.standing.code]
        rows.append(_row(each, placed, editions[each.revision], flags[each.patient], now, is_own=known.is_own(each)))
    return Caseload(rows, Counts(len(mine), len(covering), len(known.at_clinic)), known.covered_for)


def fingerprint(rows: Sequence[Row], now: datetime) -> str:
    """Return a short hash that changes with anything the list shows, and with the day since it says "today"."""
    facts = [tuple(row) for row in rows]
    return hashlib.sha256(f"{timezone.localdate(now)}{facts!r}".encode()).hexdigest()[:16]


def _row(
    treatment: Listed, placed: order.Placed, edition: Edition, flags: list[ListedFlag], now: datetime, *, is_own: bool
) -> Row:
    standing = placed.standing
    totals, active_at = standing.measure.totals, standing.last_active_at
    return Row(
        patient=treatment.patient,
        code=treatment.code,
        name=treatment.full_name,
        age=treatment.age(timezone.localdate(now)),
        programme=edition.title,
        time=_time(standing.week, edition.weeks),
        owner=treatment.therapist_name,
        chips=chips.of(placed, flags, now),
        flags=len(flags),
        stands_in=not is_own,
        is_withdrawn=edition.is_withdrawn,
        measured=_measured(standing.measure),
        active=in_words(active_at, now) if active_at else "",
        spark=sparkline(id=f"spark-{standing.code}", title=chips.course(totals), values=totals),
        group=placed.group,
        minutes=placed.minutes,
        waits=bool(placed.reasons),
    )


def _time(week: int, weeks: int | None) -> str:
    if not week:
        return DASH
    return f"{week}/{weeks}" if weeks else str(week)


def _measured(measure: order.Measure) -> str:
    """Return the last total with its change and sign (a minus sign, not a hyphen), a dash without a measure."""
    last, change = measure.last, measure.change
    if change is None:
        return DASH if last is None else written(last)
    sign = "+" if change > 0 else "\u2212" if change < 0 else ""
    return f"{written(last)} ({sign}{written(abs(change))})"


def _clinic_caseload(known: Known, now: datetime, language: str) -> Caseload:
    """Return the clinic's treatments without words: name, week, owner, and the clock of a flag."""
    treatments = listed(at_clinic(known))
    flags = open_flags([each.patient for each in treatments])
    editions = editions_of(treatments, language)
    due = {pk: min(flag.due_at for flag in found) for pk, found in flags.items()}
    treatments.sort(key=lambda each: (due.get(each.patient, order.LAST), each.sort_name, each.pk))
    rows = [_bare_row(each, editions[each.revision], flags[each.patient], now) for each in treatments]
    own = [known.is_own(each) for each in listed(in_care(known))]
    return Caseload(rows, Counts(sum(own), len(own) - sum(own), len(rows)), known.covered_for)


def _bare_row(treatment: Listed, edition: Edition, flags: list[ListedFlag], now: datetime) -> Row:
    return Row(
        patient=treatment.patient,
        code=treatment.code,
        name=treatment.full_name,
        age=treatment.age(timezone.localdate(now)),
        programme=edition.title,
        time=_time(treatment.week(now), edition.weeks),
        owner=treatment.therapist_name,
        chips=chips.clocks(flags, now),
        flags=len(flags),
    )
