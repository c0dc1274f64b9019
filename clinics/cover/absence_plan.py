"""What an absence would do: whose patients it touches, who answers meanwhile, and what nobody would cover.

Reads rows, writes nothing. The queries are as many for one patient as for a hundred.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Q

from clinics.cover import change, coverage, roster
from clinics.cover.ranges import Range, subtract, union
from clinics.cover.working_time import WorkingTime
from clinics.models import CareAssignment, Clinic, Cover, Membership, Role, User
from clinics.models.absence import not_over

Roster = tuple[WorkingTime, coverage.People]


@dataclass(frozen=True)
class Affected:
    """One patient in an absence. `needs` is uncovered when nobody else is chosen, `left` with the stand-in chosen.

    `facts` are the named people, the stand-in chosen among them; `answering` are the people who answer meanwhile, in
    the order of their turns; `choices` are the competent members of the clinic who are there during all of `needs`.
    """

    assignment: CareAssignment
    facts: coverage.Assignment
    needs: tuple[coverage.Gap, ...]
    left: tuple[coverage.Gap, ...]
    answering: tuple[coverage.Clinician, ...]
    choices: tuple[coverage.Clinician, ...]
    stand_in: str | None


@dataclass(frozen=True)
class AbsencePlan:
    """One person away from `start` until before `end`. `leaderless` are clinics without lead and deputy meanwhile.

    `rosters` are hours and people of each clinic by its pk, the person away among them.
    """

    user: User
    start: datetime
    end: datetime
    affected: list[Affected]
    leaderless: list[Clinic]
    rosters: Mapping[int, Roster]

    @property
    def covered(self) -> list[Affected]:
        return [each for each in self.affected if not each.left]

    @property
    def uncovered(self) -> list[Affected]:
        return [each for each in self.affected if each.left]


@dataclass
class _Clinics:
    """The people and hours of each clinic, with the person away; read once a clinic."""

    away: User
    during: coverage.Interval
    now: datetime
    known: dict[int, Roster] = field(default_factory=dict)

    def of(self, clinic: Clinic) -> Roster:
        if clinic.pk not in self.known:
            hours = roster.working_time(clinic)
            people = roster.people(clinic, self.now, hours=hours)
            self.known[clinic.pk] = hours, _without(people, str(self.away.code), self.during)
        return self.known[clinic.pk]


def plan(
    *, user: User, start: datetime, end: datetime, now: datetime, stand_ins: Mapping[int, User] | None = None
) -> AbsencePlan:
    """Return what the absence would do. `stand_ins` are the people chosen, by the assignment's pk."""
    chosen = {pk: str(person.code) for pk, person in (stand_ins or {}).items()}
    clinics = _Clinics(user, coverage.Interval(start, end), now)
    touched = list(_touched(user, start, end))
    facts = roster.facts_of(touched)
    affected = []
    for assignment in touched:
        hours, people = clinics.of(assignment.patient.clinic)
        one = _affected(assignment, facts[assignment.pk], people, hours, clinics.during, chosen.get(assignment.pk))
        if one.needs or assignment.therapist_id == user.pk:
            affected.append(one)
    return AbsencePlan(user, start, end, affected, _leaderless(user, start, end, clinics), clinics.known)


def gaps_in(clinic: Clinic, now: datetime) -> list[tuple[CareAssignment, list[coverage.Gap]]]:
    """Return the patients of the clinic who will stand without cover in the coming days, and when."""
    hours = roster.working_time(clinic)
    people = roster.people(clinic, now, hours=hours)
    running = CareAssignment.objects.active_at(now).filter(patient__clinic=clinic)
    running = running.select_related("patient__user", "therapist", "substitute")
    named = list(running.order_by("patient__user__sort_name", "pk"))
    facts = roster.facts_of(named)
    found = coverage.gaps_of(facts, people, hours, now, now + roster.AHEAD)
    return [(each, found[each.pk]) for each in named if found[each.pk]]


