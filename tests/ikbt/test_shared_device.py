"""A computer that others use too: what a patient's pages leave behind, whose answers they take, and how to leave."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from programs.models import Submission
from programs.shipped import instruments
from riskmonitor.models import Flag
from tests.cast import Cast

pytestmark = pytest.mark.usefixtures("friday_morning")
PAGES = ("/my/", "/my/messages/", "/my/measures/phq9/", "/my/call-me/", "/my/stuck/", "/my/crisis-plan/", "/my/tools/")
MARKED = {str(item): "0" for item in range(1, 9)} | {"9": "2", "form_version": instruments()["phq9"].version}


@pytest.mark.hazard("H11b")
@pytest.mark.parametrize("path", PAGES)
def test_no_page_of_a_patient_is_kept_by_a_cache(anna: Client, path: str) -> None:
    page = anna.get(path)
    assert page.status_code == 200
    assert page["Cache-Control"] == "no-store, private"


@pytest.mark.hazard("H11d")
def test_answers_on_a_page_that_another_patient_left_open_are_of_who_is_signed_in(
    cast: Cast, anna: Client, client: Client
) -> None:
    key = {"idempotency_key": str(uuid4())}
    client.force_login(cast.erik)
    assert client.post(PAGES[2], MARKED | key).status_code == 302
    client.force_login(cast.anna)
    assert client.post(PAGES[2], MARKED | key).status_code == 302
    sent = Submission.objects.order_by("pk").values_list("treatment", flat=True)
    assert list(sent) == [cast.eriks.pk, cast.annas.pk]
    assert set(Flag.objects.values_list("patient", flat=True)) == {cast.eriks.patient_id, cast.annas.patient_id}


@pytest.mark.hazard("H9b")
@pytest.mark.parametrize("path", PAGES)
def test_each_page_of_a_patient_leads_to_help(anna: Client, path: str) -> None:
    assert 'href="/help/"' in anna.get(path).text


@pytest.mark.hazard("H17c")
@pytest.mark.parametrize("path", PAGES)
def test_one_press_leads_from_each_page_of_a_patient_to_another_site(anna: Client, path: str) -> None:
    assert '<a href="https://www.1177.se/" rel="noreferrer" data-leave-fast>' in anna.get(path).text
