"""Who stands on the work list, in what order, for whom, and at what cost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from clinics.models import AccessGrant, AuditEvent
from ikbt.casework.flags_listed import open_flags
from ikbt.casework.flags_shown import flags_of
from programs.actions import end_treatment
from programs.models import Revision
from tests.cast import NOW, Cast
from tests.ikbt.therapist_day import DAY, HOUR, absence, busy_patients, hand_in, measure, questions_asked, write
from tests.riskmonitor.test_climbing import raise_now


@pytest.fixture(autouse=True)
def _at_eleven() -> Iterator[None]:
    """An hour after the cast's treatments began, so that what is sent then has happened."""
    with time_machine.travel(NOW + HOUR, tick=False):
        yield


def page(client: Client, user, query: str = "") -> str:
    client.force_login(user)
    response = client.get(f"/worklist/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.hazard("H2a")
def test_the_flag_stands_first_with_its_words(client: Client, cast: Cast) -> None:
    write(cast.annas)
    measure(cast.eriks, i9=2)
    html = page(client, cast.berit)
    assert html.index("Erik Ström") < html.index("Anna Lind")
    assert "PHQ-9 fråga 9 = 2" in html
    assert html.index("Gör först") < html.index("I dag")


@pytest.mark.hazard("H2a")
def test_the_flag_stands_with_its_deadline(client: Client, cast: Cast) -> None:
    measure(cast.eriks, i9=2)
    assert "svara före i dag 11.00" in page(client, cast.berit)


@pytest.mark.parametrize("marked", [[2, 1], [1, 3], [1, 1], [3, 2]])
def test_of_many_findings_the_list_says_the_one_that_the_patients_page_says(
    cast: Cast, django_assert_num_queries, marked: list[int]
) -> None:
    """The strongest, of those equally strong the last."""
    for days, value in enumerate(marked):
        measure(cast.eriks, NOW + days * DAY, i9=value)
    erik = cast.eriks.patient
    with django_assert_num_queries(1):
        [listed] = open_flags([erik.pk])[erik.pk]
    [shown] = flags_of([erik])[erik.pk]
    assert len(shown.findings) > 1
    assert (listed.words, listed.urgency, listed.due_at) == (shown.words, shown.urgency, shown.due_at)
    assert listed.owner_name == shown.flag.owner.full_name


def test_reasons_and_minutes_are_said(client: Client, cast: Cast) -> None:
    write(cast.annas)
    write(cast.annas, "En gång till.")
    hand_in(cast.annas)
    html = page(client, cast.berit)
    assert "2 olästa meddelanden" in html
    assert "Avsnitt inlämnat" in html
    assert "cirka 10 min" in html


def test_a_flag_met_as_a_substitute_is_told_apart_from_ones_own_patients(client: Client, cast: Cast) -> None:
    measure(cast.eriks, i9=2)
    absence(cast.berit, NOW - HOUR, NOW + DAY)
    own = page(client, cast.cecilia)
    assert "Erik Ström" in own
    assert "(varav 1 som vikarie)" in own
    assert "som vikarie)" not in page(client, cast.cecilia, "?tab=covering")


def test_each_name_leaves_one_audit_row(client: Client, cast: Cast) -> None:
    page(client, cast.berit)
    listed = AuditEvent.objects.filter(did="listed", actor=cast.berit.code)
    assert {row.patient for row in listed} == {cast.annas.patient.code, cast.eriks.patient.code}


@pytest.mark.hazard("H5b")
def test_the_substitute_sees_the_patients_only_while_the_absence_lasts(client: Client, cast: Cast) -> None:
    absence(cast.berit, NOW + HOUR, NOW + DAY)
    with time_machine.travel(NOW + HOUR * 0.99, tick=False):
        assert "Anna Lind" not in page(client, cast.cecilia, "?tab=covering")
    with time_machine.travel(NOW + DAY * 0.99, tick=False):
        assert "Anna Lind" in page(client, cast.cecilia, "?tab=covering")
        assert "Anna Lind" not in page(client, cast.cecilia)
        assert client.get(f"/patients/{cast.annas.patient.code}/").status_code == 200
    with time_machine.travel(NOW + DAY, tick=False):
        assert "Anna Lind" not in page(client, cast.cecilia, "?tab=covering")
        assert client.get(f"/patients/{cast.annas.patient.code}/").status_code == 403


def test_an_open_flag_stays_on_the_owners_list_after_the_end(client: Client, cast: Cast) -> None:
    measure(cast.annas, i9=2)
    for treatment in (cast.annas, cast.eriks):
        end_treatment(treatment=treatment, by=cast.berit, now=NOW)
    listed = page(client, cast.berit)
    assert "Anna Lind" in listed
    assert "Erik Ström" not in listed
    assert client.get(f"/patients/{cast.annas.patient.code}/").status_code == 200


def test_those_who_wait_for_nothing_stand_once(client: Client, cast: Cast) -> None:
    assert page(client, cast.berit).count("Erik Ström") == 1


def test_a_grant_puts_the_patient_on_the_list(client: Client, cast: Cast) -> None:
    AccessGrant.objects.create(patient=cast.annas.patient, user=cast.tove, why="flag", source="flag:x", starts_at=NOW)
    assert "Anna Lind" in page(client, cast.tove, "?tab=covering")


def test_a_patient_whose_edition_was_withdrawn_is_pointed_at(client: Client, cast: Cast) -> None:
    assert "Indragen text" not in page(client, cast.berit)
    facts = {"status": "withdrawn", "published_at": NOW, "withdrawn_at": NOW, "withdrawn_because": "Fel råd."}
    Revision.objects.filter(pk=cast.annas.revision_id).update(**facts)
    html = page(client, cast.berit)
    assert "Indragen text" in html
    assert "av patienterna har en text som är indragen" in html
    assert reverse("programmes") in html


def test_the_clinics_tab_shows_the_clock_and_never_the_words(client: Client, cast: Cast) -> None:
    measure(cast.eriks, i1=3, i9=2)
    html = page(client, cast.tove, "?tab=clinic")
    assert "Erik Ström" in html
    assert "svara före i dag 11.00, Berit Almgren" in html
    assert "fråga 9" not in html
    assert f"/patients/{cast.eriks.patient.code}/" not in html


@pytest.mark.hazard("H4b")
def test_another_clinic_is_not_on_the_list(client: Client, cast: Cast) -> None:
    measure(cast.eriks, i9=2)
    for query in ("", "?tab=covering", "?tab=clinic", "?tab=nonsense"):
        html = page(client, cast.david, query)
        assert "Erik" not in html
        assert "Anna" not in html


@pytest.mark.parametrize("who", ["anna", "lena", "frida", "omar", "greta"])
def test_other_roles_are_refused(client: Client, cast: Cast, who: str) -> None:
    client.force_login(getattr(cast, who))
    assert client.get("/worklist/").status_code == 403
    assert client.get("/worklist/poll/").status_code == 403
    assert client.post("/worklist/round/").status_code == 403


def test_a_poll_that_finds_nothing_new_answers_without_patient_data(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    seen = client.get("/worklist/").context["seen"]
    before = AuditEvent.objects.count()
    response = client.get(f"/worklist/poll/?tab=mine&seen={seen}")
    assert (response.status_code, response.content) == (204, b"")
    assert AuditEvent.objects.count() == before


def test_a_poll_brings_a_new_flag_with_the_pages_own_part(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    seen = client.get("/worklist/").context["seen"]
    measure(cast.eriks, i9=2)
    response = client.get(f"/worklist/poll/?tab=mine&seen={seen}")
    assert "PHQ-9 fråga 9 = 2" in response.content.decode()
    assert response.templates[0].name == "worklist/list.html"
    assert AuditEvent.objects.filter(did="listed").count() == 4


def test_a_signed_out_poll_never_brings_a_sign_in_page_into_the_list(client: Client, cast: Cast) -> None:
    assert 'hx-headers=\'{"Accept":"application/json"}\'' in page(client, cast.berit)
    client.logout()
    response = client.get("/worklist/poll/", headers={"accept": "application/json"})
    assert (response.status_code, response.json()) == (401, {"login": "/accounts/login/"})


def test_the_round_begins_with_the_first_who_waits(client: Client, cast: Cast) -> None:
    write(cast.annas)
    measure(cast.eriks, i9=2)
    client.force_login(cast.berit)
    response = client.post("/worklist/round/", {"tab": "mine"})
    assert response.url == f"/patients/{cast.eriks.patient.code}/"
    assert "1 av 2" in client.get(response.url).content.decode()


def test_a_round_with_nobody_waiting_returns_to_the_list(client: Client, cast: Cast) -> None:
    client.force_login(cast.berit)
    assert client.post("/worklist/round/").url == "/worklist/"
    assert client.get("/worklist/round/").status_code == 405


@pytest.mark.usefixtures("friday_morning")  # else the minute in which a session is touched may fall between the two
@pytest.mark.parametrize("tab", ["mine", "clinic"])
def test_the_list_costs_the_same_for_one_patient_and_for_fifty(client: Client, cast: Cast, tab: str) -> None:
    busy_patients(cast, 1)
    client.force_login(cast.berit)
    client.get("/worklist/")
    few = questions_asked(client, f"/worklist/?tab={tab}")
    busy_patients(cast, 49)
    assert few == questions_asked(client, f"/worklist/?tab={tab}")
    assert few <= 12


def test_a_substitute_meets_the_absent_colleagues_flag_first_in_her_own_list(client: Client, cast: Cast) -> None:
    absence(cast.berit, NOW, NOW + DAY)
    raise_now(cast.annas)
    with time_machine.travel(NOW + HOUR, tick=False):
        client.force_login(cast.cecilia)
        page = client.get("/worklist/").content.decode()
    assert "PHQ-9 fråga 9 = 2" in page
    assert "för Berit Almgren" in page
    assert "Erik" not in page
