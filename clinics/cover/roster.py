"""The rows about people and opening hours, as the values that the pure modules work with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, Value
from django.db.models.functions import Cast, JSONObject

from clinics.cover import coverage as cover
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

OpeningRow = tuple[Any, date | None, date | None, Any, Any]  # weekday, first day, last day, opens, closes
AHEAD = timedelta(days=14)  # invariant I5 looks so far
SEASON_COLUMNS = ("first_day", "last_day", "hours__weekday", "hours__opens", "hours__closes")


def working_time(clinic: Clinic) -> WorkingTime:
    """Return the clinic's opening hours with its seasons and its own days. One query."""
    no_day, no_weekday = Cast(Value(None), DateField()), Cast(Value(None), SmallIntegerField())
    opening = OpeningHours.objects.filter(clinic=clinic).order_by()
    closing = ClosingDay.objects.filter(clinic=clinic)
    seasons = SeasonRow.objects.filter(clinic=clinic)  # with their hours, or one row without
    rows = opening.values_list("weekday", no_day, no_day, "opens", "closes").union(
        closing.values_list(no_weekday, "day", no_day, "opens", "closes"),
        seasons.values_list("hours__weekday", "first_day", "last_day", "hours__opens", "hours__closes"),
        all=True,
    )
    return WorkingTime(_hours(rows))


def people(
    clinic: Clinic, now: datetime, *, hours: WorkingTime | None = None, open_flags: Mapping[str, int] | None = None
) -> cover.People:
    """Return everybody who may stand in the clinic's chain, with absences that end after `now`. One query.

    Among them the therapists of clinics that help out, now or later.

    `open_flags` is how many flags each person owns now, by code.
    """
    hours, owned = hours or working_time(clinic), open_flags or {}
    this = OuterRef("pk")
    kept = Absence.objects.not_over(now).filter(user=OuterRef("user"))
    helps = HubAgreement.objects.coming(now).filter(needs=clinic).order_by("starts_at")
    this_hub = helps.filter(hub=OuterRef("clinic"))
    own = Q(clinic=clinic, role__in=[Role.THERAPIST, Role.LEAD, Role.DEPUTY])
    of_hub = Q(clinic__in=helps.order_by().values("hub"), role=Role.THERAPIST, lent_from=None)
    current_and_closed = (
        Membership.objects.filter(own | of_hub, ended_at=None)
        .select_related("user")
        .annotate(
            programmes=ArraySubquery(Competence.objects.filter(membership=this).values("programme")),
            own_hours=_listed(WorkingHours.objects.filter(membership=this), "weekday", "starts", "ends"),
            away=_listed(kept, "starts_at", "ends_at"),
            helps_from=Subquery(this_hub.values("starts_at")[:1]),
            helps_until=Subquery(this_hub.values("ends_at")[:1]),
            opening=_listed(OpeningHours.objects.filter(clinic=OuterRef("clinic")), "weekday", "opens", "closes"),
            closing=_listed(ClosingDay.objects.filter(clinic=OuterRef("clinic")), "day", "opens", "closes"),
            seasons=_listed(SeasonRow.objects.filter(clinic=OuterRef("clinic")), *SEASON_COLUMNS),
        )
    )
    by_person: dict[str, list[Membership]] = defaultdict(list)
    helping: dict[str, list[Membership]] = defaultdict(list)
    for membership in current_and_closed:
        (by_person if membership.clinic_id == clinic.pk else helping)[str(membership.user.code)].append(membership)
    members = {code: _from_hub(code, held[0], owned.get(code, 0)) for code, held in helping.items()}
    members |= {code: _clinician(code, held, hours, owned.get(code, 0)) for code, held in by_person.items()}
    leading = {m.role: str(m.user.code) for held in by_person.values() for m in held}
    return cover.People(members, lead=leading.get(Role.LEAD), deputy=leading.get(Role.DEPUTY))


def facts(assignment: CareAssignment) -> cover.Assignment:
    """Return who is named for the assignment, stand-ins of its therapist's absences included. One query."""
    return facts_of([assignment])[assignment.pk]


