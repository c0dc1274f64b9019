"""Who is named for a patient in treatment: another therapist, another substitute."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.cover.cover_kept import cover_kept
from clinics.models import CareAssignment, Cover, User
from clinics.models.absence import not_over
from programs.actions.treatments import end_care
from programs.models import Treatment
from programs.treatment.competent import may_stand_in_with, may_treat_with


class NamingRefused(Exception):
    """The treatment has ended, both are the same person, or one of them may not treat in the programme."""


@transaction.atomic
def name_people(*, treatment: Treatment, therapist: User, substitute: User, by: User, now: datetime) -> CareAssignment:
    """Name therapist and substitute from now on. Raise NamingRefused, Uncovered or NobodyLeads, and save nothing.

    An assignment never changes: the old one ends and a new one begins, with the stand-ins for absences to come that
    still fit. Naming those who are named already changes nothing.
    """
    treatment = Treatment.objects.select_for_update(of=("self",)).select_related("patient__clinic").get(pk=treatment.pk)
    old, patient = treatment.assignment, treatment.patient
    able = may_treat_with(therapist, patient, old.programme)
    able = able and may_stand_in_with(substitute, patient, old.programme, now)
    if therapist.pk == substitute.pk or not able or not Treatment.objects.running().filter(pk=treatment.pk).exists():
        raise NamingRefused(treatment.pk)
    if (old.therapist_id, old.substitute_id) == (therapist.pk, substitute.pk):
        return old
    with cover_kept([patient.clinic], now):
        end_care(old, now)
        new = CareAssignment.objects.create(
            patient=patient, therapist=therapist, substitute=substitute, programme=old.programme, starts_at=now
        )
        if old.therapist_id == therapist.pk:
            _keep_stand_ins(old, new, now)
        treatment.assignment = new
        treatment.save(update_fields=["assignment"])
    audit(by=by, did=Did.CHANGED, what=f"treatment:{treatment.code}", patient=patient, now=now)
    return new


def _keep_stand_ins(old: CareAssignment, new: CareAssignment, now: datetime) -> None:
    coming = Cover.objects.filter(not_over(now, "absence__"), assignment=old, absence__cancelled_at=None)
    Cover.objects.bulk_create(
        Cover(absence=each.absence, assignment=new, stand_in=each.stand_in) for each in coming.select_related("absence")
    )
