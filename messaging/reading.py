"""What the pages ask about promises. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, time

from clinics import roster
from clinics.cover import Assignment, Clinician, Interval, People, StandIn, named
from clinics.models import Absence, CareAssignment, Clinic, Role, User, WorkingHours
from clinics.working_time import Hours, WorkingTime
from messaging.promises import Promise, reply_promise


def promise_for(assignment: CareAssignment, now: datetime) -> Promise:
    """Return what the patient may be told about who reads and by when. Five queries.

    Only the people named for the patient are asked; that they may treat was checked when they were named and is watched
    by the sweep of cover. When none of them is there the whole roster is asked (four more): team or lead answers then.
    """
    clinic = assignment.patient.clinic
    covers = assignment.covers.filter(absence__cancelled_at=None, absence__ends_at__gt=now)
    standing_in = list(covers.select_related("absence", "stand_in"))
    facts = Assignment(
        programme=assignment.programme,
        therapist=str(assignment.therapist.code),
        substitute=str(assignment.substitute.code),
        start=assignment.starts_at,
        end=assignment.ends_at,
        stand_ins=tuple(
            StandIn(str(each.stand_in.code), Interval(each.absence.starts_at, each.absence.ends_at))
            for each in standing_in
        ),
    )
    hours = roster.working_time(clinic)
    users = [assignment.therapist, assignment.substitute, *(each.stand_in for each in standing_in)]
    people = People({each.code: each for each in _clinicians(users, clinic, facts.programme, hours, now)})
    if next(named(facts, people, hours, now), None) is None:
        people = roster.people(clinic, now, hours=hours)
    return reply_promise(facts, people, hours, now)


def _clinicians(
    users: Iterable[User], clinic: Clinic, programme: str, hours: WorkingTime, now: datetime
) -> list[Clinician]:
    by_pk = {user.pk: user for user in users}
    absences: dict[int, list[Interval]] = defaultdict(list)
    for absence in Absence.objects.kept().filter(user__in=by_pk, ends_at__gt=now).order_by("starts_at"):
        absences[absence.user_id].append(Interval(absence.starts_at, absence.ends_at))
    weekly: dict[int, dict[int, tuple[tuple[time, time], ...]]] = defaultdict(dict)
    own_hours = WorkingHours.objects.filter(
        membership__user__in=by_pk,
        membership__clinic=clinic,
        membership__role=Role.THERAPIST,
        membership__ended_at=None,
    )
    for row in own_hours.select_related("membership").order_by("weekday", "starts"):
        days = weekly[row.membership.user_id]
        days[row.weekday] = (*days.get(row.weekday, ()), (row.starts, row.ends))
    return [
        Clinician(
            code=str(user.code),
            name=user.full_name,
            competences=frozenset({programme}),
            hours=WorkingTime(Hours(weekly[pk])).within(hours) if pk in weekly else None,
            absences=tuple(absences[pk]),
            is_active=user.is_active,
        )
        for pk, user in by_pk.items()
    ]
