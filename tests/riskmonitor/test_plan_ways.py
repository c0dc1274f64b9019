"""A plan chooses by which ways the people of a step are told; what fails is followed by what was left out."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from clinics.models import User
from messaging.models import Channel, Delivery, Notice, NoticeChoice, PushSubscription
from messaging.sweeps import send_one
from messaging.transports import SendError
from riskmonitor.actions import save_plan
from riskmonitor.escalation.next_step import Audience, Step, Wait
from riskmonitor.escalation.plan_rules import SCOPES, Fault, faults, read, written
from riskmonitor.escalation.steps import AT_ONCE, EVERY_WAY, HOURLY, Way
from riskmonitor.models import EscalationPlan, Flag, FlagStep
from tests.cast import NOW, Cast
from tests.riskmonitor.test_climbing import raise_now, sweep_until
from tests.riskmonitor.test_plan_pages import posted, visit

MINUTE = timedelta(minutes=1)
SCOPE = SCOPES["now"]


def plan(*ways: Way) -> tuple[Step, ...]:
    """The therapist is told in these ways, the lead in every one."""
    first = Step(0, Audience.THERAPIST, AT_ONCE, None, frozenset(ways))
    return first, Step(1, Audience.LEAD, Wait(minutes=30), HOURLY)


def flag_under(cast: Cast, *ways: Way) -> Flag:
    save_plan(clinic=cast.eken, scope=SCOPE, steps=plan(*ways), based_on=0, by=cast.lena, now=NOW)
    return raise_now(cast.annas, NOW + MINUTE)


@pytest.fixture
def reachable(cast: Cast, settings) -> Cast:
    """Berit and Lena have a browser and a telephone, and the clinic can send to both."""
    settings.VAPID_PRIVATE_KEY, settings.SMS_URL = "x", "https://sms.example/"
    for user in (cast.berit, cast.lena):
        NoticeChoice.objects.create(user=user, sms_about_flags=True, sms_number="+46701234567")
        PushSubscription.objects.create(
            user=user, endpoint=f"https://push.example/{user.pk}", p256dh="x", auth="x", created_at=NOW
        )
    return cast


def spread(now: datetime, monkeypatch: pytest.MonkeyPatch, *, failing: tuple[Channel, ...] = ()) -> list[Channel]:
    """Send what is due, and return the channels that a server was asked on, in order."""
    asked: list[Channel] = []

    def transport(channel: Channel):
        def send(delivery: Delivery) -> None:
            asked.append(channel)
            if channel in failing:
                raise SendError("no answer")

        return send

    monkeypatch.setattr("messaging.sweeps.TRANSPORTS", {channel: transport(channel) for channel in Channel})
    while send_one(now):
        pass
    return asked


def waiting(user: User) -> dict[str, datetime | None]:
    return dict(Delivery.objects.filter(notice__recipient=user).values_list("channel", "due_at"))


def test_the_ways_are_the_channels_of_messaging() -> None:
    assert [way.value for way in Way] == list(Channel.values)


def test_without_a_choice_every_way_is_taken_and_sms_after_ten_minutes(
    reachable: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    raise_now(reachable.annas, NOW + MINUTE)
    assert Notice.objects.get().ways == sorted(Channel.values)
    assert sorted(spread(NOW + MINUTE, monkeypatch)) == ["email", "push"]
    assert waiting(reachable.berit)["sms"] == NOW + 11 * MINUTE


@pytest.mark.parametrize(
    ("ways", "at_once"),
    [
        ((Way.EMAIL,), ["email"]),
        ((Way.PUSH,), ["push"]),
        ((Way.SMS,), ["sms"]),
        ((Way.EMAIL, Way.PUSH), ["email", "push"]),
    ],
)
def test_a_step_is_told_in_its_ways_alone_and_sms_at_once_where_it_is_the_only_one(
    reachable: Cast, monkeypatch: pytest.MonkeyPatch, ways: tuple[Way, ...], at_once: list[str]
) -> None:
    flag = flag_under(reachable, *ways)
    assert sorted(spread(NOW + MINUTE, monkeypatch)) == at_once
    assert sorted(waiting(reachable.berit)) == at_once
    sweep_until(NOW + 32 * MINUTE, start=NOW + MINUTE)
    assert flag.steps.get(position=1).taken_at
    assert sorted(Notice.objects.get(recipient=reachable.lena).ways) == sorted(Channel.values), "the lead's own step"


@pytest.mark.parametrize("failing", [Channel.EMAIL, Channel.SMS])
def test_when_a_chosen_way_fails_those_that_were_left_out_are_taken_at_once(
    reachable: Cast, monkeypatch: pytest.MonkeyPatch, failing: Channel
) -> None:
    flag_under(reachable, Way(failing.value))
    asked = spread(NOW + MINUTE, monkeypatch, failing=(failing,))
    assert asked[0] == failing
    assert sorted(asked) == sorted(Channel.values)
    later = spread(NOW + 2 * MINUTE, monkeypatch, failing=(failing,))
    assert later == [failing], "tried again, and the others once"


def test_without_the_control_nobody_hears_of_it(reachable: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: nothing is kept in reserve."""
    monkeypatch.setattr("messaging.sweeps.in_reserve", lambda notice, now: [])
    flag_under(reachable, Way.EMAIL)
    assert spread(NOW + MINUTE, monkeypatch, failing=(Channel.EMAIL,)) == [Channel.EMAIL]


