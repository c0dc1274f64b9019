"""What the pages ask about promises and threads. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time
from itertools import groupby

from django.utils import timezone

from clinics.cover import roster
from clinics.cover.coverage import Assignment, Clinician, Interval, People, StandIn
from clinics.cover.working_time import Hours, WorkingTime
from clinics.models import Absence, CareAssignment, Clinic, Cover, Role, User, WorkingHours
from clinics.models.absence import not_over
from messaging.models import Message
from messaging.promises import Promise, reply_promise
from programs.models import Treatment
from programs.treatment.readers import ReadsNow


def promise_for(assignment: CareAssignment, now: datetime) -> Promise:
    """Return what the patient may be told about who reads and by when. Three queries, four when the therapist is away.

    Only the people named for the patient are asked (two more for an absence's own stand-in), since only they can read;
    that they may treat was checked when they were named and is watched by the sweep of cover.
    """
    clinic, therapist, substitute = assignment.patient.clinic, assignment.therapist, assignment.substitute
    hours = roster.working_time(clinic)
    facts = Assignment(assignment.programme, str(therapist.code), str(substitute.code))
    members = _clinicians([therapist, substitute], clinic, facts.programme, hours, now)
    promise = reply_promise(facts, People(members), hours, now)
    if not promise.is_away:
        return promise
    covers = assignment.covers.filter(not_over(now, "absence__"), absence__cancelled_at=None)
    if standing_in := list(covers.select_related("absence", "stand_in")):
        members |= _clinicians([each.stand_in for each in standing_in], clinic, facts.programme, hours, now)
        facts = replace(facts, stand_ins=tuple(map(_stand_in, standing_in)))
    return reply_promise(facts, People(members), hours, now)


def promise_while_away(assignment: CareAssignment, now: datetime, *, has_absence: bool | None = None) -> Promise | None:
    """Return who answers, None when it is the therapist: no absence goes on or is planned, and the account is open.

    `has_absence` says whether the therapist has such an absence where that has been asked.
    """
    if has_absence is None:
        has_absence = Absence.objects.not_over(now).filter(user=assignment.therapist).exists()
    return promise_for(assignment, now) if has_absence or not assignment.therapist.is_active else None


def reads_now(treatment: Treatment, now: datetime) -> ReadsNow | None:
    """Return who reads and answers while the therapist is away, None when the therapist does. One query, more if away.

    `treatment.patient` and its clinic are loaded.
    """
    assignment = treatment.assignment
    assignment.patient = treatment.patient
    promise = promise_while_away(assignment, now)
    if promise is None or not promise.is_away:
        return None
    away = assignment.therapist.first_name if promise.name else ""
    reader = promise.reader or treatment.patient.clinic.name
    return ReadsNow(reader, away, promise.away_until, promise.reply_by, promise.back_at)


def _stand_in(cover: Cover) -> StandIn:
    return StandIn(str(cover.stand_in.code), Interval(cover.absence.starts_at, cover.absence.ends_at))


def _clinicians(
    users: Iterable[User], clinic: Clinic, programme: str, hours: WorkingTime, now: datetime
) -> dict[str, Clinician]:
    by_pk = {user.pk: user for user in users}
    absences: dict[int, list[Interval]] = defaultdict(list)
    for absence in Absence.objects.not_over(now).filter(user__in=by_pk).order_by("starts_at"):
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
    return {
        str(user.code): Clinician(
            code=str(user.code),
            name=user.full_name,
            competences=frozenset({programme}),
            hours=WorkingTime(Hours(weekly[pk])).within(hours) if pk in weekly else None,
            absences=tuple(absences[pk]),
            is_active=user.is_active,
        )
        for pk, user in by_pk.items()
    }


def thread_of(treatment: Treatment) -> list[tuple[date, list[Message]]]:
    """Return what has been written by local day, newest last."""
    written = treatment.messages.select_related("author").order_by("sent_at", "pk")
    return [(day, list(each)) for day, each in groupby(written, key=lambda each: timezone.localdate(each.sent_at))]
