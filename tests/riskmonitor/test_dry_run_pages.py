"""The pages of a dry run: how far it is, what differs at whose clinic, and who reads whom."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent, Membership, Role
from riskmonitor.actions import order_dry_run
from riskmonitor.sweeps import screen_one, try_some
from tests.cast import NOW, Cast
from tests.riskmonitor.dry_runs import LATER, RISKY, answer, tried, visit


def test_an_unfinished_dry_run_says_how_far_it_is_without_javascript(
    sent: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("riskmonitor.watch.looking_back.BATCH", 2)
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    assert try_some(LATER)
    page = visit(sent.lena, "dry-run", code=run.code).content.decode()
    assert "2 av 6." in page
    assert f'href="{reverse("dry-run", args=[run.code])}"' in page


def test_the_poll_is_empty_until_something_changed(sent: Cast) -> None:
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    client = Client()
    client.force_login(sent.lena)
    url = reverse("dry-run-progress", args=[run.code])
    assert client.get(f"{url}?seen=0").status_code == 204
    assert client.get(f"{url}?seen=7").status_code == 200


def test_the_region_sees_figures_and_a_lead_the_lines_of_the_own_clinic(sent: Cast, stricter: None) -> None:
    run = tried(sent.lena)
    region = visit(sent.omar, "dry-run", code=run.code)
    assert region.context["listed"] == []
    assert {row[0]: row[1:] for row in region.context["by_clinic"]} == {"Eken": [1, 1, 0, 0], "Linden": [1, 0, 0, 0]}
    lead = visit(sent.lena, "dry-run", code=run.code)
    assert {row[0]: row[1:] for row in lead.context["by_clinic"]} == {
        "Eken": [1, 1, 0, 0],
        "Andra vårdcentraler": [1, 0, 0, 0],
    }
    assert [(each.clinic, each.found) for each in lead.context["listed"]] == [
        ("Eken", "ingen flagga"),
        ("Eken", "i dag"),
    ]
    assert {each.url for each in lead.context["listed"]} == {""}  # who leads and does not treat reads no words
    for page in (region, lead):
        assert not any(name in page.content.decode() for name in ("Anna", "Lind<", "Nils", RISKY))


def test_who_also_treats_the_patient_reads_through_the_patients_door_and_is_logged(sent: Cast, stricter: None) -> None:
    Membership.objects.filter(user=sent.lena).update(ended_at=NOW)
    Membership.objects.create(user=sent.berit, clinic=sent.eken, role=Role.LEAD, started_at=NOW)
    run = tried(sent.berit)
    listed = visit(sent.berit, "dry-run", code=run.code).context["listed"]
    assert {each.url.split("/")[2] for each in listed} == {str(sent.annas.patient.code)}
    assert AuditEvent.objects.filter(what=f"dry-run:{run.code}", did="listed").count() == 1


@pytest.mark.parametrize("times", [1, 10])
def test_the_list_costs_the_same_for_many(
    sent: Cast, request: pytest.FixtureRequest, django_assert_max_num_queries, times: int
) -> None:
    for _time in range(times):
        answer(sent.annas, sent.anna, 2)
    while screen_one(NOW):
        pass
    request.getfixturevalue("stricter")
    run = tried(sent.lena)
    client = Client()
    client.force_login(sent.lena)
    client.get(reverse("rules"))  # the first visit of a session writes it
    with django_assert_max_num_queries(12):
        client.get(reverse("dry-run", args=[run.code]))
    with django_assert_max_num_queries(12):
        client.get(reverse("rules"))
