"""The therapist's switches: each changes one thing once, is logged, and is told to the patient."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from clinics.models import AuditEvent
from programs.actions import (
    SwitchRefused,
    Why,
    add_tool,
    end_treatment,
    hide_module,
    mark_plan_read,
    move_date,
    move_module,
    open_module,
    repeat_module,
    send_module,
    show_module,
    tick_gate,
)
from programs.doors import unlocked_tools
from programs.models import PlanChange, Step, Submission, Treatment
from programs.pages.reading import ModuleReading
from programs.treatment.changes import told
from tests.cast import NOW, Cast
from tests.gated import GATE, LINES, make_gated_treatment

pytestmark = pytest.mark.usefixtures("friday_morning")
TODAY = date(2026, 11, 20)
Kind = PlanChange.Kind


@pytest.fixture
def karins(cast: Cast) -> Treatment:
    treatment = make_gated_treatment(cast)
    tick_gate(treatment=treatment, gate=GATE, items=LINES, by=cast.berit, now=NOW)
    return treatment


@pytest.fixture
def karin(karins: Treatment, client: Client) -> Client:
    client.force_login(karins.patient.user)
    return client


def step(treatment: Treatment, slug: str = "ett") -> Step:
    related = ("module__revision", "treatment__patient__user", "treatment__assignment__therapist")
    return treatment.steps.select_related(*related).get(module__slug=slug)


def sent(treatment: Treatment, words: str, slug: str = "ett") -> Submission:
    return send_module(
        step=step(treatment, slug), answers={"tanke": words}, key=uuid4(), by=treatment.patient.user, now=NOW
    )


def opened(cast: Cast, treatment: Treatment, slug: str) -> Step:
    open_module(treatment=treatment, module=step(treatment, slug).module, by=cast.berit, now=NOW)
    return step(treatment, slug)


def kinds(treatment: Treatment) -> list[str]:
    return list(treatment.plan_changes.order_by("pk").values_list("kind", flat=True))


def test_each_switch_thrown_twice_is_one_change_logged_once(cast: Cast, karins: Treatment) -> None:
    sent(karins, "Jag gick ut.")
    here = step(karins)
    day = TODAY + timedelta(days=7)
    by = {"by": cast.berit, "now": NOW}
    twice: list[tuple[Callable[[], None], str]] = [
        (lambda: repeat_module(step=here, **by), Kind.REPEATED),
        (lambda: hide_module(step=here, words="", **by), Kind.HIDDEN),
        (lambda: show_module(step=here, **by), Kind.SHOWN),
        (lambda: move_module(step=here, to=3, **by), Kind.REORDERED),
        (lambda: move_date(step=here, to=day, smaller_step="En rad", today=TODAY, **by), Kind.DATE_MOVED),
        (lambda: add_tool(treatment=karins, tool="map", **by), Kind.TOOL_ADDED),
    ]
    for throw, kind in twice:
        throw()
        throw()  # a double click, or the other tab with what it knew
        change = karins.plan_changes.get(kind=kind)
        assert change.by == cast.berit
        assert AuditEvent.objects.filter(what=f"plan:{change.code}", actor=cast.berit.code).count() == 1


def test_a_module_taken_out_is_gone_for_the_patient_and_kept_for_the_therapist(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    words = sent(karins, "Mina ord")
    hide_module(step=step(karins), words="Det passade inte.", by=cast.berit, now=NOW)
    assert karin.get(reverse("module", args=[step(karins).code])).status_code == 404
    plan = karin.get(reverse("plan")).content.decode()
    assert f"/my/modules/{step(karins).code}/" not in plan
    assert "Berit tog bort avsnitt 1, Ett." in plan
    assert "Det passade inte." in plan
    karin.force_login(cast.berit)
    patient = karins.patient.code
    assert "Mina ord" in karin.get(reverse("submission", args=[patient, words.code])).content.decode()


def test_from_a_module_taken_out_no_answer_returns(cast: Cast, karins: Treatment) -> None:
    sent(karins, "Mina ord")
    second = opened(cast, karins, "tva")
    before = ModuleReading(second, NOW).returned("ett.tanke")
    assert before is not None
    assert before.lines == ("Mina ord",)
    hide_module(step=step(karins), words="", by=cast.berit, now=NOW)
    assert ModuleReading(second, NOW).returned("ett.tanke") is None
    show_module(step=step(karins), by=cast.berit, now=NOW)
    assert ModuleReading(second, NOW).returned("ett.tanke") is not None


def test_where_no_answer_returns_the_page_says_so(cast: Cast, karins: Treatment, karin: Client) -> None:
    sent(karins, "Mina ord")
    page = reverse("module-page", args=[opened(cast, karins, "tva").code, "forsta"])
    assert "Mina ord" in karin.get(page).content.decode()
    hide_module(step=step(karins), words="", by=cast.berit, now=NOW)
    shown = karin.get(page).content.decode()
    assert "Inget att visa." in shown
    assert "Mina ord" not in shown


def test_what_is_posted_to_a_module_taken_out_meanwhile_is_not_lost(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    hide_module(step=step(karins), words="", by=cast.berit, now=NOW)
    answer = karin.post(reverse("module-send", args=[step(karins).code]), {"q_tanke": "Långa ord"})
    assert answer.status_code == 409
    assert "Långa ord" in answer.content.decode()
    assert "finns inte i din plan längre" in answer.content.decode()


def test_a_core_module_is_not_taken_out_without_a_reason(cast: Cast, karins: Treatment) -> None:
    with pytest.raises(SwitchRefused) as refused:
        hide_module(step=step(karins, "tre"), words="  ", by=cast.berit, now=NOW)
    assert refused.value.why == Why.CORE_NEEDS_REASON
    assert step(karins, "tre").hidden_at is None
    hide_module(step=step(karins, "tre"), words="Gjort i annan behandling.", by=cast.berit, now=NOW)
    assert step(karins, "tre").hidden_by == cast.berit


def test_a_repeated_module_waits_with_the_earlier_answers_and_the_first_sending_stays(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    first = sent(karins, "Första gången")
    repeat_module(step=step(karins), by=cast.berit, now=NOW)
    assert step(karins) in Step.objects.waiting()
    page = reverse("module-page", args=[step(karins).code, "forsta"])
    assert "Första gången" in karin.get(page).content.decode()
    karin.post(reverse("module-send", args=[step(karins).code]), {"q_tanke": "Andra gången"})
    answers = Submission.objects.filter(treatment=karins, form="ett").order_by("pk").values_list("answers", flat=True)
    assert [each["tanke"] for each in answers] == ["Första gången", "Andra gången"]
    first.refresh_from_db()
    assert step(karins).sent_at == NOW


def test_what_was_never_sent_cannot_be_done_again(cast: Cast, karins: Treatment) -> None:
    with pytest.raises(SwitchRefused) as refused:
        repeat_module(step=step(karins), by=cast.berit, now=NOW)
    assert refused.value.why == Why.NOT_SENT


def test_the_order_is_the_therapists_and_the_rest_keep_theirs(cast: Cast, karins: Treatment) -> None:
    move_module(step=step(karins, "tre"), to=1, by=cast.berit, now=NOW)
    assert [each.module.slug for each in karins.steps.all()] == ["tre", "ett", "tva"]
    move_module(step=step(karins, "tre"), to=99, by=cast.berit, now=NOW)
    assert [each.module.slug for each in karins.steps.all()] == ["ett", "tva", "tre"]


@pytest.mark.parametrize(
    ("to", "smaller", "why"),
    [
        (None, "En rad", Why.DATE_AND_SMALLER_STEP),
        (TODAY, " ", Why.DATE_AND_SMALLER_STEP),
        (TODAY - timedelta(days=1), "En rad", Why.DATE_PASSED),
    ],
)
def test_a_date_moves_only_with_a_smaller_step(
    cast: Cast, karins: Treatment, to: date | None, smaller: str, why: Why
) -> None:
    with pytest.raises(SwitchRefused) as refused:
        move_date(step=step(karins), to=to, smaller_step=smaller, today=TODAY, by=cast.berit, now=NOW)
    assert refused.value.why == why
    assert step(karins).due_on is None


def test_the_database_promises_it_too(cast: Cast, karins: Treatment) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        PlanChange.objects.create(
            treatment=karins, kind=Kind.DATE_MOVED, step=step(karins), new_date=TODAY, by=cast.berit, at=NOW
        )


def test_the_patient_meets_the_new_date_and_the_smaller_step_where_the_work_is(
    cast: Cast, karins: Treatment, karin: Client
) -> None:
    day = date(2026, 11, 27)
    move_date(step=step(karins), to=day, smaller_step="Skriv ett ord.", today=TODAY, by=cast.berit, now=NOW)
    shown = karin.get(reverse("module-page", args=[step(karins).code, "forsta"])).content.decode()
    assert "Nytt datum: fredag 27 november." in shown
    assert "Skriv ett ord." in shown
    assert "Att göra till 27 november" in karin.get(reverse("plan")).content.decode()


def test_an_added_tool_is_the_patients_and_an_unknown_one_is_refused(cast: Cast, karins: Treatment) -> None:
    add_tool(treatment=karins, tool="map", by=cast.berit, now=NOW)
    assert [tool.id for tool in unlocked_tools(karins)] == ["mood_log", "map"]
    with pytest.raises(SwitchRefused):
        add_tool(treatment=karins, tool="finns-inte", by=cast.berit, now=NOW)


def test_after_the_end_no_switch_moves_anything(cast: Cast, karins: Treatment) -> None:
    end_treatment(treatment=karins, by=cast.berit, now=NOW)
    before = kinds(karins)
    for throw in (
        lambda: hide_module(step=step(karins), words="", by=cast.berit, now=NOW),
        lambda: add_tool(treatment=karins, tool="map", by=cast.berit, now=NOW),
    ):
        with pytest.raises(SwitchRefused) as refused:
            throw()
        assert refused.value.why == Why.ENDED
    assert kinds(karins) == before


def test_a_module_taken_out_is_not_opened_by_the_reply(cast: Cast, karins: Treatment) -> None:
    hide_module(step=step(karins, "tva"), words="", by=cast.berit, now=NOW)
    with pytest.raises(SwitchRefused):
        open_module(treatment=karins, module=step(karins, "tva").module, by=cast.berit, now=NOW)


def test_a_change_is_told_on_the_start_page_until_it_is_read(cast: Cast, karins: Treatment, karin: Client) -> None:
    add_tool(treatment=karins, tool="map", by=cast.berit, now=NOW)
    home = reverse("patient-home")
    assert "Berit gav dig ett nytt verktyg: Min cirkel." in karin.get(home).content.decode()
    karin.post(reverse("plan"), {"seen_at": NOW.isoformat()})
    assert "Ändrat i din plan" not in karin.get(home).content.decode()
    assert "Berit gav dig ett nytt verktyg: Min cirkel." in karin.get(reverse("plan")).content.decode()


def test_what_came_after_the_page_was_drawn_is_told_still(cast: Cast, karins: Treatment) -> None:
    later = NOW + timedelta(minutes=5)
    add_tool(treatment=karins, tool="map", by=cast.berit, now=later)
    mark_plan_read(treatment=karins, by=karins.patient.user, now=later, until=NOW)
    assert [each.about for each in karins.plan_changes.untold()] == ["map"]


@pytest.mark.parametrize("language", ["sv", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_every_kind_of_change_can_be_told(cast: Cast, karins: Treatment, kind: Kind, language: str) -> None:
    change = PlanChange(
        treatment=karins, kind=kind, step=step(karins), about="map", new_date=TODAY, smaller_step="En rad",
        by=cast.berit, at=NOW,
    )  # fmt: skip
    assert "Berit" in told(change, language).words
