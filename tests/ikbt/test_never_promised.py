"""What no page may promise: that somebody is safe, or that somebody reads at night."""

from __future__ import annotations

import re
from pathlib import Path
from uuid import uuid4

import pytest
from babel.messages.pofile import read_po
from django.test import Client

from messaging.actions import send_message
from programs.actions import send_measure
from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from riskmonitor.sweeps import screen_one
from tests.cast import NOW, Cast

CATALOGUE = Path(__file__).resolve().parents[2] / "locale/sv/LC_MESSAGES/django.po"
SAFE = re.compile(r"\b(låg|lägre|ingen|no|low)\s+(suicid\w*\s*)?risk\b|riskpoäng|risk score|\bofarlig|all-clear", re.I)

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.mark.hazard("H6i")
def test_no_page_calls_calm_answers_safe(cast: Cast, client: Client) -> None:
    """A whole form of zeros and a calm message, looked at by patient and therapist."""
    phq9 = instruments()["phq9"]
    zeros = {str(item): 0 for item in range(1, 10)}
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=zeros, key=uuid4(), by=cast.anna, now=NOW
    )
    send_message(treatment=cast.annas, text="Veckan har varit bra.", key=uuid4(), by=cast.anna, now=NOW)
    while screen_one(NOW):
        pass
    assert not Flag.objects.exists()
    receipt = f"/my/measures/phq9/receipt/{Submission.objects.get().code}/"
    for user, paths in (
        (cast.anna, ["/my/", receipt, "/my/messages/"]),
        (cast.berit, ["/worklist/", f"/patients/{cast.annas.patient.code}/"]),
    ):
        client.force_login(user)
        for path in paths:
            page = client.get(path)
            assert page.status_code == 200
            assert SAFE.search(page.text) is None, path


@pytest.mark.hazard("H9c")
@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("/help/", "Ingen läser meddelanden här direkt, och inte på natten."),
        ("/my/messages/", "Ingen läser direkt, och inte på natten."),
        ("/my/call-me/", "Ingen ringer på natten eller när vårdcentralen är stängd."),
    ],
)
def test_where_a_patient_asks_for_somebody_the_page_says_that_nobody_reads_at_night(
    anna: Client, path: str, told: str
) -> None:
    assert told in " ".join(anna.get(path).text.split())


def test_no_text_of_the_platform_has_such_words() -> None:
    with CATALOGUE.open("rb") as file:
        texts = [f"{message.id} {message.string}" for message in read_po(file)]
    assert [text for text in texts if SAFE.search(text)] == []
    assert len(texts) > 1000
