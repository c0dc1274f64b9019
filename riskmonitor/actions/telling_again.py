"""New words about a flag that nobody has taken on: those who were told of it are told again, and its steps go on."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Max, Q, QuerySet

from clinics.models import Membership, Patient, Role, User
from messaging import notices
from riskmonitor.actions.climbing import notice_key, page_for
from riskmonitor.models import Flag, FlagEvent

BEGUN_ANEW = (FlagEvent.Kind.LAPSED, FlagEvent.Kind.REALERTED, FlagEvent.Kind.REOPENED)


def tell_again(flag: Flag, now: datetime) -> None:
    """Tell the flag's owner, and of those who were told since the steps began everyone who can do something about it.

    That is: who may read about the patient still, or leads the clinic. No step calls these people, so that their events
    have no audience.
    """
    flag.climbs += 1
    flag.save(update_fields=["climbs"])
    leading = Membership.objects.current().filter(clinic=flag.clinic, role__in=[Role.LEAD, Role.DEPUTY])
    answering = {flag.owner_id, *leading.values_list("user", flat=True)}
    for person in _told_so_far(flag):
        reads = _may_read(person, flag, now)
        if reads or person.pk in answering:
            key = f"{notice_key(flag)}{flag.climbs}:{person.pk}"
            notices.flag_waits(to=person, key=key, path=page_for(flag, reads=reads), now=now)
            flag.events.create(kind=FlagEvent.Kind.NOTIFIED, at=now, to=person)


def _told_so_far(flag: Flag) -> QuerySet[User]:
    """Return the owner, and everyone who was called by a step or was assigned the flag since its steps began."""
    begun = flag.events.filter(kind__in=BEGUN_ANEW).aggregate(latest=Max("pk"))["latest"] or 0
    told = flag.events.filter(kind__in=[FlagEvent.Kind.NOTIFIED, FlagEvent.Kind.ASSIGNED], pk__gt=begun)
    return User.objects.filter(Q(pk=flag.owner_id) | Q(pk__in=told.values("to"))).order_by("pk")


def _may_read(person: User, flag: Flag, now: datetime) -> bool:
    return Patient.objects.in_care_of(person, now).filter(pk=flag.patient_id).exists()
