"""The door to a patient sees at once who nearly everybody is, and never says anything else than the querysets."""

from __future__ import annotations

import pytest
import time_machine

from clinics.access import has_care_relation, knows_of
from clinics.models import CareAssignment, Patient, Role, User
from tests.cast import NOW, Cast
from tests.clinics.test_belonging import DAY, away
from tests.riskmonitor.test_absence_pages import mark
from tests.riskmonitor.test_hub import ASKED, as_hub, helps


def told_apart() -> list[tuple[User, Patient]]:
    """Return everybody and each patient of whom the door says anything else than the querysets."""
    found = []
    for user in User.objects.all():
        for patient in Patient.objects.select_related("clinic"):
            is_known = Patient.objects.visible_to(user).filter(pk=patient.pk).exists()
            is_treated = CareAssignment.objects.treated_by(user, ASKED).filter(patient=patient).exists()
            is_let_in = not is_treated or has_care_relation(user, patient, ASKED)
            found += [] if is_let_in and knows_of(user, patient) == is_known else [(user, patient)]
    return found


@pytest.fixture
def hub(cast: Cast) -> User:
    """Whoever of the hub was handed a flag, beside therapists, a stand-in, those who lead and those who know nobody."""
    helps(cast)
    flag = as_hub(mark(cast))
    away(cast.berit, start=NOW, end=ASKED + DAY)
    return flag.owner


def test_the_door_says_of_everybody_what_the_querysets_say(cast: Cast, hub: User) -> None:
    with time_machine.travel(ASKED, tick=False):
        assert told_apart() == []
        assert has_care_relation(cast.cecilia, cast.eriks.patient, ASKED)
        assert knows_of(hub, cast.eriks.patient)
        assert hub in {cast.david, cast.siv}


@pytest.mark.usefixtures("hub")
def test_a_door_with_a_role_too_many_is_seen(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinics.access.KNOWING_ROLES", (Role.THERAPIST, Role.ADMINISTRATOR))
    with time_machine.travel(ASKED, tick=False):
        assert {user for user, _patient in told_apart()} == {cast.greta}
