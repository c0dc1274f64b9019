"""A clinic changes its escalation plan: on the page, in the rows, and in what happens to the flags."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from clinics.models import AuditEvent, User
from riskmonitor.actions import PlanChangedMeanwhile, PlanRefused, acknowledge, save_plan
from riskmonitor.escalation.clinic_plans import steps_in_force
from riskmonitor.escalation.next_step import Audience, Step, Wait
from riskmonitor.escalation.plan_rules import SCOPES
from riskmonitor.escalation.steps import AT_ONCE, HOURLY
from riskmonitor.models import EscalationPlan, FlagEvent
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until, told

MINUTE = timedelta(minutes=1)
SCOPE = SCOPES["now"]
TEAM_FIRST = (Step(0, Audience.TEAM, AT_ONCE), Step(1, Audience.LEAD, Wait(minutes=15), HOURLY))
DEFAULT = ["therapist", "substitute", "team", "lead"]
LEAD_ONLY = (Step(0, Audience.LEAD, AT_ONCE, HOURLY),)


def posted(steps: tuple[Step, ...], based_on: int = 0, **more: str) -> dict[str, str | list[str]]:
    data: dict[str, str | list[str]] = {"based_on": str(based_on), "raised": "2026-11-27T16:30", "step": "save"}
    for n, step in enumerate(steps):
        data |= {f"audience_{n}": step.audience, f"wait_{n}": f"{step.wait.minutes}m"}
        data |= {f"repeat_{n}": f"{step.repeat.minutes}m" if step.repeat else "", f"ways_{n}": sorted(step.ways)}
    return data | more


def visit(cast: Cast, user: User, data: dict[str, str | list[str]] | None = None, plan: str = "now", query: str = ""):
    client = Client()
    with time_machine.travel(NOW, tick=False):
        client.force_login(user)
        url = reverse("flag-plan", kwargs={"clinic": cast.eken.code, "plan": plan}) + query
        return client.get(url) if data is None else client.post(url, data)


def save(cast: Cast, steps: tuple[Step, ...], based_on: int = 0, at=NOW) -> EscalationPlan | None:
    return save_plan(clinic=cast.eken, scope=SCOPE, steps=steps, based_on=based_on, by=cast.lena, now=at)


# -- flags -------------------------------------------------------------------------------------------------------------


def test_a_flag_follows_the_clinics_own_plan(cast: Cast) -> None:
    save(cast, TEAM_FIRST)
    flag = raise_now(cast.annas, NOW + MINUTE)
    sweep_until(NOW + timedelta(minutes=80), start=NOW + MINUTE)
    first = {name: int((at - NOW) / MINUTE) for name, at in reversed(told(flag))}
    assert first["Tove"] == 1
    assert first["Lena"] == 16


def test_another_clinic_keeps_its_own(cast: Cast) -> None:
    save(cast, TEAM_FIRST)
    flag = raise_now(cast.nilss, NOW + MINUTE)
    assert [name for name, _at in told(flag)] == ["David"]


def test_an_open_flag_keeps_its_steps_also_after_a_lapse_and_a_new_alarm(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    before = list(flag.steps.values_list("position", "audience", "wait_minutes", "repeat_minutes"))
    acknowledge(flag=flag, by=cast.berit, now=NOW + MINUTE)
    save(cast, LEAD_ONLY, at=NOW + 2 * MINUTE)
    sweep_until(NOW + timedelta(minutes=62), start=NOW + 2 * MINUTE)
    assert flag.events.filter(kind=FlagEvent.Kind.LAPSED).count() == 1
    assert list(flag.steps.values_list("position", "audience", "wait_minutes", "repeat_minutes")) == before


def test_a_flag_that_becomes_more_urgent_has_the_plan_of_the_day_it_was_raised(cast: Cast) -> None:
    flag = raise_now(cast.annas, item9=1)
    save(cast, LEAD_ONLY, at=NOW + MINUTE)
    raise_now(cast.annas, NOW + 2 * MINUTE, item9=2)
    flag.refresh_from_db()
    assert (flag.urgency, flag.steps.count()) == ("now", 4)


def test_a_stored_plan_that_cannot_be_read_never_silences_a_flag(cast: Cast) -> None:
    for version, steps in enumerate([[{"audience": "moon", "wait": "0m", "repeat": ""}], {"a": 1}, [{}], "x"], 1):
        EscalationPlan.objects.create(
            clinic=cast.eken, urgency="now", version=version, steps=steps, saved_at=NOW, saved_by=cast.lena
        )
        assert [step.audience for step in steps_in_force(cast.eken, SCOPE, NOW)] == DEFAULT
    assert [step.audience for step in raise_now(cast.annas).steps.all()] == DEFAULT


def test_a_stored_plan_that_the_rules_refuse_today_is_not_followed(cast: Cast) -> None:
    ends_in_nobody = [{"audience": "therapist", "wait": "0m", "repeat": ""}]
    EscalationPlan.objects.create(
        clinic=cast.eken, urgency="now", version=1, steps=ends_in_nobody, saved_at=NOW, saved_by=cast.lena
    )
    assert raise_now(cast.annas, NOW + MINUTE).steps.count() == 4


# -- saving ------------------------------------------------------------------------------------------------------------


def test_each_save_is_a_version_and_the_same_again_is_none(cast: Cast) -> None:
    first, again = save(cast, TEAM_FIRST), save(cast, TEAM_FIRST, based_on=1)
    second = save(cast, LEAD_ONLY, based_on=1)
    assert (first.version, again, second.version) == (1, None, 2)
    assert save(cast, SCOPE.default, based_on=2).version == 3
    assert (
        AuditEvent.objects.filter(what__startswith="plan:now:", actor=cast.lena.code, clinic=cast.eken.code).count()
        == 3
    )


def test_the_default_is_not_saved_as_a_change(cast: Cast) -> None:
    assert save(cast, SCOPE.default) is None


def test_a_plan_that_ends_in_nobody_is_refused_by_the_verb_too(cast: Cast) -> None:
    with pytest.raises(PlanRefused):
        save(cast, (Step(0, Audience.THERAPIST, AT_ONCE),))
    assert not EscalationPlan.objects.exists()


def test_two_who_change_at_once_do_not_overwrite_each_other(cast: Cast) -> None:
    save(cast, TEAM_FIRST)
    with pytest.raises(PlanChangedMeanwhile):
        save(cast, LEAD_ONLY)
    shown = visit(cast, cast.hassan, posted(LEAD_ONLY)).content.decode()
    assert "Lena Norén har sparat en annan version" in shown
    assert 'name="based_on" value="1"' in shown
    assert EscalationPlan.objects.count() == 1


# -- the page ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["lena", "hassan", "greta"])
def test_those_who_lead_and_the_administrator_change_it(cast: Cast, who: str) -> None:
    user = getattr(cast, who)
    assert visit(cast, user, posted(TEAM_FIRST)).status_code == 302
    saved = EscalationPlan.objects.get()
    assert (saved.version, saved.saved_by, saved.saved_at) == (1, user, NOW)
    shown = visit(cast, user).content.decode()
    assert user.full_name in shown
    assert "Version 1" in shown


@pytest.mark.parametrize("name", SCOPES)
def test_each_plan_has_its_page_and_may_be_saved_as_it_is_shown(cast: Cast, name: str) -> None:
    page = visit(cast, cast.lena, plan=name)
    form = page.context["form"]
    shown = {field.name: "" if field.value() is None else field.value() for field in form}
    shown["raised"] = "2026-11-27T16:30"
    assert len(page.context["timelines"]) == 2
    assert visit(cast, cast.lena, shown | {"step": "save"}, plan=name).status_code == 302
    assert not EscalationPlan.objects.exists(), "nothing was changed"


def test_the_time_line_follows_what_is_chosen_before_it_is_saved(cast: Cast) -> None:
    page = visit(cast, cast.lena, posted(TEAM_FIRST, step="show"))
    _case, climbs = page.context["timelines"][0]
    first = [(f"{timezone.localtime(each.at):%a %H.%M}", each.who, each.again) for each in climbs][:3]
    team = "vårdcentralens behandlare"
    assert first == [("Fri 16.30", team, False), ("Fri 16.45", "chef", False), ("Mon 08.45", "chef", True)]
    assert not EscalationPlan.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (posted(()), "En plan kan inte vara tom"),
        (posted((Step(0, Audience.THERAPIST, AT_ONCE),)), "Planen måste sluta hos chefen"),
        (posted((Step(0, Audience.LEAD, AT_ONCE),)), "Det sista steget måste komma igen"),
        (posted((*TEAM_FIRST, Step(2, Audience.LEAD, AT_ONCE, HOURLY))), "Det här steget kommer före"),
        (posted(TEAM_FIRST, raised=""), "Rätta planen först"),
        (posted(TEAM_FIRST, audience_0="moon"), "moon"),
    ],
)
def test_what_is_wrong_is_said_beside_the_step_and_nothing_is_saved(cast: Cast, data: dict, words: str) -> None:
    page = visit(cast, cast.lena, data)
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not EscalationPlan.objects.exists()


def test_a_row_that_is_left_empty_is_no_step(cast: Cast) -> None:
    gap = posted(TEAM_FIRST) | {"audience_3": "deputy", "wait_3": "60m", "repeat_3": "60m", "ways_3": ["email"]}
    visit(cast, cast.lena, gap)
    assert [row["audience"] for row in EscalationPlan.objects.get().steps] == ["team", "lead", "deputy"]


def test_the_default_can_be_filled_in_again(cast: Cast) -> None:
    save(cast, LEAD_ONLY)
    page = visit(cast, cast.lena, query="?default")
    assert page.context["form"]["audience_0"].value() == "therapist"
    assert page.context["form"]["based_on"].value() == 1


def test_a_plan_that_does_not_exist_is_not_found(cast: Cast) -> None:
    assert visit(cast, cast.lena, plan="tomorrow").status_code == 404
    assert visit(cast, cast.david).status_code == 403


@pytest.mark.parametrize("versions", [0, 12])
def test_the_pages_ask_the_same_of_few_versions_and_many(
    cast: Cast, client: Client, versions: int, django_assert_max_num_queries
) -> None:
    for n in range(versions):
        save(cast, TEAM_FIRST if n % 2 else LEAD_ONLY, based_on=n)
    client.force_login(cast.lena)
    with django_assert_max_num_queries(12):
        client.get(reverse("flag-plan", kwargs={"clinic": cast.eken.code, "plan": "now"}))
    with django_assert_max_num_queries(12):
        client.get(reverse("flag-plans"))
