"""No treatment starts without entitled assessment, competent people, telephone, consent and cover (invariant I6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from clinics.models import Absence, CareAssignment, Competence, Patient, Profession, User
from programs.actions import StartRefused, start_treatment
from programs.models import Assessment, Treatment
from tests.cast import NOW, Cast, make_patient, make_user


@pytest.fixture
def patient(cast: Cast) -> Patient:
    return make_patient(cast.eken, make_user("Ny", "Patient"))


def assess(patient: Patient, by: User, profession: str = Profession.PSYCHOLOGIST, **cosigned: Any) -> Assessment:
    return Assessment.objects.create(
        patient=patient, assessor=by, profession=profession, decided_at=NOW, icd10="F32.1", interview="MINI",
        risk="Inga tankar på att dö.", **cosigned,
    )  # fmt: skip


def start(cast: Cast, patient: Patient, **changed: Any) -> Treatment:
    given = {
        "patient": patient, "revision": cast.revision, "therapist": cast.berit, "substitute": cast.cecilia,
        "consented_at": NOW, "by": cast.berit, "now": NOW, "demo": True,
    } | changed  # fmt: skip
    given.setdefault("assessment", assess(patient, cast.berit))
    return start_treatment(**given)


def refused(cast: Cast, patient: Patient, **changed: Any) -> list[str]:
    with pytest.raises(StartRefused) as error, transaction.atomic():
        start(cast, patient, **changed)
    assert not Treatment.objects.filter(patient=patient).exists()
    assert not CareAssignment.objects.filter(patient=patient).exists()
    return error.value.reasons


def test_with_everything_in_place_it_starts_and_opens_the_first_module(cast: Cast, patient: Patient) -> None:
    treatment = start(cast, patient)
    assert (treatment.state, treatment.steps.open().count()) == ("active", 1)


@pytest.mark.parametrize("profession", [Profession.SOCIAL_WORKER, Profession.OTHER_LICENSED])
def test_an_assessment_by_basic_training_alone_is_refused(cast: Cast, patient: Patient, profession: str) -> None:
    assessment = assess(patient, cast.tove, profession)
    assert refused(cast, patient, assessment=assessment) == ["no entitled assessment"]


@pytest.mark.parametrize(
    ("cosigner", "starts"),
    [(Profession.PHYSICIAN, True), (Profession.PSYCHOTHERAPIST, True), (Profession.PTP_PSYCHOLOGIST, False)],
)
def test_a_co_signature_by_the_licensed_opens_the_way(
    cast: Cast, patient: Patient, cosigner: str, starts: bool
) -> None:
    assessment = assess(
        patient, cast.tove, Profession.SOCIAL_WORKER, cosigned_at=NOW, cosigned_by=cast.cecilia,
        cosigner_profession=cosigner,
    )  # fmt: skip
    if starts:
        assert start(cast, patient, assessment=assessment).state == "active"
    else:
        assert refused(cast, patient, assessment=assessment) == ["no entitled assessment"]


def test_another_patients_assessment_is_refused(cast: Cast, patient: Patient) -> None:
    other = assess(cast.annas.patient, cast.berit)
    assert refused(cast, patient, assessment=other) == ["no entitled assessment"]


def test_a_therapist_without_the_programme_is_refused(cast: Cast, patient: Patient) -> None:
    Competence.objects.filter(membership__user=cast.berit).delete()
    assert "therapist not competent" in refused(cast, patient)


@pytest.mark.parametrize("who", ["david", "lena", "berit"])
def test_a_substitute_from_elsewhere_or_without_competence_or_the_same_person_is_refused(
    cast: Cast, patient: Patient, who: str
) -> None:
    assert "substitute not competent" in refused(cast, patient, substitute=getattr(cast, who))


def test_a_patient_without_a_telephone_number_is_refused(cast: Cast, patient: Patient) -> None:
    patient.phone = ""
    assert refused(cast, patient) == ["no telephone number"]


def test_a_draft_starts_nowhere_but_in_a_demo(cast: Cast, patient: Patient) -> None:
    assert refused(cast, patient, demo=False) == ["programme may not be started"]


def test_days_ahead_without_cover_are_refused(cast: Cast, patient: Patient) -> None:
    for user in (cast.berit, cast.cecilia):
        Absence.objects.create(
            user=user, starts_at=NOW + timedelta(days=10), ends_at=NOW + timedelta(days=12), created_at=NOW,
            created_by=user,
        )  # fmt: skip
    assert refused(cast, patient) == ["not covered for the next 14 days"]


def test_without_consent_the_database_itself_refuses(cast: Cast, patient: Patient) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        start(cast, patient, consented_at=None)
