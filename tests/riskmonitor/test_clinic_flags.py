"""Those who lead see that a flag exists, its owner and its clock, and may hand it to somebody who is there."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinics.actions import ill_today
from clinics.models import AccessGrant, AuditEvent, User
from messaging.models import Notice
from programs.models import Treatment
from riskmonitor.actions import close_flag, raise_flag, raise_uncovered
from riskmonitor.models import Flag
from riskmonitor.rules import Finding, Kind, Urgency
from riskmonitor.screening import FoundIn
from tests.cast import NOW, Cast, make_treatment, make_user

LATER = NOW + timedelta(minutes=10)


def flag_for(treatment: Treatment) -> Flag:
    found = [FoundIn(Finding(Kind.SUICIDE, Urgency.NOW, "phq9.item9", item="9", value=2))]
    flag = raise_flag(patient=treatment.patient, treatment=treatment, found=found, now=NOW)
    assert flag is not None
    return flag


def visit(user: User, data: dict | None = None, flag: Flag | None = None, at: datetime = LATER):
    client = Client()
    with time_machine.travel(at, tick=False):
        client.force_login(user)
        if flag is None:
            return client.get(reverse("clinic-flags"))
        url = reverse("flag-assign", args=[flag.code])
        return client.get(url) if data is None else client.post(url, data)


def choice(flag: Flag, user: User) -> dict[str, str]:
    return {f"{flag.code}-to": str(user.code)}


@pytest.mark.parametrize("who", ["lena", "hassan"])
def test_lead_and_deputy_see_owner_and_clock_and_no_words(cast: Cast, who: str) -> None:
    flag_for(cast.eriks)
    shown = visit(getattr(cast, who)).content.decode()
    assert "Berit Almgren" in shown
    assert "i dag 11.00" in shown
    for word in ("Erik", "Ström", "PHQ", "uicid", str(cast.eriks.patient.code)):
        assert word not in shown


@pytest.mark.parametrize("who", ["berit", "omar", "frida", "greta", "anna"])
def test_nobody_else_sees_the_page_or_may_hand_out(cast: Cast, who: str) -> None:
    flag, user = flag_for(cast.eriks), getattr(cast, who)
    assert visit(user).status_code == 403
    assert visit(user, choice(flag, cast.cecilia), flag).status_code == 403


def test_another_clinics_flag_is_not_shown_and_cannot_be_handed_out(cast: Cast) -> None:
    flag = flag_for(cast.nilss)
    assert "David" not in visit(cast.lena).content.decode()
    assert visit(cast.lena, choice(flag, cast.cecilia), flag).status_code == 404


def test_a_get_hands_out_nothing(cast: Cast) -> None:
    assert visit(cast.lena, None, flag_for(cast.eriks)).status_code == 405


def test_the_person_chosen_owns_the_flag_may_read_it_and_is_told(cast: Cast) -> None:
    flag = flag_for(cast.eriks)
    assert visit(cast.lena, choice(flag, cast.tove), flag).status_code == 302
    flag.refresh_from_db()
    assert (flag.owner, flag.acknowledged_at) == (cast.tove, None)
    assert AccessGrant.objects.open_at(LATER).filter(user=cast.tove, patient=flag.patient).exists()
    assert Notice.objects.filter(recipient=cast.tove, kind="flag_waits").count() == 1
    row = AuditEvent.objects.get(actor=cast.lena.code, what=f"flag:{flag.code}")
    assert (row.did, row.patient) == ("changed", flag.patient.code)


def test_a_flag_that_was_closed_just_before_is_said_to_be_so_on_the_list(cast: Cast) -> None:
    flag = flag_for(cast.eriks)
    done = {"outcome": "contacted", "contact_at": NOW, "contact_with": "Erik"}
    close_flag(flag=flag, by=cast.berit, assessment="Lugn.", action="", now=NOW, **done)
    answer = visit(cast.lena, choice(flag, cast.tove), flag)
    assert (answer.status_code, answer["Location"]) == (302, reverse("clinic-flags"))
    said = [str(each) for each in get_messages(answer.wsgi_request)]
    assert said == ["Redan hanterad av Berit kl. 10.00."]
    flag.refresh_from_db()
    assert flag.owner == cast.berit


def test_who_is_away_is_not_offered_and_cannot_be_chosen(cast: Cast) -> None:
    flag = flag_for(cast.eriks)
    ill_today(user=cast.tove, by=cast.tove, now=NOW)
    assert "Tove" not in visit(cast.lena).content.decode()
    refused = visit(cast.lena, choice(flag, cast.tove), flag)
    assert "Den personen är inte på plats nu. Välj någon annan." in refused.content.decode()
    flag.refresh_from_db()
    assert flag.owner == cast.berit


def test_an_empty_choice_is_refused_with_a_sentence(cast: Cast) -> None:
    flag = flag_for(cast.eriks)
    assert "Välj vem som tar flaggan." in visit(cast.lena, {}, flag).content.decode()


def test_a_patient_without_cover_leads_to_who_is_away(cast: Cast) -> None:
    raise_uncovered(patient=cast.annas.patient, treatment=cast.annas, urgency=Urgency.NOW, now=NOW)
    shown = visit(cast.lena).content.decode()
    assert "En patient saknar täckning." in shown
    assert reverse("clinic-absence") in shown


def test_the_page_asks_as_many_questions_for_twenty_flags_as_for_one(cast: Cast) -> None:
    flag_for(cast.eriks)
    with CaptureQueriesContext(connection) as few:
        visit(cast.lena)
    for number in range(19):
        user = make_user(f"more{number}", "Alm")
        flag_for(make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision))
    with CaptureQueriesContext(connection) as many:
        assert visit(cast.lena).content.decode().count("<form") >= 20
    assert len(many) == len(few)
