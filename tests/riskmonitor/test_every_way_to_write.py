"""Whatever way a patient's words come in, they are screened, and shown on the flag with the phrase marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client

from clinics.models import User
from programs.actions import (
    end_treatment,
    save_crisis_plan,
    save_draft,
    send_measure,
    send_module,
    send_stuck,
    send_tool_entry,
)
from programs.models import Revision, Submission, Treatment
from programs.shipped import instruments
from riskmonitor import screening
from riskmonitor.models import Flag
from riskmonitor.rules import Finding
from riskmonitor.sweeps import flag_marked_draft, screen_one
from riskmonitor.sweeps.auditing import problems
from tests.cast import NOW, Cast, make_cast
from tests.programs.test_schedule import FACTS
from tests.programs.test_wordings import load

RISKY = "Jag orkar inte leva längre."
SECOND, MINUTE, WEEK = timedelta(seconds=1), timedelta(minutes=1), timedelta(days=7)
Way = Callable[[Cast, datetime], Submission]


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> Cast:
    """The cast in a programme that asks after its end. A revision never changes: it is born with it."""
    create = Revision.objects.create

    def with_schedule(**facts: Any) -> Revision:
        return create(**facts | {"facts": facts["facts"] | {"instruments": FACTS}})

    monkeypatch.setattr(Revision.objects, "create", with_schedule)
    return make_cast()


def module(cast: Cast, now: datetime) -> Submission:
    step = cast.annas.steps.select_related("module__revision", "treatment__patient").get(module__number=1)
    return send_module(step=step, answers={"tanke": RISKY}, key=uuid4(), by=cast.anna, now=now)


def entry(cast: Cast, now: datetime, words: str = RISKY, replaces: Submission | None = None) -> Submission:
    told = {"activity": words, "mood": 5}
    return send_tool_entry(
        treatment=cast.annas, tool="mood_log", entry=told, key=uuid4(), by=cast.anna, now=now, replaces=replaces
    )


def edited(cast: Cast, now: datetime) -> Submission:
    harmless = entry(cast, now - MINUTE, "Promenad")
    screen_all(now)
    return entry(cast, now, replaces=harmless)


def slow_going(cast: Cast, now: datetime) -> Submission:
    return send_stuck(treatment=cast.annas, reason="time", words=RISKY, key=uuid4(), by=cast.anna, now=now)


def plan(cast: Cast, now: datetime, by: User | None = None) -> Submission:
    plan = {"signs": RISKY}
    return save_crisis_plan(treatment=cast.annas, plan=plan, based_on="", key=uuid4(), by=by or cast.anna, now=now)


def plan_together(cast: Cast, now: datetime) -> Submission:
    return plan(cast, now, cast.berit)


def side_effects(cast: Cast, now: datetime, by: User | None = None) -> Submission:
    asked = instruments()["side_effects"]
    return send_measure(
        treatment=Treatment.objects.get(pk=cast.annas.pk), instrument=asked, version=asked.version,
        answers={"1": 2, "words_1": RISKY, "2": 0}, key=uuid4(), by=by or cast.anna, now=now,
    )  # fmt: skip


def on_the_telephone(cast: Cast, now: datetime) -> Submission:
    return side_effects(cast, now, cast.berit)


def after_the_end(cast: Cast, now: datetime) -> Submission:
    end_treatment(treatment=Treatment.objects.get(pk=cast.annas.pk), by=cast.berit, now=now - WEEK)
    return side_effects(cast, now)


WAYS = [module, entry, edited, slow_going, plan, plan_together, side_effects, on_the_telephone, after_the_end]
MONDAY = NOW + WEEK + timedelta(days=3)


def screen_all(now: datetime) -> None:
    while screen_one(now + SECOND):
        pass


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_risky_words_reach_somebody_who_is_there_with_the_phrase_marked(client: Client, cast: Cast, way: Way) -> None:
    sent = way(cast, MONDAY)
    assert sent.items_screened_at == MONDAY
    assert problems(MONDAY + MINUTE)["unscreened"] == 1
    screen_all(MONDAY)
    assert problems(MONDAY + MINUTE)["unscreened"] == 0
    flag = Flag.objects.get()
    assert (flag.kind, flag.urgency, flag.patient, flag.closed_at) == ("suicide", "now", cast.anna.patient, None)
    assert flag.findings.get().submission == sent
    with time_machine.travel(MONDAY + MINUTE, tick=False):
        client.force_login(flag.owner)
        page = client.get(f"/flags/{flag.code}/").content.decode()
    assert "<mark>" in page
    assert "orkar inte leva" in page


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_without_the_second_net_no_words_are_found(cast: Cast, way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: a net that finds nothing raises nothing, however the words came in."""
    nothing: list[Finding] = []
    monkeypatch.setattr(screening, "text_findings", lambda text: nothing)
    way(cast, MONDAY)
    screen_all(MONDAY)
    assert not Flag.objects.exists()


@pytest.mark.parametrize("form_key", ["measure:madrs_s", "phone:{code}:madrs_s"])
@pytest.mark.parametrize(("marked", "urgency"), [("2", None), ("3", "today"), ("4", "now")])
def test_an_item_about_suicide_in_a_wording_of_the_clinics_own_is_found_in_a_draft(
    cast: Cast, form_key: str, marked: str, urgency: str | None
) -> None:
    load(cast)
    key = form_key.format(code=cast.annas.code)
    by = cast.anna if form_key.startswith("measure") else cast.berit
    data = {"9": marked, "form_version": "any"}
    save_draft(owner=by, treatment=cast.annas, form_key=key, data=data, version=0, now=NOW, is_measure=True)
    assert problems(NOW + 25 * MINUTE)["unscreened_drafts"] == 1
    assert flag_marked_draft(NOW + 16 * MINUTE)
    found = Flag.objects.first()
    assert (found.urgency if found else None) == urgency
    assert found is None or found.kind == "suicide"


def test_a_draft_that_is_no_questionnaire_would_not_be_looked_at(cast: Cast) -> None:
    """The red twin: what tells the sweep is the mark that it is a questionnaire, and nothing else."""
    save_draft(owner=cast.anna, treatment=cast.annas, form_key="measure:madrs_s", data={"9": "4"}, version=0, now=NOW)
    assert not flag_marked_draft(NOW + 16 * MINUTE)
    assert not Flag.objects.exists()
