"""What waits for whom, since when, and who is not seen all the while. Reads only."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.db.models import F, Min, Q

from clinics.cover import coverage as cover
from clinics.cover import roster
from clinics.cover.last_seen import seen_at
from clinics.cover.not_seen import PRESSING_MINUTES, Waiting, away_from, working_time_of
from clinics.cover.working_time import WorkingTime
from clinics.models import Absence, CareAssignment, Clinic, User
from messaging.models import Message
from programs.models import Step, Treatment
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Urgency

SOONEST = timedelta(minutes=PRESSING_MINUTES)  # nothing younger makes anybody absent
Turns = dict[tuple[int, str], Waiting]  # by clinic and the person's code


@dataclass(frozen=True)
class Silent:
    """Somebody who counts as away, and when the person was last seen: what that was told from."""

    user: User
    last_seen: datetime | None


def silent(now: datetime) -> list[Silent]:
    """Return those who have not been seen for so long that they count as away, leads among them.

    Nine queries, and two for each clinic where something has waited for eight hours.
    """
    sent = _sent(now)
    assignments = list(
        CareAssignment.objects.filter(pk__in=sent).select_related("therapist", "substitute", "patient").order_by("pk")
    )
    told, facts = _told(now), roster.facts_of(assignments)
    found: dict[str, list[tuple[cover.Clinician, Waiting, WorkingTime]]] = defaultdict(list)
    clinics = {each.patient.clinic_id for each in assignments} | {clinic for clinic, _code in told}
    for clinic in Clinic.objects.real().filter(pk__in=clinics).order_by("pk"):
        hours = roster.working_time(clinic)
        people = roster.people(clinic, now, hours=hours)
        here = [(facts[each.pk], sent[each.pk]) for each in assignments if each.patient.clinic_id == clinic.pk]
        turns = {code: waiting for (pk, code), waiting in told.items() if pk == clinic.pk}
        for person, waiting in _turns(here, people, hours, now):
            turns[person.code] = waiting.joined(turns.get(person.code, waiting))
        for code, waiting in turns.items():
            if asked := people.get(code):
                found[code].append((asked, waiting, hours))
    return _not_seen(found, now)


def _not_seen(found: dict[str, list[tuple[cover.Clinician, Waiting, WorkingTime]]], now: datetime) -> list[Silent]:
    """Return those of whom it holds at one clinic at least; whoever acts anywhere has been seen."""
    users = list(User.objects.filter(code__in=found).order_by("pk"))
    seen = seen_at(users)
    quiet = [user for user in users if (at := seen[user.pk]) is None or now - at >= SOONEST]
    oldest = min((waiting.since for each in found.values() for _person, waiting, _hours in each), default=now)
    away = _absences(quiet, oldest, now)
    return [
        Silent(user, seen[user.pk])
        for user in quiet
        if any(
            (from_ := away_from(waiting, seen[user.pk], _own_time(person, away[user.pk], hours, now))) and from_ <= now
            for person, waiting, hours in found[str(user.code)]
        )
    ]


def _own_time(
    person: cover.Clinician, absences: Collection[cover.Interval], hours: WorkingTime, now: datetime
) -> WorkingTime:
    return working_time_of(replace(person, absences=tuple(absences)), hours, now)


def _absences(users: Collection[User], start: datetime, now: datetime) -> dict[int, list[cover.Interval]]:
    """Return the absences of each since the start, those that are over among them."""
    found: dict[int, list[cover.Interval]] = defaultdict(list)
    for absence in Absence.objects.overlapping(start, now).filter(user__in=users):
        found[absence.user_id].append(cover.Interval(absence.starts_at, absence.ends_at))
    return found


def _sent(now: datetime) -> dict[int, datetime]:
    """Return since when a message is unread, or a module unanswered, by the assignment. Two queries.

    Found by message_unread and step_unanswered.
    """
    here = {"sent_at__lte": now - SOONEST, "treatment__in": Treatment.objects.current()}
    assignment = "treatment__assignment"
    waits: dict[int, datetime] = {}
    for rows in (Message.objects.unread_by_staff(), Step.objects.unanswered()):
        oldest = rows.filter(**here).order_by().values_list(assignment).annotate(Min("sent_at"))
        for pk, at in oldest:
            waits[pk] = min(at, waits.get(pk, at))
    return waits


def _told(now: datetime) -> Turns:
    """Return since when a flag that nobody has taken on waits, by clinic and person. One query.

    It waits for its owner, and for the patient's own people who were told of it before; not for a whole team.
    """
    flags = Flag.objects.open().filter(acknowledged_at=None, clinic__is_canary=False)
    own = [F("flag__owner"), F("flag__treatment__assignment__therapist"), F("flag__treatment__assignment__substitute")]
    told = FlagEvent.objects.filter(
        Q(to=own[0]) | Q(to=own[1]) | Q(to=own[2]), flag__in=flags, kind=FlagEvent.Kind.NOTIFIED, at__lte=now - SOONEST
    )
    rows = told.order_by().values_list("flag__clinic", "to__code", "flag__urgency").annotate(Min("at"))
    turns: Turns = {}
    for clinic, code, urgency, at in rows:
        waiting = Waiting(at, pressing=None if urgency == Urgency.WEEK else at)
        key = clinic, str(code)
        turns[key] = waiting.joined(turns.get(key, waiting))
    return turns


def _turns(
    sent: list[tuple[cover.Assignment, datetime]], people: cover.People, hours: WorkingTime, now: datetime
) -> Iterator[tuple[cover.Clinician, Waiting]]:
    """Yield whom each patient's words wait for: the therapist, or who stands in during an absence, since it began."""
    for facts, at in sent:
        since = max(at, facts.start) if facts.start else at
        therapist = people.get(facts.therapist)
        if therapist is None:
            continue  # nobody is named: an `uncovered` flag says so
        absence = next((each for each in therapist.absences if each.holds(now)), None)
        if absence is None:
            yield therapist, Waiting(since)
        elif stand_in := next(cover.named(facts, people, hours, now), None):
            yield stand_in.person, Waiting(max(since, absence.start))
