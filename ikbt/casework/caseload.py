"""A therapist's treatments as the rows of the work list. Reads only, and at the same cost for one row and for fifty."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import BooleanField, Count, ExpressionWrapper, F
from django.utils import timezone

from clinics.models import Patient, User
from ikbt.casework import chips, order
from ikbt.casework.flags_shown import FlagShown, open_flags_in_short
from ikbt.casework.in_care import Known, at_clinic, in_care, is_own, known_to, with_people, with_waiting
from ikbt.casework.standings import standing_of
from programs.charts import Sparkline, sparkline
from programs.instruments import text
from programs.models import Revision, Submission, Treatment
from programs.numbers import written
from programs.plans.sleep_windows import windows_waiting

DASH = "\u2013"


class Tab(StrEnum):
    """Whose treatments the list shows."""

    MINE = "mine"
    COVERING = "covering"
    CLINIC = "clinic"


@dataclass(frozen=True)
class Row:
    """One patient on the list. In the clinic's tab there is nothing that the patient has said or scored."""

    patient: Patient
    age: int
    programme: str
    week: int
    weeks: int | None
    owner: str
    stands_in: bool  # the therapist is a colleague
    chips: tuple[chips.Chip, ...]
    placed: order.Placed
    flags: tuple[FlagShown, ...]
    spark: Sparkline | None = None
    is_withdrawn: bool = False  # nobody new starts with the text that the patient has

    @property
    def time(self) -> str:
        """Return the week now of those planned, a dash before the start."""
        if not self.week:
            return DASH
        return f"{self.week}/{self.weeks}" if self.weeks else str(self.week)

    @property
    def measured(self) -> str:
        """Return the last total with its change and sign (a minus sign, not a hyphen), a dash without a measure."""
        last, change = self.placed.standing.measure.last, self.placed.standing.measure.change
        if change is None:
            return DASH if last is None else written(last)
        sign = "+" if change > 0 else "\u2212" if change < 0 else ""
        return f"{written(last)} ({sign}{written(abs(change))})"


@dataclass(frozen=True)
class Counts:
    mine: int
    covering: int
    clinic: int


@dataclass(frozen=True)
class Caseload:
    """The rows of one tab in the order of the list, and how many patients stand under each tab."""

    rows: list[Row]
    counts: Counts


def read_caseload(user: User, tab: Tab, now: datetime, language: str) -> Caseload:
    """Return the tab's rows and the counts of all tabs. Six queries at most, however many the rows.

    A flag of somebody whom the user stands in for is in the user's own list too: it must be met first, not looked for.
    """
    known = known_to(user, now)
    if tab == Tab.CLINIC:
        return _clinic_caseload(user, known, now, language)
    mine: list[Treatment] = []
    covering: list[Treatment] = []
    whose = ExpressionWrapper(is_own(user, now), BooleanField())
    for treatment in with_waiting(in_care(known).annotate(is_own=whose)):
        (mine if vars(treatment)["is_own"] else covering).append(treatment)
    flags = open_flags_in_short([treatment.patient for treatment in mine + covering])
    flagged = [each for each in covering if flags[each.patient_id]]
    shown = {str(each.patient.code): each for each in (mine + flagged if tab == Tab.MINE else covering)}
    totals = _totals([treatment.pk for treatment in shown.values()])
    windows = windows_waiting(shown.values(), timezone.localdate(now))
    standings = [
        standing_of(each, totals[each.pk], flags[each.patient_id], now, window_waits=each.pk in windows)
        for each in shown.values()
    ]
    placed_rows = order.arrange(standings, now, timezone.localdate(now))
    treatments = [(shown[placed.standing.code], placed) for placed in placed_rows]
    rows = [_row(each, placed, flags[each.patient_id], now, language) for each, placed in treatments]
    return Caseload(rows, Counts(len(mine), len(covering), len(known.at_clinic)))


def fingerprint(rows: Sequence[Row], now: datetime) -> str:
    """Return a short hash that changes with anything the list shows, and with the day since it says "today"."""
    facts = [(repr(row.placed), row.is_withdrawn, [flag.fingerprint for flag in row.flags]) for row in rows]
    return hashlib.sha256(f"{timezone.localdate(now)}{facts!r}".encode()).hexdigest()[:16]


def _totals(treatments: Collection[int]) -> dict[int, list[float]]:
    """Return the totals of each treatment's weekly measure, oldest first."""
    found = (
        Submission.objects.measures()
        .filter(treatment__in=treatments, form=F("treatment__primary_measure"), total__isnull=False)
        .order_by("sent_at", "pk")
        .values_list("treatment_id", "total")
    )
    by_treatment: dict[int, list[float]] = defaultdict(list)
    for treatment, total in found:
        by_treatment[treatment].append(float(total or 0))
    return by_treatment


def _row(treatment: Treatment, placed: order.Placed, flags: list[FlagShown], now: datetime, language: str) -> Row:
    standing = placed.standing
    totals = standing.measure.totals
    title = chips.course(totals)
    return Row(
        patient=treatment.patient,
        age=treatment.patient.age(now),
        programme=text(treatment.revision.title, language),
        week=standing.week,
        weeks=standing.weeks,
        owner=treatment.assignment.therapist.full_name,
        stands_in=not vars(treatment)["is_own"],
        chips=chips.of(placed, flags, now),
        placed=placed,
        flags=tuple(flags),
        spark=sparkline(id=f"spark-{standing.code}", title=title, values=totals),
        is_withdrawn=treatment.revision.status == Revision.Status.WITHDRAWN,
    )


def _clinic_caseload(user: User, known: Known, now: datetime, language: str) -> Caseload:
    """Return the clinic's treatments without words: name, week, owner, and the clock of a flag."""
    treatments = list(with_people(at_clinic(known)).order_by("patient__user__sort_name", "pk"))
    flags = open_flags_in_short([treatment.patient for treatment in treatments])
    rows = [_bare_row(treatment, flags[treatment.patient_id], now, language) for treatment in treatments]
    rows.sort(key=lambda row: row.placed.standing.flag_due_at or order.LAST)
    own = is_own(user, now)
    found = in_care(known).aggregate(mine=Count("pk", filter=own), covering=Count("pk", filter=~own))
    return Caseload(rows, Counts(found["mine"], found["covering"], len(rows)))


def _bare_row(treatment: Treatment, flags: list[FlagShown], now: datetime, language: str) -> Row:
    standing = order.Standing(
        code=str(treatment.patient.code),
        sort_name=treatment.patient.user.sort_name,
        week=treatment.week(now),
        flag_due_at=min((flag.due_at for flag in flags), default=None),
    )
    return Row(
        patient=treatment.patient,
        age=treatment.patient.age(now),
        programme=text(treatment.revision.title, language),
        week=standing.week,
        weeks=treatment.revision.facts.get("weeks", {}).get("planned"),
        owner=treatment.assignment.therapist.full_name,
        stands_in=False,
        chips=chips.clocks(flags, now),
        placed=order.place(standing, now, timezone.localdate(now)),
        flags=tuple(flags),
    )