def facts_of(assignments: Sequence[CareAssignment]) -> dict[int, cover.Assignment]:
    """Return the same for many assignments, by their pk. One query, when therapist and substitute are loaded."""
    kept = Cover.objects.filter(assignment__in=assignments, absence__cancelled_at=None)
    stand_ins: dict[int, list[cover.StandIn]] = defaultdict(list)
    for each in kept.select_related("absence", "stand_in").order_by("pk"):
        during = cover.Interval(each.absence.starts_at, each.absence.ends_at)
        stand_ins[each.assignment_id].append(cover.StandIn(str(each.stand_in.code), during))
    return {
        assignment.pk: cover.Assignment(
            programme=assignment.programme,
            therapist=str(assignment.therapist.code),
            substitute=str(assignment.substitute.code),
            start=assignment.starts_at,
            end=assignment.ends_at,
            stand_ins=tuple(stand_ins[assignment.pk]),
        )
        for assignment in assignments
    }


def seen_end(absence: Absence, now: datetime) -> datetime:
    """Return the end of an absence, for one without an end as far as invariant I5 looks."""
    return absence.ends_at or now + AHEAD


def gaps_ahead(assignment: CareAssignment, now: datetime, ahead: timedelta = AHEAD) -> list[cover.Gap]:
    """Return when in the coming days nobody named stands behind the patient."""
    clinic = assignment.patient.clinic
    hours = working_time(clinic)
    return cover.gaps(facts(assignment), people(clinic, now, hours=hours), hours, now, now + ahead)


def _clinician(code: str, held: list[Membership], clinic_hours: WorkingTime, open_flags: int) -> cover.Clinician:
    treating = next((m for m in held if m.role == Role.THERAPIST), None)
    user, annotated = held[0].user, vars(treating or held[0])
    own = None
    if treating and (rows := annotated["own_hours"]):
        weekly = ((r["weekday"], time.fromisoformat(r["starts"]), time.fromisoformat(r["ends"])) for r in rows)
        own = WorkingTime(Hours(weekly_hours(weekly))).within(clinic_hours)
    return cover.Clinician(
        code=code,
        name=user.full_name,
        competences=frozenset(annotated["programmes"]) if treating else frozenset(),
        hours=own,
        absences=tuple(_away(row) for row in annotated["away"]),
        is_active=user.is_active,
        may_treat=bool(treating and treating.may_treat),
        may_decide=any(m.is_clinical for m in held),
        tenure=_tenure(treating or held[0]),
        open_flags=open_flags,
    )


def _from_hub(code: str, membership: Membership, open_flags: int) -> cover.Clinician:
    """Return a therapist of a clinic that helps out: with the hours of that clinic, for as long as it helps."""
    annotated = vars(membership)
    week = [(row["weekday"], None, None, *_clocks(row)) for row in annotated["opening"]]
    days = [(None, date.fromisoformat(row["day"]), None, *_clocks(row)) for row in annotated["closing"]]
    hours = WorkingTime(_hours([*week, *days, *map(_in_season, annotated["seasons"])]))
    there = _clinician(code, [membership], hours, open_flags)
    until = min(filter(None, [membership.ends_at, annotated["helps_until"]]))
    helps = cover.Interval(max(membership.started_at, annotated["helps_from"]), until)
    return replace(there, hours=there.hours or hours, tenure=helps, from_hub=True)


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


def _tenure(membership: Membership) -> cover.Interval | None:
    """Return the dates of the membership, None for one without an end."""
    return cover.Interval(membership.started_at, membership.ends_at) if membership.ends_at else None


def _listed(rows: QuerySet[Any], *columns: str) -> ArraySubquery:
    """Return the columns of the rows as one array of JSON, in the query that asks for what they belong to."""
    return ArraySubquery(rows.values(row=JSONObject(**{column: column for column in columns})))


def _away(row: Mapping[str, Any]) -> cover.Interval:
    ends_at = row["ends_at"]
    return cover.Interval(
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
