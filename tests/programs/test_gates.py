"""A checklist stands before a module or a tool: nothing opens until every line is ticked, and it closes again."""

from __future__ import annotations

import dataclasses
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from programs import tools as tools_module
from programs.actions import (
    GateClosed,
    GateNotWhole,
    NotOpen,
    add_tool,
    hide_module,
    open_module,
    remember_page,
    send_module,
    send_tool_entry,
    show_module,
    tick_gate,
    withdraw_gate,
)
from programs.doors import unlocked_tools
from programs.models import GateCheck, PlanChange, Step, Submission, Treatment
from programs.treatment import gates as gates_module
from programs.treatment.gates import Gates
from tests.cast import NOW, Cast
from tests.gated import GATE, LINES, make_gated_revision, make_gated_treatment, tick_tool_gates

Kind = PlanChange.Kind

pytestmark = pytest.mark.usefixtures("friday_morning")


@pytest.fixture
def karins(cast: Cast) -> Treatment:
    return make_gated_treatment(cast)


@pytest.fixture
def karin(karins: Treatment, client: Client) -> Client:
    client.force_login(karins.patient.user)
    return client


def gated(treatment: Treatment) -> Step:
    return treatment.steps.select_related("module__revision", "treatment__patient__user").get(module__slug="tva")


def tick(cast: Cast, treatment: Treatment, items: list[str] | None = None) -> None:
    tick_gate(treatment=treatment, gate=GATE, items=LINES if items is None else items, by=cast.berit, now=NOW)


def open_gated(cast: Cast, treatment: Treatment) -> Step:
    return open_module(treatment=treatment, module=gated(treatment).module, by=cast.berit, now=NOW)


def test_a_module_cannot_be_opened_before_its_checklist_is_ticked(cast: Cast, karins: Treatment) -> None:
    with pytest.raises(GateClosed) as refused:
        open_gated(cast, karins)
    assert [gate.id for gate in refused.value.gates] == [GATE]
    assert gated(karins).opened_at is None


