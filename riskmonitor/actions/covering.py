"""Keep somebody behind each patient: raise and close `uncovered` flags, and move what an absent person answered for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from clinics.cover import absence_plan, roster
from clinics.cover import coverage as cover
from clinics.cover.working_time import NeverOpen, WorkingTime
from clinics.models import Absence, Clinic, Membership, User
from messaging import notices
from programs.models import Treatment
from riskmonitor.actions.climbing import climb_or_stay_due, comes_at, end_grants, restart_steps, settle
from riskmonitor.actions.raising import raise_uncovered
from riskmonitor.escalation.steps import Audience
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Kind, Urgency
from riskmonitor.watch.uncovered import look_ahead


def check_clinic(clinic: Clinic, now: datetime) -> int:
    """Raise an `uncovered` flag for each patient with a gap, close those that are covered again. Return the gaps."""
    ahead = look_ahead(clinic, now)
    told = Flag.objects.open().filter(kind=Kind.UNCOVERED, patient__clinic=clinic)
    flagged = set(told.values_list("patient", flat=True))
    for treatment in ahead.treatments:
        if ahead.gaps[treatment.pk] or treatment.patient_id in flagged:
            _tell(treatment, ahead.gaps[treatment.pk], ahead.hours, now)
    with transaction.atomic():  # whoever is not in treatment any more needs nobody behind
        _close(
            Flag.objects.filter(clinic=clinic).exclude(patient__in=[each.patient_id for each in ahead.treatments]), now
        )
    return len(ahead.uncovered)


def urgency_of(gap_start: datetime, hours: WorkingTime, now: datetime) -> Urgency:
    """`now` if the gap begins before the next working day ends, `today` within five days, else `week`."""
    try:
        if gap_start <= hours.end_of_working_day(hours.add_days(now, 1)):
            return Urgency.NOW
    except NeverOpen:
        return Urgency.NOW
    return Urgency.TODAY if gap_start <= now + timedelta(days=5) else Urgency.WEEK


@transaction.atomic
def _tell(treatment: Treatment, found: list[cover.Gap], hours: WorkingTime, now: datetime) -> None:
    if found:
        urgency = urgency_of(found[0].start, hours, now)
        raise_uncovered(patient=treatment.patient, treatment=treatment, urgency=urgency, now=now)
        return
    _close(Flag.objects.filter(patient=treatment.patient), now)


def _close(flags: QuerySet[Flag], now: datetime) -> None:
    """Close these `uncovered` flags: the system does it, when somebody stands there again or nobody needs to."""
    for flag in flags.filter(closed_at=None, kind=Kind.UNCOVERED).select_for_update():
        flag.outcome, flag.assessment, flag.closed_at = "covered_again", "covered again", now
        flag.save(update_fields=["outcome", "assessment", "closed_at"])
        flag.events.create(kind=FlagEvent.Kind.CLOSED, at=now)
        settle(flag, now)


@transaction.atomic
def hand_over(*, absence: Absence, now: datetime) -> None:
    """Let an absence that was saved or ended take effect at once: do in this second what the sweeps would do soon.

    1. Those who stand in are told, once per absence and person.
    2. The person's clinics are looked at: `uncovered` flags are raised, or closed.
    3. Open flags whose owner is away now climb to whoever is there. After an absence that is taken back those that it
       had moved come back to the therapist, if their time to climb has not come anyway and nobody has taken them on.
    """
    if not absence.is_over(now):
        _tell_stand_ins(absence, now)
    elif absence.starts_at < now:
        _give_back(absence, now)
    let_leave(user=absence.user, clinics=_clinics(absence.user), now=now)


@transaction.atomic
def let_leave(*, user: User, clinics: Iterable[Clinic], now: datetime) -> None:
    """Let it take effect at once that somebody is there less, or no longer, at these clinics: as the sweeps would soon.

    The clinics are looked at, and open flags whose owner has left climb to whoever is there.
    """
    for clinic in clinics:
        check_clinic(clinic, now)
    owned = Flag.objects.open().filter(owner=user).select_related("clinic", "owner", "patient").order_by("pk")
    for flag in owned.select_related("treatment__assignment").select_for_update(of=("self",), skip_locked=True):
        climb_or_stay_due(flag, now)  # also before it begins: from the next opening somebody else may be the owner


@transaction.atomic
def let_hub_go(*, clinic: Clinic, now: datetime) -> None:
    """Let it take effect at once that another clinic helps out no longer: its flags climb to whoever is there."""
    check_clinic(clinic, now)
    people = roster.people(clinic, now)
    owned = Flag.objects.open().filter(clinic=clinic).exclude(owner__code__in=people.members)
    related = owned.select_related("clinic", "owner", "patient", "treatment__assignment").order_by("pk")
    for flag in related.select_for_update(of=("self",), skip_locked=True):
        climb_or_stay_due(flag, now)


@transaction.atomic
def let_take_over(*, treatment: Treatment, now: datetime) -> None:
    """Give the open flags of a patient for whom other people are named now to those.

    Flags keep their clock: whoever takes over gets no more time than there was. Those that a team member or a lead has
    taken on stay there.
    """
    assignment = treatment.assignment
    named = {assignment.therapist_id, assignment.substitute_id}
    flags = Flag.objects.open().filter(patient=treatment.patient).exclude(kind=Kind.UNCOVERED)
    loose = flags.filter(audience__in=[Audience.THERAPIST, Audience.SUBSTITUTE]).exclude(owner__in=named)
    for flag in loose.select_related("clinic", "owner", "patient").select_for_update(of=("self",)):
        _begin_again(flag, now)
    check_clinic(treatment.patient.clinic, now)


def _give_back(absence: Absence, now: datetime) -> None:
    moved = FlagEvent.objects.filter(flag=OuterRef("pk"), kind=FlagEvent.Kind.NOTIFIED, at__gte=absence.starts_at)
    flags = Flag.objects.open().filter(
        Exists(moved), treatment__assignment__therapist=absence.user, acknowledged_at=None
    )
    flags = flags.exclude(owner=absence.user).exclude(kind=Kind.UNCOVERED).order_by("pk")
    for flag in flags.select_related("clinic", "owner", "patient").select_for_update(of=("self",)):
        if comes_at(flag, position=1) > now:
            _begin_again(flag, now)


def _begin_again(flag: Flag, now: datetime) -> None:
    """Let the flag climb from its first step, with the clock that it has."""
    end_grants(flag, now)
    restart_steps(flag)
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
