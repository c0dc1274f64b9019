"""A plan that was saved under an earlier release keeps what the clinic chose, or everybody is told that it does not."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from clinics.models import Clinic
from riskmonitor.escalation.clinic_plans import plans_not_as_saved, steps_in_force
from riskmonitor.escalation.plan_rules import SCOPES, written
from riskmonitor.escalation.saved_plans import Reading, read_saved
from riskmonitor.escalation.steps import AT_ONCE, HOURLY, HUB_STEP, Audience, Step, Wait, Way
from riskmonitor.models import EscalationPlan
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now
from tests.riskmonitor.test_hub import helps
from tests.riskmonitor.test_plan_pages import posted, visit

MINUTE = timedelta(minutes=1)
SCOPE = SCOPES["now"]
HUB = Step(2, Audience.HUB, Wait(minutes=60), HOURLY)
BY_SMS = (
    Step(0, Audience.THERAPIST, AT_ONCE),
    Step(1, Audience.LEAD, Wait(minutes=15), HOURLY, frozenset({Way.SMS})),
    HUB,
)
WITH_MAIL = (BY_SMS[0], replace(BY_SMS[1], ways=frozenset({Way.EMAIL, Way.SMS})), HUB)
ENDS_IN_NOBODY = (Step(0, Audience.THERAPIST, AT_ONCE), Step(1, Audience.TEAM, Wait(minutes=15), HOURLY))
UNREADABLE: list[dict[str, Any]] = [{"audience": "moon", "wait": "0m", "repeat": ""}]
DEFAULT = ["therapist", "substitute", "team", "lead"]


def saved_before(clinic: Clinic, cast: Cast, rows: list[dict[str, Any]], version: int = 1) -> EscalationPlan:
    """A row as an earlier release let it be saved."""
    return EscalationPlan.objects.create(
        clinic=clinic, urgency="now", version=version, steps=rows, saved_at=NOW, saved_by=cast.lena
    )


def audiences(cast: Cast) -> list[str]:
    return [step.audience.value for step in steps_in_force(cast.eken, SCOPE, NOW + MINUTE)]


# -- flags -------------------------------------------------------------------------------------------------------------


def test_a_plan_that_ended_without_mail_keeps_its_people_waits_and_hub_and_has_mail_added(cast: Cast) -> None:
    saved_before(cast.eken, cast, written(BY_SMS))
    assert steps_in_force(cast.eken, SCOPE, NOW + MINUTE) == WITH_MAIL
    steps = raise_now(cast.annas, NOW + MINUTE).steps.values_list("audience", "wait_minutes", "repeat_minutes")
    assert list(steps) == [("therapist", 0, None), ("lead", 15, 60), ("hub", 60, 60)]


def test_without_adding_it_the_clinic_would_lose_hub_and_waits(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin."""
    monkeypatch.setattr("riskmonitor.escalation.saved_plans.with_mail_at_the_end", tuple)
    saved_before(cast.eken, cast, written(BY_SMS))
    assert audiences(cast) == DEFAULT


@pytest.mark.parametrize("rows", [written(ENDS_IN_NOBODY), UNREADABLE, [{}], "x", {"a": 1}])
def test_what_is_followed_in_place_of_a_plan_asks_the_hub_where_there_is_one(cast: Cast, rows: Any) -> None:
    saved_before(cast.eken, cast, rows)
    assert audiences(cast) == DEFAULT
    helps(cast)
    assert audiences(cast) == [*DEFAULT, "hub"]
    assert raise_now(cast.annas, NOW + MINUTE).steps.filter(audience="hub").exists()


@pytest.mark.parametrize("scope", SCOPES.values(), ids=list(SCOPES))
def test_what_may_be_saved_today_is_followed_to_the_letter(scope) -> None:
    read = read_saved(written(scope.default), scope)
    assert (read.reading, read.chosen, read.followed) == (Reading.AS_SAVED, scope.default, scope.default)


def test_nothing_else_is_added() -> None:
    assert read_saved(written(BY_SMS), SCOPE).followed == WITH_MAIL
    assert read_saved(written(BY_SMS), SCOPE).chosen == BY_SMS
    refused = read_saved(written(ENDS_IN_NOBODY), SCOPE)
    assert (refused.reading, refused.chosen, refused.followed) == (Reading.REFUSED, ENDS_IN_NOBODY, ())


# -- pages -------------------------------------------------------------------------------------------------------------


def test_the_page_says_that_mail_was_added_until_the_plan_is_saved_anew(cast: Cast) -> None:
    saved_before(cast.eken, cast, written(BY_SMS))
    page = visit(cast, cast.lena)
    assert "Flaggorna följer planen med e-post tillagd." in page.content.decode()
    assert set(page.context["form"]["ways_1"].value()) == {"email", "sms"}
    assert [line.ways.lower() for line in page.context["history"][0][1]] == ["", "sms", ""], "as it was saved"
    assert visit(cast, cast.lena, posted(WITH_MAIL, based_on=1)).status_code == 302
    assert EscalationPlan.objects.count() == 2
    assert "e-post tillagd" not in visit(cast, cast.lena).content.decode()
    assert plans_not_as_saved(NOW) == []


def test_the_history_never_shows_the_default_as_somebodys_choice(cast: Cast) -> None:
    saved_before(cast.eken, cast, written(ENDS_IN_NOBODY))
    saved_before(cast.eken, cast, UNREADABLE, version=2)
    page = visit(cast, cast.lena)
    assert [len(lines) for _version, lines in page.context["history"]] == [0, 2]
    text = page.content.decode()
    assert "Den här versionen går inte längre att läsa." in text
    assert "Den plan som är sparad går inte längre att läsa." in text
    assert [page.context["form"][f"audience_{n}"].value() for n in range(4)] == DEFAULT


def test_a_plan_that_is_refused_is_said_on_its_page_and_on_the_page_of_all_plans(cast: Cast, client) -> None:
    saved_before(cast.eken, cast, written(ENDS_IN_NOBODY))
    words = "Plattformen godtar inte längre den plan som är sparad."
    assert words in visit(cast, cast.lena).content.decode()
    client.force_login(cast.lena)
    assert client.get(reverse("flag-plans")).content.decode().count(words) == 1


def test_a_clinic_with_a_hub_is_shown_the_hub_and_does_not_lose_it_by_saving_what_it_sees(cast: Cast) -> None:
    helps(cast)
    page = visit(cast, cast.lena)
    assert page.context["form"]["audience_4"].value() == "hub"
    shown = (*SCOPE.default, HUB_STEP)
    visit(cast, cast.lena, posted(shown))
    assert not EscalationPlan.objects.exists(), "nothing was changed"
    changed = (*SCOPE.default[:3], replace(SCOPE.default[3], wait=Wait(minutes=90)), HUB_STEP)
    visit(cast, cast.lena, posted(changed))
    assert audiences(cast) == [*DEFAULT, "hub"]


def test_who_runs_the_platform_is_told_which_clinics_to_ask(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    def doctor(*, fails: bool = False) -> str:
        with pytest.raises(SystemExit) if fails else contextlib.suppress(SystemExit):
            call_command("doctor")
        return capsys.readouterr().out

    assert "Flags follow the plans as the clinics saved them." in doctor()
    saved_before(cast.eken, cast, written(BY_SMS))
    saved_before(cast.linden, cast, UNREADABLE)
    said = doctor(fails=True)
    assert "note   The plan 'now' of Eken is followed with e-mail added to its last step: ask the clinic" in said
    assert "BROKEN The plan 'now' of Linden cannot be read, and flags follow the default: ask the clinic" in said
