"""The access that a flag gives to those who are told of it, and its end."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Greatest

from clinics.cover import roster
from clinics.cover.clinicians import Clinician, People
from clinics.models import AccessGrant, Clinic, Membership, User
from riskmonitor.models import Flag


def grant(flag: Flag, user: User, now: datetime, *, person: Clinician | None = None) -> None:
    """Open the patient to somebody who is told of the flag, until it is closed; to the hub while it helps at most.

    The caller holds the flag's row. Who has the access already keeps the one grant: of those without an end the table
    takes but one. `person`: the same in the clinic's roster, where the caller has read it; else it is asked.
    """
    person = person or roster.people(flag.clinic, now).get(str(user.code))
    until = person.helps_until if person else None
    is_of_clinic = person is not None and until is None
    if not is_of_clinic and _given(flag, now).filter(user=user).exists():
        return
    given = AccessGrant(
        patient=flag.patient, user=user, source=_source(flag), why=AccessGrant.Why.FLAG, starts_at=now,
        ends_at=until,
    )  # fmt: skip
    AccessGrant.objects.bulk_create([given], ignore_conflicts=True)


def grants_of(flag: Flag) -> QuerySet[AccessGrant]:
    """Return all access that the flag has ever given."""
    return AccessGrant.objects.filter(why=AccessGrant.Why.FLAG, source=_source(flag))


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
    _end(_given_at(clinic, now).exclude(user__code__in=here), now)


def keep_grants_to_agreements(clinic: Clinic, people: People, now: datetime) -> None:
    """Let what flags of the clinic have opened to those who help out last as long as they do: renewed, or cut short.

    Also what was given without an end, to somebody who was of the clinic then, lent to it perhaps, and now helps it;
    and the other way about: who helped, and is of the clinic now, reads without an end.
    """
    lasting: dict[datetime | None, list[str]] = defaultdict(list)
    for code, person in people.members.items():
        if person.belongs_at(now):
            lasting[person.helps_until].append(code)
    otherwise = [Q(user__code__in=codes) & ~Q(ends_at=until) for until, codes in lasting.items()]
    if not otherwise:
        return
    same = AccessGrant.objects.filter(patient=OuterRef("patient"), user=OuterRef("user"), source=OuterRef("source"))
    beside_a_lasting_one = Exists(same.filter(ends_at=None)) & ~Q(ends_at=None)  # it ends by itself, the other lasts
    changed = _held(_given_at(clinic, now).filter(reduce(or_, otherwise)).exclude(beside_a_lasting_one))
    for until, codes in lasting.items():
        changed.filter(user__code__in=codes).update(ends_at=until)


def _given(flag: Flag, now: datetime) -> QuerySet[AccessGrant]:
    return _lasting(grants_of(flag), now)


def _source(flag: Flag) -> str:
    return f"flag:{flag.code}"


def _given_at(clinic: Clinic, now: datetime) -> QuerySet[AccessGrant]:
    return _lasting(AccessGrant.objects.filter(why=AccessGrant.Why.FLAG, patient__clinic=clinic), now)


def _lasting(grants: QuerySet[AccessGrant], now: datetime) -> QuerySet[AccessGrant]:
    return grants.filter(Q(ends_at=None) | Q(ends_at__gt=now))


def _end(grants: QuerySet[AccessGrant], now: datetime) -> None:
    _held(grants).update(ends_at=Greatest(F("starts_at"), now))


def _held(grants: QuerySet[AccessGrant]) -> QuerySet[AccessGrant]:
    """Lock these rows in the order of their keys, and return them: two verbs may end or date the same ones at once."""
    held = grants.order_by("pk").select_for_update(of=("self",), no_key=True).only("pk")
    return AccessGrant.objects.filter(pk__in=[each.pk for each in held])
