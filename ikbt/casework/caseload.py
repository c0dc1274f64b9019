"""A therapist's treatments as the rows of the work list. Reads only, and at the same cost for one row and for fifty."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, F, Min, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from clinics.models import Patient, User
from ikbt.casework import chips, order
from ikbt.casework.flags_shown import FlagShown, open_flags_in_short
from ikbt.casework.standings import standing_of
from ikbt.numbers import written
from messaging.models import Message
from programs.charts import Sparkline, sparkline
from programs.instruments import text
from programs.models import Revision, Step, Submission, Treatment
from programs.plans.sleep_windows import windows_waiting
from programs.treatment.aftercare import followed_up_by, unread_measures
from riskmonitor.models import Flag


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
    def change(self) -> str:
        """Return the change with its sign (a minus sign, not a hyphen), nothing for one measure."""
        change = self.placed.standing.measure.change
        if change is None:
            return ""
        sign = "+" if change > 0 else "\u2212" if change < 0 else ""
        return sign + written(abs(change))


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


@dataclass(frozen=True)
class Known:
    """Patients by their ids: whose words the user may read now, and who is in treatment where the user works."""

    readable: list[int]
    at_clinic: list[int]


def known_to(user: User, now: datetime) -> Known:
    """Return the patients known to the user, without the user. One query.

    It is asked apart from the treatments: joined into their query, who may see whom would be put together three times.
    """
    patients = Patient.objects.visible_to(user).exclude(user=user)
    running = Treatment.objects.running().filter(patient=OuterRef("pk"))
    cared_for = Patient.objects.in_care_of(user, now).filter(pk=OuterRef("pk"))
    known = patients.annotate(is_readable=Exists(cared_for), runs=Exists(running))
    found = known.filter(Q(is_readable=True) | Q(runs=True))
    rows = list(found.values_list("pk", "is_readable", "runs"))
    return Known([pk for pk, is_readable, _ in rows if is_readable], [pk for pk, _, runs in rows if runs])


def in_care(known: Known) -> QuerySet[Treatment]:
    """Treatments whose words the user may read now: own, covered to the minute, or by a dated grant.

    They are planned or run; or they are their patient's last one, and a flag is open or a follow-up was answered that
    nobody has looked at: both are answered also after the end.
    """
    same = Treatment.objects.filter(patient=OuterRef("patient"))
    latest = same.order_by(F("started_at").desc(nulls_last=True), "-pk").values("pk")[:1]
    waits = Exists(Flag.objects.open().filter(patient=OuterRef("patient"))) | Exists(unread_measures())
    over = Treatment.objects.filter(waits, ~Exists(same.current()), pk=Subquery(latest))
    return (Treatment.objects.current() | over).filter(patient__in=known.readable)


def at_clinic(known: Known) -> QuerySet[Treatment]:
    """Running treatments at the clinics where the user works."""
    return Treatment.objects.running().filter(patient__in=known.at_clinic)


def _own(user: User, now: datetime) -> Q:
    """Return the condition that the treatment is the user's own, or was handed to them for its follow-ups."""
    return Q(assignment__therapist=user) | Q(followed_up_by(user, now), ended_at__isnull=False)


def read_caseload(user: User, tab: Tab, now: datetime, language: str) -> Caseload:
    """Return the tab's rows and the counts of all tabs. Six queries at most, however many the rows.

    A flag of somebody whom the user stands in for is in the user's own list too: it must be met first, not looked for.
    """
    known = known_to(user, now)
    if tab == Tab.CLINIC:
        return _clinic_caseload(user, known, now, language)
    mine: list[Treatment] = []
    covering: list[Treatment] = []
    is_own = ExpressionWrapper(_own(user, now), BooleanField())
    for treatment in _with_waiting(in_care(known).annotate(is_own=is_own)):
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


def _with_people(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Join the people; the revision comes once, not with its facts in every row."""
    return treatments.select_related("patient__user", "assignment__therapist").prefetch_related("revision")


def _with_waiting(treatments: QuerySet[Treatment]) -> QuerySet[Treatment]:
    """Add what waits for the therapist and when the patient was last active."""
    here = {"treatment": OuterRef("pk")}
    unread = Message.objects.unread_by_staff().filter(**here).order_by().values("treatment")
    sent = Step.objects.filter(**here, sent_at__isnull=False, answered_at=None).order_by().values("treatment")
    written = Message.objects.filter(**here, from_patient=True).order_by("-sent_at").values("sent_at")[:1]
    seen_at = Coalesce(OuterRef("seen_by_therapist_at"), OuterRef("planned_at"))
    stuck = Submission.objects.stuck().filter(**here, sent_at__gt=seen_at)
    safety = Step.objects.filter(**here, safety_at__gt=seen_at).order_by("-safety_at").values("safety_at")[:1]
    answered = Submission.objects.filter(**here).order_by("-sent_at").values("sent_at")[:1]
    return _with_people(treatments).annotate(
        unread=Subquery(unread.annotate(found=Count("pk")).values("found")),
        oldest_unread_at=Subquery(unread.annotate(found=Min("sent_at")).values("found")),
        handed_in=Subquery(sent.annotate(found=Count("pk")).values("found")),
        oldest_handed_in_at=Subquery(sent.annotate(found=Min("sent_at")).values("found")),
        safety_at=Subquery(safety),
        answered_at=Subquery(unread_measures().values("sent_at")[:1]),
        stuck_at=Subquery(stuck.order_by("-sent_at").values("sent_at")[:1]),
        last_active_at=Greatest(Subquery(written), Subquery(answered), F("started_at")),
    )


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
    treatments = list(_with_people(at_clinic(known)).order_by("patient__user__sort_name", "pk"))
    flags = open_flags_in_short([treatment.patient for treatment in treatments])
    rows = [_bare_row(treatment, flags[treatment.patient_id], now, language) for treatment in treatments]
    rows.sort(key=lambda row: row.placed.standing.flag_due_at or order.LAST)
    own = _own(user, now)
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
