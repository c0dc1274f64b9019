"""A treatment can be given in another language of its programme: the text keeps it, the frame is the reader's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from clinics.models import User
from programs.actions import StartRefused, load_programme, start_treatment
from programs.library_format import programme_hash, read_programme
from programs.models import Assessment, Revision, Treatment
from programs.treatment.languages import language_of
from tests.cast import NOW, Cast, make_patient, make_user

LIBRARY = Path("programs/library/depression-kom-igang")

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def revision(cast: Cast) -> Revision:
    programme, _faults = read_programme(LIBRARY)
    assert programme is not None
    return load_programme(programme=programme, content_hash=programme_hash(LIBRARY), now=NOW)[0]


@pytest.fixture
def dafydd(cast: Cast) -> User:
    return make_user("Dafydd", "Pugh")


def start(cast: Cast, user: User, revision: Revision, **given: Any) -> Treatment:
    patient = make_patient(cast.eken, user)
    assessment = Assessment.objects.create(
        patient=patient, assessor=cast.berit, profession="psychologist", decided_at=NOW, icd10="F32.1", risk="Nej."
    )
    return start_treatment(
        patient=patient, assessment=assessment, revision=revision, therapist=cast.berit, substitute=cast.cecilia,
        consented_at=NOW, by=cast.berit, now=NOW, demo=True, **given,
    )  # fmt: skip


def page_of(treatment: Treatment) -> str:
    return reverse("module-page", args=[treatment.steps.open().get().code, "valkommen"])


def test_without_a_choice_it_is_the_language_the_programme_was_written_in(
    cast: Cast, dafydd: User, revision: Revision
) -> None:
    assert language_of(start(cast, dafydd, revision)) == "sv"


@pytest.mark.parametrize(
    ("setting", "frame", "mark"), [("sv", "Spara och avsluta", '<h1 lang="en">'), ("en", "Save and leave", "<h1>")]
)
def test_the_text_is_english_in_a_frame_of_the_patients_own_language(
    client: Client, cast: Cast, dafydd: User, revision: Revision, setting: str, frame: str, mark: str
) -> None:
    treatment = start(cast, dafydd, revision, language="en")
    User.objects.filter(pk=dafydd.pk).update(language=setting)
    client.force_login(User.objects.get(pk=dafydd.pk))
    shown = client.get(page_of(treatment)).content.decode()
    assert f'<html lang="{setting}"' in shown
    assert "How much energy do you have today?" in shown
    assert f"{mark}Welcome</h1>" in shown
    assert frame in shown
    assert ('<legend class="label" lang="en">' in shown) == (setting == "sv")


def test_the_day_of_the_answer_is_said_in_the_language_of_the_text(
    client: Client, cast: Cast, dafydd: User, revision: Revision
) -> None:
    treatment = start(cast, dafydd, revision, language="en")
    client.force_login(dafydd)
    last = reverse("module-page", args=[treatment.steps.open().get().code, "skicka"])
    text = client.get(last).content.decode()
    assert "Wednesday" in text
    assert "onsdag" not in text


def test_the_therapist_gets_english_phrases_on_a_swedish_page(
    client: Client, cast: Cast, dafydd: User, revision: Revision
) -> None:
    treatment = start(cast, dafydd, revision, language="en")
    client.force_login(cast.berit)
    shown = client.get(reverse("patient", args=[treatment.patient.code])).content.decode()
    assert '<html lang="sv"' in shown
    assert '<p lang="en">What you describe in your circle makes sense to me.' in shown
    assert "[patientens egna ord]" in shown


@pytest.mark.parametrize("language", ["ar", "en"])
def test_a_language_that_the_programme_lacks_is_refused(
    cast: Cast, dafydd: User, revision: Revision, language: str
) -> None:
    """The cast's revision is in Swedish alone; the loaded one has English, but no Arabic."""
    with pytest.raises(StartRefused, match="not whole in that language"), transaction.atomic():
        start(cast, dafydd, revision if language == "ar" else cast.revision, language=language)
    assert not Treatment.objects.filter(patient__user=dafydd).exists()


def test_a_listed_language_with_a_module_missing_is_refused(cast: Cast, dafydd: User, revision: Revision) -> None:
    half = Revision.objects.create(
        programme=revision.programme, edition=2, content_hash="b" * 64, status="draft", loaded_at=NOW,
        title=revision.title, patient_title=revision.patient_title, facts=revision.facts,
    )  # fmt: skip
    half.modules.create(language="sv", number=1, slug="start", title="Start", aim="Börja.", facts={})
    half.modules.create(language="sv", number=2, slug="nasta", title="Nästa", aim="Fortsätt.", facts={})
    half.modules.create(language="en", number=1, slug="start", title="Start", aim="Begin.", facts={})
    with pytest.raises(StartRefused, match="not whole in that language"), transaction.atomic():
        start(cast, dafydd, half, language="en")
