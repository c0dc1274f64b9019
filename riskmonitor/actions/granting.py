"""The access that a flag gives to those who are told of it, and its end."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Exists, F, Q, QuerySet
from django.db.models.functions import Greatest

from clinics.cover.clinicians import People
from clinics.cover.ranges import union
from clinics.models import AccessGrant, Clinic, HubAgreement, Membership, Role, User
from riskmonitor.models import Flag


def grant(flag: Flag, user: User, now: datetime, *, is_of_clinic: bool = False) -> None:
    """Open the patient to somebody who is told of the flag, until it is closed; to the hub while it helps at most.

    The caller holds the flag's row. Who has the access already keeps the one grant: of those without an end the table
    takes but one. `is_of_clinic`: the caller knows the person to work at the flag's clinic; else it is asked.
    """
    if not is_of_clinic and _given(flag, now).filter(user=user).exists():
        return
    until = None if is_of_clinic else _helps_until(user, flag.clinic, now)
    given = AccessGrant(
        patient=flag.patient, user=user, source=f"flag:{flag.code}", why=AccessGrant.Why.FLAG, starts_at=now,
        ends_at=until,
    )  # fmt: skip
    AccessGrant.objects.bulk_create([given], ignore_conflicts=True)


def end_grants(flag: Flag, now: datetime) -> None:
    """End the access that the flag gave to those who were told of it."""
    _end(_given(flag, now), now)


def end_grants_of_the_hub(flag: Flag, *, keep: User, now: datetime) -> None:
    """End the access of those who help out here, one apart: somebody has taken the flag on, they need it no more."""
    own = Membership.objects.current().filter(clinic=flag.clinic).values("user")
    _end(_given(flag, now).exclude(user__in=own).exclude(user=keep), now)


def end_grants_of_who_left(clinic: Clinic, people: People, now: datetime) -> None:
    """End the access that flags of the clinic gave to people who are not of it now, nor help out there."""
    here = [code for code, person in people.members.items() if person.belongs_at(now)]
    given = AccessGrant.objects.filter(why=AccessGrant.Why.FLAG, patient__clinic=clinic).exclude(user__code__in=here)
    _end(_lasting(given, now), now)


def keep_grants_to_agreements(clinic: Clinic, people: People, now: datetime) -> None:
    """Let what flags of the clinic have opened to those who help out last as long as they do: renewed, or cut short."""
    dated = _lasting(AccessGrant.objects.filter(why=AccessGrant.Why.FLAG, patient__clinic=clinic), now)
    for code, person in people.members.items():
        if person.from_hub and person.tenure and person.belongs_at(now):
            dated.filter(user__code=code).update(ends_at=person.tenure.end)


def _given(flag: Flag, now: datetime) -> QuerySet[AccessGrant]:
    return _lasting(AccessGrant.objects.filter(source=f"flag:{flag.code}"), now)


def _lasting(grants: QuerySet[AccessGrant], now: datetime) -> QuerySet[AccessGrant]:
    return grants.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def _end(grants: QuerySet[AccessGrant], now: datetime) -> None:
    grants.update(ends_at=Greatest(F("starts_at"), now))


def _helps_until(user: User, clinic: Clinic, now: datetime) -> datetime | None:
    """Return until when somebody of another clinic helps out at this one, None for its own people. One query.

    Agreements that adjoin are one, as the roster counts them.
    """
    held = Membership.objects.current().filter(user=user)
    hubs = held.filter(role=Role.THERAPIST, lent_from=None).values("clinic")
    helps = HubAgreement.objects.coming(now).filter(~Exists(held.filter(clinic=clinic)), needs=clinic, hub__in=hubs)
    return next((end for start, end in union(helps.values_list("starts_at", "ends_at")) if start <= now), None)
