"""The rows about people and opening hours, as the values that the pure modules work with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, Exists, OuterRef, QuerySet, SmallIntegerField, Value
from django.db.models.functions import Cast, JSONObject

from clinics.cover import coverage
from clinics.cover.ranges import Range, union
from clinics.cover.working_time import Hours, Season, WorkingTime
from clinics.models import (
    Absence,
    CareAssignment,
    Clinic,
    ClosingDay,
    Competence,
    Cover,
    HubAgreement,
    Membership,
    OpeningHours,
    Role,
    WorkingHours,
)
from clinics.models import Season as SeasonRow
from clinics.models.hub import HubAgreementSet

OpeningRow = tuple[Any, date | None, date | None, Any, Any]  # weekday, first day, last day, opens, closes
NamedRow = tuple[int, str, UUID, UUID, datetime, datetime | None]  # pk, programme, therapist, substitute, dates
CoverRow = tuple[int, UUID, datetime, datetime | None]  # pk of the assignment, who stands in, dates of the absence
AHEAD = timedelta(days=14)  # invariant I5 looks so far
SEASON_COLUMNS = ("first_day", "last_day", "hours__weekday", "hours__opens", "hours__closes")


def _listed(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """Return the columns of the rows as one array of JSON, in the query that asks for what they belong to."""
    return ArraySubquery(rows.values(row=JSONObject(**{column: column for column in columns})))


# What is asked for every clinic alike is built once: building a question takes longer than its answer.
_NO_DAY, _NO_WEEKDAY = Cast(Value(None), DateField()), Cast(Value(None), SmallIntegerField())
_WEEK = OpeningHours.objects.order_by().values_list("weekday", _NO_DAY, _NO_DAY, "opens", "closes")
_OWN_DAYS = ClosingDay.objects.values_list(_NO_WEEKDAY, "day", _NO_DAY, "opens", "closes")
_SEASONS = SeasonRow.objects.values_list(  # with their hours, or one row without
    "hours__weekday", "first_day", "last_day", "hours__opens", "hours__closes"
)
_HELD = (
    Membership.objects.filter(ended_at=None)
    .select_related("user")
    .annotate(
        programmes=ArraySubquery(Competence.objects.filter(membership=OuterRef("pk")).values("programme")),
        own_hours=_listed(WorkingHours.objects.filter(membership=OuterRef("pk")), "weekday", "starts", "ends"),
    )
)
_MAY_HAVE_HUB = Exists(HubAgreement.objects.filter(needs=OuterRef("clinic"), ended_at=None))
_CHAIN = _HELD.filter(role__in=[Role.THERAPIST, Role.LEAD, Role.DEPUTY]).annotate(may_have_hub=_MAY_HAVE_HUB)
_STAND_INS = (
    Cover.objects.filter(absence__cancelled_at=None)
    .order_by("pk")
    .values_list("assignment_id", "stand_in__code", "absence__starts_at", "absence__ends_at")
)


def working_time(clinic: Clinic) -> WorkingTime:
    """Return the clinic's opening hours with its seasons and its own days. One query."""
    week, own_days, seasons = (rows.filter(clinic=clinic) for rows in (_WEEK, _OWN_DAYS, _SEASONS))
    return WorkingTime(_hours(week.union(own_days, seasons, all=True)))


def people(clinic: Clinic, now: datetime, *, hours: WorkingTime | None = None) -> coverage.People:
    """Return everybody who may stand in the clinic's chain, with absences that end after `now`.

    Among them the therapists of clinics that help out, now or later. One query, and one more where an agreement with a
    hub has not been ended.
    """
    hours = hours or working_time(clinic)
    held = list(_with_absences(_CHAIN.filter(clinic=clinic), now))
    by_person: dict[str, list[Membership]] = defaultdict(list)
    for membership in held:
        by_person[str(membership.user.code)].append(membership)
    has_hub = not held or vars(held[0])["may_have_hub"]
    helping = _helping(HubAgreement.objects.coming(now).filter(needs=clinic), now) if has_hub else []
    members = {str(m.user.code): _from_hub(m) for m in helping}
    members |= {code: _clinician(code, own, hours) for code, own in by_person.items()}
    leading = {m.role: str(m.user.code) for m in held}
    return coverage.People(members, lead=leading.get(Role.LEAD), deputy=leading.get(Role.DEPUTY))