def test_without_the_gate_it_would_open(cast: Cast, karins: Treatment, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: take the question away, and the module opens."""
    monkeypatch.setattr(gates_module.Gates, "closed_before_module", lambda self, module: ())
    assert open_gated(cast, karins).opened_at == NOW


@pytest.mark.parametrize("items", [[], LINES[:1], ["Något annat", *LINES[1:]]])
def test_every_line_must_be_ticked(cast: Cast, karins: Treatment, items: list[str]) -> None:
    with pytest.raises(GateNotWhole):
        tick(cast, karins, items)
    assert not GateCheck.objects.exists()


def test_ticked_it_opens_and_the_check_says_what_was_ticked_by_whom(cast: Cast, karins: Treatment) -> None:
    tick(cast, karins)
    tick(cast, karins)  # a second click
    check = GateCheck.objects.get()
    assert (check.items, check.by, check.at) == (LINES, cast.berit, NOW)
    assert karins.plan_changes.filter(kind=PlanChange.Kind.GATE_OPENED).count() == 1
    assert open_gated(cast, karins).opened_at == NOW


def test_who_is_in_the_module_has_read_that_its_checklist_was_gone_through(cast: Cast, karins: Treatment) -> None:
    tick(cast, karins)
    add_tool(treatment=karins, tool="mood_log", by=cast.berit, now=NOW)
    open_gated(cast, karins)
    told = karins.plan_changes.untold()
    assert {each.kind for each in told} == {Kind.GATE_OPENED, Kind.TOOL_ADDED, Kind.OPENED}
    remember_page(step=gated(karins), page="forsta", now=NOW)
    assert {each.kind for each in told.all()} == {Kind.TOOL_ADDED}  # that was about something else


def test_who_writes_in_a_tool_has_read_that_it_was_given_and_its_checklist_gone_through(cast: Cast) -> None:
    tick_tool_gates(cast.annas, cast.berit)
    for tool in ("exposure_ladder", "mood_log"):
        add_tool(treatment=cast.annas, tool=tool, by=cast.berit, now=NOW)
    entry = {"steps": [{"step": "Ringa"}]}
    send_tool_entry(treatment=cast.annas, tool="exposure_ladder", entry=entry, key=uuid4(), by=cast.anna, now=NOW)
    left = cast.annas.plan_changes.untold().exclude(kind=Kind.GATE_OPENED)
    assert [each.about for each in left] == ["mood_log"]
    (gate,) = tools_module.tools()["exposure_ladder"].gates
    assert not cast.annas.plan_changes.untold().filter(about=gate).exists()


def test_withdrawn_it_closes_again_and_nothing_is_taken(cast: Cast, karins: Treatment) -> None:
    tick(cast, karins)
    step = open_gated(cast, karins)
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    assert karins.plan_changes.filter(kind=PlanChange.Kind.GATE_CLOSED).count() == 1
    with pytest.raises(NotOpen):
        send_module(step=gated(karins), answers={"tanke": "Hej"}, key=uuid4(), by=karins.patient.user, now=NOW)
    step.refresh_from_db()
    assert step.opened_at == NOW


def test_a_ticked_checklist_holds_for_the_lines_of_its_own_edition(cast: Cast, karins: Treatment) -> None:
    tick(cast, karins)
    karins.revision = make_gated_revision(cast, [*LINES, "Ett nytt villkor"], edition=8)
    assert not Gates(karins).gate(GATE).is_open


def test_a_treatment_whose_first_module_is_gated_starts_with_nothing_open(cast: Cast, karins: Treatment) -> None:
    assert [step.opened_at for step in karins.steps.all()] == [NOW, None, None]


def test_a_gate_that_no_programme_declares_is_closed_and_cannot_be_ticked(cast: Cast) -> None:
    assert not Gates(cast.annas).gate("exposure-ok").is_open
    with pytest.raises(GateNotWhole):
        tick_gate(treatment=cast.annas, gate="exposure-ok", items=[], by=cast.berit, now=NOW)


def gate_the_goals(monkeypatch: pytest.MonkeyPatch) -> None:
    schemas = dict(tools_module.tools())
    schemas["goals"] = dataclasses.replace(schemas["goals"], gates=(GATE,))
    for place in ("programs.treatment.gates.tools", "programs.doors.tools", "programs.actions.switches.tools"):
        monkeypatch.setattr(place, lambda: schemas)


def test_a_tool_waits_for_its_gate_too(cast: Cast, karins: Treatment, monkeypatch: pytest.MonkeyPatch) -> None:
    gate_the_goals(monkeypatch)
    with pytest.raises(GateClosed):
        add_tool(treatment=karins, tool="goals", by=cast.berit, now=NOW)
    entry: dict[str, object] = {"goals": [{"goal": "Gå ut"}]}
    with pytest.raises(NotOpen):
        send_tool_entry(treatment=karins, tool="goals", entry=entry, key=uuid4(), by=karins.patient.user, now=NOW)
    tick(cast, karins)
    add_tool(treatment=karins, tool="goals", by=cast.berit, now=NOW)
    assert [tool.id for tool in unlocked_tools(karins)] == ["mood_log", "goals"]
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    assert [tool.id for tool in unlocked_tools(karins)] == ["mood_log"]


def test_the_patient_reads_who_opens_it_and_never_that_it_is_locked(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    tick(cast, karins)
    step = open_gated(cast, karins)
    page = reverse("module-page", args=[step.code, "forsta"])
    assert "Sidan tva" in karin.get(page).content.decode()
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    for url in (
        page,
        reverse("module", args=[step.code]),
        reverse("module-short", args=[step.code]),
        "/my/",
        "/my/plan/",
    ):
        shown = karin.get(url, follow=True).content.decode()
        assert "Berit öppnar det här när ni har gått igenom några frågor" in shown
        assert "spärrad" not in shown
        assert "Sidan tva" not in shown


def test_what_is_posted_to_a_closed_module_comes_back_word_for_word(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    tick(cast, karins)
    step = open_gated(cast, karins)
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    for name, args in (("module-page", [step.code, "forsta"]), ("module-send", [step.code])):
        answer = karin.post(reverse(name, args=args), {"q_tanke": "Långa ord"})
        assert answer.status_code == 409
        assert "Långa ord" in answer.content.decode()
    assert not Submission.objects.filter(treatment=karins).exists()


def test_a_check_is_never_changed(cast: Cast, karins: Treatment) -> None:
    tick(cast, karins)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        GateCheck.objects.update(items=[])
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    with pytest.raises(DatabaseError, match="refused"), transaction.atomic():
        GateCheck.objects.update(withdrawn_at=None, withdrawn_by=None)


def test_what_is_posted_to_a_tool_that_is_closed_or_left_the_way_comes_back_word_for_word(
    cast: Cast, karins: Treatment, karin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    tick(cast, karins)
    step = open_gated(cast, karins)
    url, typed = reverse("tool", args=["goals"]), {"goals.0.goal": "Långa ord"}
    assert karin.get(url).status_code == 200
    hide_module(step=step, words="", by=cast.berit, now=NOW)
    assert karin.get(url).status_code == 404
    left = karin.post(url, typed)
    show_module(step=step, by=cast.berit, now=NOW)
    gate_the_goals(monkeypatch)
    withdraw_gate(treatment=karins, gate=GATE, by=cast.berit, now=NOW)
    closed = karin.post(url, typed)
    for answer, why in ((left, "finns inte i din plan längre"), (closed, "Berit öppnar det här när")):
        assert answer.status_code == 409
        assert "Långa ord" in answer.content.decode()
        assert why in answer.content.decode()
    assert not Submission.objects.filter(treatment=karins).exists()


def test_a_tool_that_never_came_is_not_found(karin: Client) -> None:
    assert karin.post(reverse("tool", args=["goals"]), {"goals.0.goal": "Ord"}).status_code == 404
