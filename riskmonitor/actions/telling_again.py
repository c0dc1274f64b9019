"""New danger in a flag that somebody knows of: who is told of it in the same second, besides whom its steps call."""

from __future__ import annotations

from collections.abc import Collection, Sequence
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
    answering = {flag.owner_id, *_leading(flag)}
    told = [(person, _may_read(person, flag, now)) for person in _told_so_far(flag)]
    _tell(flag, [(person, reads) for person, reads in told if reads or person.pk in answering], now)


def tell_who_had_it(flag: Flag, had: Collection[int], now: datetime) -> None:
    """Tell those who had taken the flag on or owned it, by primary key, that its steps have begun anew.

    They may be talking with the patient just now, and answer for the flag no longer. Whom the steps have called again
    knows already.
    """
    missed = User.objects.filter(pk__in=had).exclude(pk__in=_since_begun(flag).values("to")).order_by("pk")
    leading = _leading(flag)
    _tell(flag, [(each, each.pk not in leading or _may_read(each, flag, now)) for each in missed], now)


def _tell(flag: Flag, people: Sequence[tuple[User, bool]], now: datetime) -> None:
    """Write to each, with the page where the patient's words stand for those who read them."""
    if not people:
        return
    flag.climbs += 1
    flag.save(update_fields=["climbs"])
    for person, reads in people:
        key = f"{notice_key(flag)}{flag.climbs}:{person.pk}"
        notices.flag_waits(to=person, key=key, path=page_for(flag, reads=reads), now=now)
        flag.events.create(kind=FlagEvent.Kind.NOTIFIED, at=now, to=person)


def _told_so_far(flag: Flag) -> QuerySet[User]:
    """Return the owner, and everyone who was told or was assigned the flag since its steps began."""
    return User.objects.filter(Q(pk=flag.owner_id) | Q(pk__in=_since_begun(flag).values("to"))).order_by("pk")


def _since_begun(flag: Flag) -> QuerySet[FlagEvent]:
    """Return whom the flag was told or handed to since its steps began."""
    begun = flag.events.filter(kind__in=BEGUN_ANEW).aggregate(latest=Max("pk"))["latest"] or 0
    return flag.events.filter(kind__in=[FlagEvent.Kind.NOTIFIED, FlagEvent.Kind.ASSIGNED], pk__gt=begun)


def _leading(flag: Flag) -> set[int]:
    leading = Membership.objects.current().filter(clinic=flag.clinic, role__in=[Role.LEAD, Role.DEPUTY])
    return set(leading.values_list("user", flat=True))


def _may_read(person: User, flag: Flag, now: datetime) -> bool:
    return Patient.objects.in_care_of(person, now).filter(pk=flag.patient_id).exists()