def _with_absences(memberships: QuerySet[Membership], now: datetime, **also: Any) -> QuerySet[Membership]:
    """Carry along the absences that are not over, and what else is given."""
    kept = Absence.objects.not_over(now).filter(user=OuterRef("user"))
    return memberships.annotate(away=_listed(kept, "starts_at", "ends_at"), **also)


def _helping(helps: HubAgreementSet, now: datetime) -> QuerySet[Membership]:
    """Return the therapists of the clinics that help out by these agreements, with the opening hours there."""
    there = OuterRef("clinic")
    of_hub = _HELD.filter(clinic__in=helps.values("hub"), role=Role.THERAPIST, lent_from=None)
    return _with_absences(
        of_hub,
        now,
        helps=_listed(helps.filter(hub=there), "starts_at", "ends_at"),
        opening=_listed(OpeningHours.objects.filter(clinic=there), "weekday", "opens", "closes"),
        closing=_listed(ClosingDay.objects.filter(clinic=there), "day", "opens", "closes"),
        seasons=_listed(SeasonRow.objects.filter(clinic=there), *SEASON_COLUMNS),
    )


def facts(assignment: CareAssignment) -> coverage.Assignment:
    """Return who is named for the assignment, stand-ins of its therapist's absences included. One query."""
    return facts_of([assignment])[assignment.pk]


def facts_of(assignments: Sequence[CareAssignment]) -> dict[int, coverage.Assignment]:
    """Return the same for many assignments, by their pk. One query, when therapist and substitute are loaded."""
    rows = ((a.pk, a.programme, a.therapist.code, a.substitute.code, a.starts_at, a.ends_at) for a in assignments)
    return _facts(rows, _STAND_INS.filter(assignment__in=assignments))


def facts_in(assignments: QuerySet[CareAssignment]) -> dict[int, coverage.Assignment]:
    """Return the same for assignments that nobody has loaded, and that need not be. Two queries."""
    rows = assignments.values_list("pk", "programme", "therapist__code", "substitute__code", "starts_at", "ends_at")
    return _facts(rows, _STAND_INS.filter(assignment__in=assignments.values("pk")))


def _facts(rows: Iterable[NamedRow], covers: Iterable[CoverRow]) -> dict[int, coverage.Assignment]:
    stand_ins: dict[int, list[coverage.StandIn]] = defaultdict(list)
    for pk, code, start, end in covers:
        stand_ins[pk].append(coverage.StandIn(str(code), coverage.Interval(start, end)))
    return {
        pk: coverage.Assignment(programme, str(therapist), str(substitute), start, end, tuple(stand_ins[pk]))
        for pk, programme, therapist, substitute, start, end in rows
    }


def seen_end(absence: Absence, now: datetime) -> datetime:
    """Return the end of an absence, for one without an end as far as invariant I5 looks."""
    return absence.ends_at or now + AHEAD


def gaps_ahead(assignment: CareAssignment, now: datetime, ahead: timedelta = AHEAD) -> list[coverage.Gap]:
    """Return when in the coming days nobody named stands behind the patient."""
    clinic = assignment.patient.clinic
    hours = working_time(clinic)
    return coverage.gaps(facts(assignment), people(clinic, now, hours=hours), hours, now, now + ahead)


def _clinician(code: str, held: list[Membership], clinic_hours: WorkingTime) -> coverage.Clinician:
    treating = next((m for m in held if m.role == Role.THERAPIST), None)
    user, annotated = held[0].user, vars(treating or held[0])
    own = None
    if rows := annotated["own_hours"]:  # of who leads without treating too: on a day off the other one is asked
        weekly = ((r["weekday"], time.fromisoformat(r["starts"]), time.fromisoformat(r["ends"])) for r in rows)
        own = WorkingTime(Hours(weekly_hours(weekly))).within(clinic_hours)
    return coverage.Clinician(
        code=code,
        name=user.full_name,
        competences=frozenset(annotated["programmes"]) if treating else frozenset(),
        hours=own,
        absences=tuple(_away(row) for row in annotated["away"]),
        is_active=user.is_active,
        may_treat=bool(treating and treating.may_treat),
        may_decide=any(m.is_clinical for m in held),
        tenure=_tenure(treating or held[0]),
    )


