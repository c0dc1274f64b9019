"""The rows about people and opening hours, as the values that the pure modules work with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, OuterRef, Q, QuerySet, SmallIntegerField, Subquery, Value
from django.db.models.functions import JSONObject

from clinics import cover
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
from clinics.working_time import Hours, WorkingTime

AHEAD = timedelta(days=14)  # invariant I5 looks so far


def working_time(clinic: Clinic) -> WorkingTime:
    """Return the clinic's opening hours with its own closing days. One query."""
    no_day, no_weekday = Value(None, DateField()), Value(None, SmallIntegerField())
    opening = OpeningHours.objects.filter(clinic=clinic).order_by()
    closing = ClosingDay.objects.filter(clinic=clinic)
    rows = opening.values_list("weekday", no_day, "opens", "closes").union(
        closing.values_list(no_weekday, "day", "opens", "closes"), all=True
    )
    weekly: list[tuple[int, time, time]] = []
    special: dict[date, tuple[tuple[time, time], ...]] = {}
    for weekday, day, opens, closes in rows:
        if day is None:
            weekly.append((weekday, opens, closes))
        else:
            special[day] = ((opens, closes),) if opens and closes else ()
    return WorkingTime(Hours(_weekly(weekly), special))


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
        own = WorkingTime(Hours(_weekly(weekly))).within(clinic_hours)
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
    weekly = [(row["weekday"], *_clocks(row)) for row in annotated["opening"]]
    special = {
        date.fromisoformat(row["day"]): (_clocks(row),) if row["opens"] and row["closes"] else ()
        for row in annotated["closing"]
    }
    hours = WorkingTime(Hours(_weekly(weekly), special))
    there = _clinician(code, [membership], hours, open_flags)
    until = min(filter(None, [membership.ends_at, annotated["helps_until"]]))
    helps = cover.Interval(max(membership.started_at, annotated["helps_from"]), until)
    return replace(there, hours=there.hours or hours, tenure=helps, from_hub=True)


def _clocks(row: Mapping[str, str]) -> tuple[time, time]:
    return time.fromisoformat(row["opens"]), time.fromisoformat(row["closes"])


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


def _weekly(rows: Iterable[tuple[int, time, time]]) -> dict[int, tuple[tuple[time, time], ...]]:
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