def members_of(clinics: Sequence[Clinic]) -> list[User]:
    """Return those who stand in the chains of the clinics, in the order of their names."""
    roles = [Role.THERAPIST, Role.LEAD, Role.DEPUTY]
    held = Membership.objects.current().filter(clinic__in=clinics, role__in=roles)
    return list(User.objects.filter(pk__in=held.values("user")).order_by("sort_name", "pk"))


def answering(
    facts: coverage.Assignment, people: coverage.People, hours: WorkingTime, start: datetime, end: datetime
) -> list[coverage.Clinician]:
    """Return the named people who answer for the patient between the two moments, in the order of their turns."""
    left, found = hours.intervals(start, end), []
    for code in dict.fromkeys([facts.therapist, *(each.code for each in facts.stand_ins), facts.substitute]):
        person = people.get(code)
        if person is None or not person.can_treat(facts.programme):
            continue
        valid = [each.during.clip(start, end) for each in facts.stand_ins if each.code == code]
        named_always = code in (facts.therapist, facts.substitute)
        there = coverage.presence(person, left if named_always else _within(left, valid))
        if there:
            found.append(person)
            left = subtract(left, there)
    return found


def _within(window: list[Range], valid: list[Range]) -> list[Range]:
    return subtract(window, subtract(window, union(valid)))


def _affected(
    assignment: CareAssignment,
    facts: coverage.Assignment,
    people: coverage.People,
    hours: WorkingTime,
    during: coverage.Interval,
    chosen: str | None,
) -> Affected:
    start, end = during.start, during.end or during.start
    needs = coverage.gaps(facts, people, hours, start, end)
    if chosen:
        facts = replace(facts, stand_ins=(coverage.StandIn(chosen, during), *facts.stand_ins))
    return Affected(
        assignment=assignment,
        facts=facts,
        needs=tuple(needs),
        left=tuple(coverage.gaps(facts, people, hours, start, end)),
        answering=tuple(answering(facts, people, hours, start, end)),
        choices=tuple(_who_could(facts, people, needs)),
        stand_in=chosen,
    )


def _who_could(
    facts: coverage.Assignment, people: coverage.People, needs: list[coverage.Gap]
) -> list[coverage.Clinician]:
    """Return the competent people, the therapist apart, who are there the whole time that needs somebody."""
    window = union((gap.start, gap.end) for gap in needs)
    competent = (each for each in people.members.values() if each.can_treat(facts.programme))
    free = [p for p in competent if p.code != facts.therapist and coverage.presence(p, window) == window]
    return sorted(free, key=lambda person: (coverage.name_key(person.name), person.code))


def _touched(user: User, start: datetime, end: datetime) -> list[CareAssignment]:
    """Return the assignments in which the person is named, as therapist, substitute or for a colleague's absence."""
    stands_in = Cover.objects.filter(
        not_over(start, "absence__"), stand_in=user, absence__cancelled_at=None, absence__starts_at__lt=end
    )
    named = Q(therapist=user) | Q(substitute=user) | Q(pk__in=stands_in.values("assignment"))
    dated = Q(ends_at=None) | Q(ends_at__gt=start)
    found = CareAssignment.objects.filter(named, dated, starts_at__lt=end)
    return list(
        found.select_related("patient__user", "patient__clinic", "therapist", "substitute").order_by(
            "patient__user__sort_name", "pk"
        )
    )


def _leaderless(user: User, start: datetime, end: datetime, clinics: _Clinics) -> list[Clinic]:
    """Return the clinics that the person leads where lead and deputy would both be away at some working time."""
    led = Membership.objects.current().filter(user=user, role__in=[Role.LEAD, Role.DEPUTY]).select_related("clinic")
    found = []
    for membership in led:
        if membership.clinic is None:
            continue
        hours, people = clinics.of(membership.clinic)
        if change.leaderless(people, hours, start, end):
            found.append(membership.clinic)
    return found


def _without(people: coverage.People, code: str, during: coverage.Interval) -> coverage.People:
    person = people.members.get(code)
    if person is None:
        return people
    away = replace(person, absences=(*person.absences, during))
    return replace(people, members={**people.members, code: away})
