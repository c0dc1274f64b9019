"""Keep somebody behind each patient: what changes about people counts at once, and what they answered for moves on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from clinics.cover import absence_plan, roster
from clinics.cover.clinicians import People
from clinics.cover.cover_kept import counting_on
from clinics.cover.working_time import WorkingTime
from clinics.models import Absence, Clinic, Membership, User
from messaging import notices
from programs.models import Treatment
from riskmonitor.actions.climbing import climb_or_stay_due, comes_at, restart_steps
from riskmonitor.actions.gaps import check_clinic, check_clinics
from riskmonitor.actions.granting import end_grants, end_grants_of_who_left, keep_grants_to_agreements
from riskmonitor.actions.handing import is_in_hands
from riskmonitor.escalation.steps import Audience
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Kind

# What a flag's climb asks for, read with the flags where many climb in one click.
TO_CLIMB = ("clinic", "owner", "patient", "treatment__assignment__therapist", "treatment__assignment__substitute")


@transaction.atomic
def hand_over(*, absence: Absence, now: datetime) -> None:
    """Let an absence that was saved or ended take effect at once: do in this second what the sweeps would do soon.

    1. Unless it is over, those who stand in are told, once per absence and person.
    2. The person's clinics are looked at: `uncovered` flags are raised, or closed.
    3. If it is over, the flags that it had moved come back to the therapist, save those whose time to climb has come
       anyway and those that somebody who is there has taken on or was assigned.
    4. Open flags whose owner is away now climb to whoever is there.
    """
    if not absence.is_over(now):
        _tell_stand_ins(absence, now)
    _look_at(_clinics(absence.user), now)
    if absence.is_over(now) and absence.starts_at < now:
        _give_back(absence, now)
    _move_on(absence.user, now)


@transaction.atomic
def let_leave(*, user: User, clinics: Iterable[Clinic], now: datetime) -> None:
    """Let it take effect at once that somebody is there less, or no longer, at these clinics: as the sweeps would soon.

    The clinics, and those that count on them, are looked at; open flags whose owner has left climb to whoever is there,
    and what flags had opened to those who have left is closed. A last day that is put off counts at once too.
    """
    left = list(clinics)
    _look_at(left, now)
    _move_on(user, now)
    close_to_who_left(left, now)


@transaction.atomic
def close_to_who_left(clinics: Iterable[Clinic], now: datetime) -> None:
    """End what flags had opened to people who have left the clinics, also at those that the clinics help out.

    Should they come there anew one day, from another clinic, nothing of it opens again. Who has left and helps out as
    one of the hub, as after a loan from there, reads on for as long as the hub helps.
    """
    for clinic in counting_on(clinics, now):
        _keep_access(clinic, roster.people(clinic, now), now)


def _keep_access(clinic: Clinic, people: People, now: datetime) -> None:
    end_grants_of_who_left(clinic, people, now)
    keep_grants_to_agreements(clinic, people, now)


def _look_at(clinics: Iterable[Clinic], now: datetime) -> None:
    check_clinics(counting_on(clinics, now), now)


def _move_on(user: User, now: datetime) -> None:
    """Let the open flags of the person climb, where the person is not there for them any more."""
    owned = Flag.objects.open().filter(owner=user).select_related(*TO_CLIMB).prefetch_related("steps").order_by("pk")
    hours: dict[Clinic, WorkingTime] = {}
    for flag in owned.select_for_update(of=("self",), skip_locked=True):
        if flag.clinic not in hours:
            hours[flag.clinic] = roster.working_time(flag.clinic)
        # Also before it begins: from the next opening somebody else may be the owner.
        climb_or_stay_due(flag, now, hours=hours[flag.clinic], rows=list(flag.steps.all()))


@transaction.atomic
def let_hub_go(*, clinic: Clinic, now: datetime) -> None:
    """Let it take effect at once that another clinic helps out no longer, or that it will not go on helping.

    Flags that its people own climb to whoever is there, and what flags have opened to them is closed: should the
    clinic help again one day, nothing of it opens anew.
    """
    check_clinic(clinic, now)
    people = roster.people(clinic, now)
    here = [code for code, person in people.members.items() if person.belongs_at(now)]
    owned = Flag.objects.open().filter(clinic=clinic).exclude(owner__code__in=here)
    related = owned.select_related("clinic", "owner", "patient", "treatment__assignment").order_by("pk")
    for flag in related.select_for_update(of=("self",), skip_locked=True):
        climb_or_stay_due(flag, now)
    _keep_access(clinic, people, now)


@transaction.atomic
def let_hub_help(*, clinic: Clinic, now: datetime) -> None:
    """Let it take effect at once that another clinic helps out, or will go on helping when it would have ended.

    Patients who are covered now have no `uncovered` flag any more, and who holds a flag reads on.
    """
    check_clinic(clinic, now)
    keep_grants_to_agreements(clinic, roster.people(clinic, now), now)


@transaction.atomic
def let_take_over(*, treatment: Treatment, now: datetime) -> None:
    """Give the open flags of a patient for whom other people are named now to those.

    Flags keep their clock: whoever takes over gets no more time than there was. Those that have climbed to the team or
    a lead stay there, and so do those that somebody who is there has taken on or was assigned.
    """
    check_clinic(treatment.patient.clinic, now)
    assignment = treatment.assignment
    named = {assignment.therapist_id, assignment.substitute_id}
    flags = Flag.objects.open().filter(patient=treatment.patient).exclude(kind=Kind.UNCOVERED)
    loose = flags.filter(audience__in=[Audience.THERAPIST, Audience.SUBSTITUTE]).exclude(owner__in=named)
    related = loose.select_related("clinic", "owner", "patient").order_by("pk")
    for flag in related.select_for_update(of=("self",)):
        if not is_in_hands(flag, now):
            _begin_again(flag, now)


def _give_back(absence: Absence, now: datetime) -> None:
    moved = FlagEvent.objects.filter(flag=OuterRef("pk"), kind=FlagEvent.Kind.NOTIFIED, at__gte=absence.starts_at)
    flags = Flag.objects.open().filter(
        Exists(moved), treatment__assignment__therapist=absence.user, acknowledged_at=None
    )
    flags = flags.exclude(owner=absence.user).exclude(kind=Kind.UNCOVERED).order_by("pk")
    for flag in flags.select_related(*TO_CLIMB).select_for_update(of=("self",)):
        if comes_at(flag, position=1) > now and not is_in_hands(flag, now):
            _begin_again(flag, now)


def _begin_again(flag: Flag, now: datetime) -> None:
    """Let the flag climb from its first step, with the clock that it has."""
    end_grants(flag, now)
    restart_steps(flag, now)
    flag.acknowledged_at = flag.acknowledged_by = None
    climb_or_stay_due(flag, now)


def _tell_stand_ins(absence: Absence, now: datetime) -> None:
    end = roster.seen_end(absence, now)
    plan = absence_plan.plan(user=absence.user, start=absence.starts_at, end=end, now=now)
    treated = (each for each in plan.affected if each.assignment.therapist_id == absence.user_id)
    codes = {person.code for each in treated for person in each.answering}
    for person in User.objects.filter(code__in=codes - {str(absence.user.code)}):
        notices.cover_starts(to=person, key=f"cover:{absence.pk}:{person.pk}", path="/worklist/", now=now)


def _clinics(user: User) -> list[Clinic]:
    held = Membership.objects.current().filter(user=user, clinic__isnull=False).values("clinic")
    return list(Clinic.objects.filter(pk__in=held).order_by("pk"))
