"""The patient names somebody whom the clinic may contact, or takes the consent back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from clinics.audit import Did, audit
from clinics.models import NextOfKin, Patient, User
from clinics.typed_text import storable


@transaction.atomic
def name_next_of_kin(*, patient: Patient, name: str, relation: str, phone: str, by: User, now: datetime) -> NextOfKin:
    """Keep the person with the patient's consent, given now. An earlier consent ends in the same moment."""
    _end_consent(patient, by, now)
    kin = NextOfKin.objects.create(
        patient=patient, name=storable(name), relation=storable(relation), phone=storable(phone), given_at=now,
        given_by=by,
    )  # fmt: skip
    audit(by=by, did=Did.CHANGED, what=f"next_of_kin:{kin.pk}", patient=patient, now=now)
    return kin


@transaction.atomic
def withdraw_next_of_kin(*, patient: Patient, by: User, now: datetime) -> None:
    """Take the consent back: from now nobody is contacted. Twice is harmless."""
    if _end_consent(patient, by, now):
        audit(by=by, did=Did.CHANGED, what="next_of_kin:withdrawn", patient=patient, now=now)


def _end_consent(patient: Patient, by: User, now: datetime) -> int:
    """End the consent that holds, if any, with the patient's row locked: two pages never leave two consents."""
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=patient.pk)
    holds = NextOfKin.objects.with_consent().filter(patient=patient)
    return holds.update(withdrawn_at=now, withdrawn_by=by)
