"""The page of the patient's way: every switch from a browser, kind refusals, and a cost that does not grow."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from programs.actions import add_tool, send_module, tick_gate
from programs.models import GateCheck, PlanChange, Step, Treatment
from tests.cast import NOW, Cast
from tests.gated import GATE, LINES, make_gated_treatment

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def karins(cast: Cast) -> Treatment:
    return make_gated_treatment(cast)


@pytest.fixture
def berit(cast: Cast, client: Client) -> Client:
    client.force_login(cast.berit)
    return client


def way(treatment: Treatment) -> str:
    return reverse("way", args=[treatment.patient.code])


def switch(name: str, treatment: Treatment, slug: str = "ett") -> str:
    return reverse(name, args=[treatment.patient.code, step(treatment, slug).code])


def step(treatment: Treatment, slug: str = "ett") -> Step:
    return treatment.steps.select_related("module", "treatment__patient").get(module__slug=slug)


def after(client: Client, url: str, **data: object) -> str:
    return client.post(url, data, follow=True).content.decode()


def test_opening_a_gated_module_leads_to_the_checklist(berit: Client, karins: Treatment) -> None:
    shown = after(berit, switch("module-open", karins, "tva"))
    assert "en checklista kommer före" in shown
    assert all(line in shown for line in LINES)
    assert step(karins, "tva").opened_at is None
    tick = reverse("gate-tick", args=[karins.patient.code, GATE])
    assert "Alla rader i checklistan måste vara ikryssade" in after(berit, tick, item=["0"])
    assert not GateCheck.objects.exists()
    assert "Checklistan är genomgången" in after(berit, tick, item=["0", "1"])
    berit.post(switch("module-open", karins, "tva"))
    assert step(karins, "tva").opened_at == NOW
    withdraw = reverse("gate-withdraw", args=[karins.patient.code, GATE])
    assert "Checklistan är återtagen" in after(berit, withdraw)


def test_a_reply_is_sent_also_when_its_module_waits_for_a_checklist(berit: Client, karins: Treatment) -> None:
    data = {"text": "Bra jobbat.", "open_next": "on", "step": str(step(karins, "tva").code), "idempotency_key": uuid4()}
    shown = after(berit, reverse("patient-reply", args=[karins.patient.code]), **data)
    assert karins.messages.get().text == "Bra jobbat."
    assert "en checklista kommer före" in shown
    assert step(karins, "tva").opened_at is None


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"to": "2026-11-27", "smaller_step": " "}, "Det mindre steget saknas"),
        ({"to": "", "smaller_step": "Skriv ett ord."}, "Det nya datumet saknas"),
        ({"to": "2026-11-01", "smaller_step": "Skriv ett ord."}, "Den dagen har varit"),
        ({"to": "27/11", "smaller_step": "Skriv ett ord."}, "2026-12-01"),
    ],
)
def test_a_date_without_its_smaller_step_is_refused_kindly_and_keeps_what_was_typed(
    berit: Client, karins: Treatment, given: dict[str, str], missing: str
) -> None:
    shown = after(berit, switch("module-date", karins), **given)
    assert missing in shown
    assert given["smaller_step"] in shown
    assert step(karins).due_on is None
    assert not PlanChange.objects.filter(kind="date_moved").exists()


def test_the_core_is_not_taken_out_without_a_reason(berit: Client, karins: Treatment) -> None:
    assert "hör till programmets kärna" in after(berit, switch("module-hide", karins, "tre"), words="")
    assert step(karins, "tre").hidden_at is None


def test_every_switch_works_from_the_page(berit: Client, karins: Treatment) -> None:
    send_module(step=step(karins), answers={"tanke": "Hej"}, key=uuid4(), by=karins.patient.user, now=NOW)
    page = berit.get(way(karins)).content.decode()
    for name in ("module-date", "module-hide", "module-repeat", "module-move"):
        assert switch(name, karins) in page
    assert "väntar på patienten igen" in after(berit, switch("module-repeat", karins))
    assert "fått en annan plats" in after(berit, switch("module-move", karins), to="3")
    moved = after(berit, switch("module-date", karins), to="2026-11-27", smaller_step="Skriv ett ord.")
    assert "ett nytt datum och ett mindre steg" in moved
    assert "Skriv ett ord." in moved
    assert "är borttaget" in after(berit, switch("module-hide", karins), words="<b>Hej</b>")
    page = berit.get(way(karins)).content.decode()
    assert "&lt;b&gt;Hej&lt;/b&gt;" in page
    assert "inte läst än" in page
    assert "är tillbaka" in after(berit, switch("module-show", karins))
    assert "Nu har patienten verktyget." in after(berit, reverse("tool-add", args=[karins.patient.code]), tool="map")
    assert "Det verktyget går inte att lägga till." in after(
        berit, reverse("tool-add", args=[karins.patient.code]), tool="nej"
    )


def test_every_form_of_the_page_can_be_sent(berit: Client, karins: Treatment) -> None:
    """A part of a page that is included alone loses the token, and the test client would never ask for it."""
    page = berit.get(way(karins)).content.decode()
    forms = [form.partition("</form>")[0] for form in page.split('<form method="post"')[1:]]
    assert len(forms) > 10
    assert [form for form in forms if "csrfmiddlewaretoken" not in form] == []


def test_a_module_of_another_patient_is_not_found(berit: Client, cast: Cast, karins: Treatment) -> None:
    other = cast.annas.steps.get(module__number=1)
    url = reverse("module-hide", args=[karins.patient.code, other.code])
    assert berit.post(url, {"words": "x"}).status_code == 404


def test_the_page_costs_the_same_with_many_changes(
    berit: Client, cast: Cast, karins: Treatment, django_assert_max_num_queries: object
) -> None:
    tick_gate(treatment=karins, gate=GATE, items=LINES, by=cast.berit, now=NOW)
    for tool in ("goals", "map", "week_planner"):
        add_tool(treatment=karins, tool=tool, by=cast.berit, now=NOW)
    berit.get(way(karins))
    with django_assert_max_num_queries(12):  # type: ignore[operator]  # the fixture is a context manager
        berit.get(way(karins))