def _from_hub(membership: Membership) -> coverage.Clinician:
    """Return a therapist of a clinic that helps out: with the hours of that clinic, for as long as it helps.

    Agreements that adjoin are one: whoever renews in time leaves no gap, neither on the day nor in what is foreseen.
    """
    annotated = vars(membership)
    week = [(row["weekday"], None, None, *_clocks(row)) for row in annotated["opening"]]
    days = [(None, date.fromisoformat(row["day"]), None, *_clocks(row)) for row in annotated["closing"]]
    hours = WorkingTime(_hours([*week, *days, *map(_in_season, annotated["seasons"])]))
    there = _clinician(str(membership.user.code), [membership], hours)
    (begins, ends), *_later = union(map(_agreed, annotated["helps"]))
    helps = coverage.Interval(max(membership.started_at, begins), min(filter(None, [membership.ends_at, ends])))
    return replace(there, hours=there.hours or hours, tenure=helps, from_hub=True)


def _agreed(row: Mapping[str, str]) -> Range:
    return datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(row["ends_at"])


def _in_season(row: Mapping[str, str]) -> OpeningRow:
    first, last = date.fromisoformat(row["first_day"]), date.fromisoformat(row["last_day"])
    return row["hours__weekday"], first, last, *_clocks(row, "hours__")


def _clocks(row: Mapping[str, str | None], prefix: str = "") -> tuple[time | None, time | None]:
    opens, closes = row[f"{prefix}opens"], row[f"{prefix}closes"]
    return (time.fromisoformat(opens), time.fromisoformat(closes)) if opens and closes else (None, None)


def _hours(rows: Iterable[OpeningRow]) -> Hours:
    """Return the hours that the rows say: of the week, of a day (without a last one), or of the week in a season."""
    weekly: list[tuple[int, time, time]] = []
    special: dict[date, tuple[tuple[time, time], ...]] = {}
    in_season: dict[tuple[date, date], list[tuple[int, time, time]]] = defaultdict(list)
    for weekday, first, last, opens, closes in rows:
        if first is None:
            weekly.append((weekday, opens, closes))
        elif last is None:
            special[first] = ((opens, closes),) if opens and closes else ()
        else:
            in_season[first, last] += [(weekday, opens, closes)] if opens else []
    found = tuple(Season(first, last, weekly_hours(week)) for (first, last), week in in_season.items())
    return Hours(weekly_hours(weekly), special, seasons=found)


def _tenure(membership: Membership) -> coverage.Interval | None:
    """Return the dates of the membership, None for one without an end."""
    return coverage.Interval(membership.started_at, membership.ends_at) if membership.ends_at else None


def _away(row: Mapping[str, Any]) -> coverage.Interval:
    ends_at = row["ends_at"]
    return coverage.Interval(
        datetime.fromisoformat(row["starts_at"]), datetime.fromisoformat(ends_at) if ends_at else None
    )


def weekly_hours(rows: Iterable[tuple[int, time, time]]) -> dict[int, tuple[tuple[time, time], ...]]:
    """Return intervals by weekday, in order."""
    weekly: dict[int, list[tuple[time, time]]] = defaultdict(list)
    for weekday, starts, ends in rows:
        weekly[weekday].append((starts, ends))
    return {weekday: _merged(sorted(openings)) for weekday, openings in weekly.items()}


def _merged(openings: list[tuple[time, time]]) -> tuple[tuple[time, time], ...]:
    """Return the openings with those that overlap made one: two rows that say the same must silence nobody."""
    merged = openings[:1]
    for starts, ends in openings[1:]:
        if starts < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(ends, merged[-1][1]))
        else:
            merged.append((starts, ends))
    return tuple(merged)
