"""Whom a therapist knows, and the treatments that the work list is made of. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from django.db.models import BigIntegerField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value

from clinics.access import clinics_of
from clinics.models import AccessGrant, CareAssignment, Patient, User
from clinics.models.patients import KNOWING_ROLES
from ikbt.casework.listed import CURRENT, RUNNING, Listed
from programs.models import Treatment
from programs.treatment.aftercare import unread_measures
from riskmonitor.models import Flag

ASSIGNED = "assigned"


@dataclass(frozen=True)
class Known:
    """Patients by their ids, the user not among them. `covered_for`: the therapists whom the user stands in for now."""

    user: int
    readable: frozenset[int]  # whose words the user may read now
    resting: frozenset[int]  # of these, whoever may have no treatment that is planned or runs
    followed: frozenset[int]  # whose follow-ups after the end were handed to the user
    at_clinic: frozenset[int]  # in treatment where the user works
    covered_for: frozenset[int]

    def is_own(self, treatment: Listed) -> bool:
        """Say whether the treatment is the user's own, or was handed to them for its follow-ups."""
        is_followed = treatment.ended_at is not None and treatment.patient in self.followed
        return treatment.therapist == self.user or is_followed


def known_to(user: User, now: datetime) -> Known:
    """Return the patients known to the user: `Patient.visible_to` and `in_care_of` for a whole list, put together here.

    One query, since the user's clinics are at hand; one more for a user who has somebody in care at another clinic.
    As conditions in the query of the treatments, who may see whom would cost more than all that the list says.
    """
    own = {clinic.pk for clinic in clinics_of(user, *KNOWING_ROLES)}
    clinic_of: dict[str, dict[int, int]] = defaultdict(dict)
    covered_for = set()
    for patient, person, clinic, therapist, why in _relations(user, own, now):
        if person == user.pk:
            continue  # a therapist who is treated: never on a list of one's own
        clinic_of[why][patient] = clinic
        covered_for |= {therapist} if therapist else set()
    in_care = clinic_of[ASSIGNED].copy()
    for why in AccessGrant.Why:
        in_care |= clinic_of[why]
    readable = {patient for patient, clinic in in_care.items() if clinic in own}
    running = {patient for state in RUNNING for patient in clinic_of[state]}
    if outside := in_care.keys() - readable:
        runs = Exists(Treatment.objects.running().filter(patient=OuterRef("pk")))
        seen = dict(Patient.objects.visible_to(user).filter(pk__in=outside).values_list("pk", runs))
        readable |= seen.keys()
        running |= {patient for patient, is_running in seen.items() if is_running}
    return Known(
        user=user.pk,
        readable=frozenset(readable),
        resting=frozenset(readable - running - clinic_of[Treatment.State.PLANNED].keys()),
        followed=frozenset(clinic_of[AccessGrant.Why.FOLLOW_UP]),
        at_clinic=frozenset(running),
        covered_for=frozenset(covered_for - {user.pk}),
    )


def _relations(
    user: User, own: set[int], now: datetime
) -> QuerySet[CareAssignment, tuple[int, int, int, int | None, str]]:
    """Return who is in the user's care, and who has a treatment at the clinics.

    Each as the patient, the patient's own user, the clinic, the therapist, and why.
    """
    nobody = Value(None, BigIntegerField())
    who = ("patient", "patient__user", "patient__clinic")
    assigned = CareAssignment.objects.readable_by(user, now)
    granted = AccessGrant.objects.open_at(now).filter(user=user)
    treated = Treatment.objects.current().filter(patient__clinic__in=own)
    return assigned.values_list(*who, "therapist", Value(ASSIGNED)).union(
        granted.values_list(*who, nobody, "why"), treated.values_list(*who, nobody, "state"), all=True
    )


def in_care(known: Known) -> Q:
    """Return the condition that the user may read a treatment's words now: own, covered to the minute, or by a grant.

    It is planned or runs; or it is its patient's last one, and a flag is open or a follow-up was answered that nobody
    has looked at: both are answered also after the end.
    """
    current = Q(state__in=CURRENT, patient__in=known.readable)
    return current | Q(OVER_AND_WAITING, patient__in=known.resting) if known.resting else current


def at_clinic(known: Known) -> Q:
    """Return the condition that a treatment runs at a clinic where the user works."""
    return Q(state__in=RUNNING, patient__in=known.at_clinic)


def _over_and_waiting() -> Q:
    same = Treatment.objects.filter(patient=OuterRef("patient"))
    latest = same.order_by(F("started_at").desc(nulls_last=True), "-pk").values("pk")[:1]
    waits = Exists(Flag.objects.open().filter(patient=OuterRef("patient"))) | Exists(unread_measures())
    return Q(waits, ~Exists(same.current()), pk=Subquery(latest))


OVER_AND_WAITING = _over_and_waiting()