def test_who_has_none_of_the_chosen_ways_is_told_in_all_that_there_are(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    flag_under(cast, Way.PUSH, Way.SMS)
    assert spread(NOW + MINUTE, monkeypatch) == [Channel.EMAIL]


def test_steps_that_are_taken_together_tell_in_the_ways_of_both(reachable: Cast) -> None:
    steps = (
        Step(0, Audience.THERAPIST, AT_ONCE, None, frozenset({Way.EMAIL})),
        Step(1, Audience.LEAD, AT_ONCE, HOURLY, frozenset({Way.SMS})),
    )
    save_plan(clinic=reachable.eken, scope=SCOPE, steps=steps, based_on=0, by=reachable.lena, now=NOW)
    raise_now(reachable.annas, NOW + MINUTE)
    assert {tuple(sorted(each.ways)) for each in Notice.objects.all()} == {("email", "sms")}


def test_a_repeat_takes_the_ways_of_the_step_that_repeats(reachable: Cast) -> None:
    steps = (
        Step(0, Audience.THERAPIST, AT_ONCE),
        Step(1, Audience.LEAD, Wait(minutes=15), HOURLY, frozenset({Way.SMS})),
    )
    save_plan(clinic=reachable.eken, scope=SCOPE, steps=steps, based_on=0, by=reachable.lena, now=NOW)
    raise_now(reachable.annas, NOW)
    sweep_until(NOW + 80 * MINUTE, start=NOW)
    told = Notice.objects.filter(recipient=reachable.lena).order_by("pk")
    assert [each.ways for each in told] == [["sms"], ["sms"]]


def test_a_plan_that_tells_nobody_in_any_way_cannot_be_saved(cast: Cast) -> None:
    assert (0, Fault.NO_WAY) in faults(plan(), SCOPE)
    data = posted(plan(Way.EMAIL)) | {"ways_0": []}
    page = visit(cast, cast.lena, data).content.decode()
    assert "Välj minst ett sätt" in page
    assert not EscalationPlan.objects.exists()


def test_the_database_holds_no_step_and_no_notice_without_a_way(cast: Cast) -> None:
    raise_now(cast.annas)
    for rows in (FlagStep.objects, Notice.objects):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(ways=[])


def test_the_page_keeps_what_was_chosen(cast: Cast) -> None:
    visit(cast, cast.lena, posted(plan(Way.EMAIL, Way.SMS)))
    assert read(EscalationPlan.objects.get().steps) == plan(Way.EMAIL, Way.SMS)
    page = " ".join(visit(cast, cast.lena).content.decode().split())
    assert "(e-post, sms)</li>" in page.lower()


def test_versions_from_before_the_choice_take_every_way() -> None:
    rows = [{key: value for key, value in row.items() if key != "ways"} for row in written(SCOPE.default)]
    assert {step.ways for step in read(rows)} == {EVERY_WAY}
