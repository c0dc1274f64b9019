"""Whom the work list takes from one flat question is whom the doors let in, patient by patient."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import time_machine

from clinics.models import AccessGrant, CareAssignment, Membership, Patient, User
from ikbt.casework.in_care import known_to
from programs.actions import end_treatment
from programs.models import Treatment
from tests.cast import NOW, Cast, make_clinic, make_patient, make_therapist, make_treatment
from tests.ikbt.therapist_day import DAY, HOUR, absence
from tests.riskmonitor.test_absence_pages import mark
from tests.riskmonitor.test_hub import ASKED, as_hub, helps

STAFF = ("berit", "cecilia", "tove", "lena", "david", "siv", "omar", "greta", "frida", "anna")


def nothing_special(_cast: Cast) -> None:
    """As the cast is made."""


def somebody_is_away(cast: Cast) -> None:
    absence(cast.berit, NOW - HOUR, NOW + DAY)


def an_absence_is_over(cast: Cast) -> None:
    absence(cast.berit, NOW - HOUR, NOW)


def somebody_has_left(cast: Cast) -> None:
    """The assignments stay until they are handed on; the clinic is closed to whoever left."""
    Membership.objects.filter(user=cast.berit).update(ended_at=NOW)


def grants_of_each_kind(cast: Cast) -> None:
    for user in (cast.tove, cast.siv):  # Siv works at another clinic: a grant alone opens nothing there
        for why in AccessGrant.Why:
            AccessGrant.objects.create(
                patient=cast.annas.patient, user=user, why=why, source=f"test:{why}", reason="-",
                starts_at=NOW, ends_at=NOW + 2 * DAY,
            )  # fmt: skip


def a_treatment_has_ended(cast: Cast) -> None:
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)


def a_hub_was_asked(cast: Cast) -> None:
    helps(cast)
    as_hub(mark(cast))


def a_therapist_is_treated_at_her_own_clinic(cast: Cast) -> None:
    make_patient(cast.eken, cast.tove)
    make_treatment(cast.tove, cast.eken, cast.berit, cast.cecilia, cast.revision)


def one_works_at_two_clinics(cast: Cast) -> None:
    make_therapist(cast.linden, cast.berit)
    make_therapist(make_clinic(cast.region, "Rönnen"), cast.tove)


SITUATIONS = (
    nothing_special, somebody_is_away, an_absence_is_over, somebody_has_left, grants_of_each_kind,
    a_treatment_has_ended, a_hub_was_asked, a_therapist_is_treated_at_her_own_clinic, one_works_at_two_clinics,
)  # fmt: skip


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_list_knows_whom_the_doors_let_in(cast: Cast, situation: Callable[[Cast], None]) -> None:
    situation(cast)
    with time_machine.travel(ASKED, tick=False):
        for name in STAFF:
            user = User.objects.get(pk=getattr(cast, name).pk)
            seen = Patient.objects.visible_to(user).exclude(user=user)
            read = set(seen.in_care_of(user, ASKED).values_list("pk", flat=True))
            treated = Treatment.objects.filter(patient__in=seen)
            opened = CareAssignment.objects.readable_by(user, ASKED).exclude(patient__user=user)
            known = known_to(user, ASKED)
            assert known.readable == read, name
            assert known.at_clinic == set(treated.running().values_list("patient", flat=True)), name
            assert known.resting >= read - set(treated.current().values_list("patient", flat=True)), name
            assert known.covered_for == set(opened.values_list("therapist", flat=True)) - {user.pk}, name


@pytest.mark.parametrize("situation", [grants_of_each_kind, a_hub_was_asked])
def test_a_situation_opens_somebody(cast: Cast, situation: Callable[[Cast], None]) -> None:
    """Else the one above would compare nothing with nothing."""
    who = cast.siv if situation is a_hub_was_asked else cast.tove
    assert not known_to(User.objects.get(pk=who.pk), ASKED).readable
    situation(cast)
    with time_machine.travel(ASKED, tick=False):
        assert known_to(User.objects.get(pk=who.pk), ASKED).readable
