"""What a plan may look like, and what its time line says: both without a database."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from clinics.cover.working_time import STOCKHOLM, Hours, NeverOpen, WorkingTime
from riskmonitor.escalation.next_step import Audience, Step, Wait
from riskmonitor.escalation.plan_preview import Moment, timeline
from riskmonitor.escalation.plan_rules import REPEATS, SCOPES, WAITS, Fault, code, faults, read, wait, written
from riskmonitor.escalation.steps import AT_ONCE, DEFAULT_PLANS, HOURLY

NOW_PLAN, TODAY_PLAN, COVER = SCOPES["now"], SCOPES["today"], SCOPES["cover-now"]
clinic = WorkingTime(Hours(dict.fromkeys(range(5), ((time(8), time(17)),))))
LEAD = Step(1, Audience.LEAD, Wait(minutes=60), HOURLY)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def step(audience: Audience, minutes: int, repeat: Wait | None = None) -> Step:
    return Step(0, audience, Wait(minutes=minutes), repeat)


def story(moments: list[Moment]) -> list[tuple[str, str, bool]]:
    return [(f"{each.at.astimezone(STOCKHOLM):%a %H.%M}", "+".join(each.audiences), each.again) for each in moments]


@pytest.mark.parametrize("scope", SCOPES.values(), ids=list(SCOPES))
def test_the_default_plans_may_be_saved_and_survive_being_written(scope) -> None:
    assert faults(scope.default, scope) == []
    assert read(written(scope.default)) == scope.default


def test_every_default_plan_can_be_changed() -> None:
    assert {(scope.kind, scope.urgency) for scope in SCOPES.values()} == set(DEFAULT_PLANS)


@pytest.mark.parametrize(
    ("steps", "fault"),
    [
        ([], Fault.EMPTY),
        ([step(Audience.THERAPIST, 15), LEAD], Fault.STARTS_LATE),
        ([step(Audience.THERAPIST, 0), step(Audience.TEAM, 90), LEAD], Fault.STEPS_BACK),
        ([step(Audience.THERAPIST, 0), step(Audience.THERAPIST, 0), LEAD], Fault.CYCLE),
        ([step(Audience.THERAPIST, 30), step(Audience.THERAPIST, 0), LEAD], Fault.STEPS_BACK),
        ([step(Audience.THERAPIST, 0), step(Audience.TEAM, 30, HOURLY)], Fault.ENDS_IN_NOBODY),
        ([step(Audience.HUB, 0, HOURLY)], Fault.ENDS_IN_NOBODY),
        ([step(Audience.THERAPIST, 0), step(Audience.HUB, 60, HOURLY)], Fault.ENDS_IN_NOBODY),
        ([step(Audience.THERAPIST, 0), step(Audience.LEAD, 60)], Fault.NO_REPEAT),
        ([step(Audience.THERAPIST, 0), step(Audience.LEAD, 60), step(Audience.HUB, 60, HOURLY)], Fault.NO_REPEAT),
        ([step(Audience.THERAPIST, 0), step(Audience.LEAD, 61, HOURLY)], Fault.NOT_ON_OFFER),
        ([step(Audience.THERAPIST, 0), step(Audience.LEAD, 60, Wait(days=30))], Fault.NOT_ON_OFFER),
        ([step(Audience.THERAPIST, 0)] * 6 + [LEAD], Fault.TOO_MANY),
    ],
)
def test_a_plan_that_could_leave_a_flag_with_nobody_is_refused(steps: list[Step], fault: Fault) -> None:
    assert fault in {each for _position, each in faults(steps, NOW_PLAN)}


def test_lead_and_hub_may_end_a_plan_together_and_somebody_may_be_asked_twice() -> None:
    together = [step(Audience.THERAPIST, 0), step(Audience.LEAD, 60, HOURLY), step(Audience.HUB, 60, HOURLY)]
    assert faults(together, NOW_PLAN) == []
    twice = [step(Audience.THERAPIST, 0), step(Audience.THERAPIST, 30), LEAD]
    assert faults(twice, NOW_PLAN) == []


def test_who_stands_in_is_asked_of_those_who_lead() -> None:
    assert (0, Fault.NOT_ON_OFFER) in faults([step(Audience.THERAPIST, 0), LEAD], COVER)


@pytest.mark.parametrize("urgency", list(WAITS))
def test_a_wait_has_one_short_form(urgency) -> None:
    for each in (*WAITS[urgency], *REPEATS[urgency]):
        assert wait(code(each)) == each
    for wrong in ("", "m", "3", "3h", "x"):
        with pytest.raises(ValueError, match=r"\w"):
            wait(wrong)


def test_friday_afternoon_goes_on_on_monday_morning() -> None:
    assert story(timeline(NOW_PLAN.default, NOW_PLAN, clinic, at("2026-11-27T16:30"))) == [
        ("Fri 16.30", "therapist", False),
        ("Fri 17.00", "substitute", False),
        ("Mon 08.30", "team", False),
        ("Mon 09.30", "lead", False),
        ("Mon 10.30", "lead", True),
        ("Mon 11.30", "lead", True),
    ]


def test_whoever_is_away_is_passed_over_on_the_time_line_too() -> None:
    away = (Audience.THERAPIST, Audience.SUBSTITUTE)
    shown = story(timeline(NOW_PLAN.default, NOW_PLAN, clinic, at("2026-11-23T09:00"), away))
    assert shown[:2] == [("Mon 09.00", "team", False), ("Mon 11.00", "lead", False)]
    led = story(timeline(COVER.default, COVER, clinic, at("2026-11-23T09:00"), (Audience.LEAD,)))
    assert led[:2] == [("Mon 09.00", "lead", False), ("Mon 09.30", "deputy", False)]


def test_a_clinic_that_never_opens_has_no_time_line() -> None:
    with pytest.raises(NeverOpen):
        timeline(NOW_PLAN.default, NOW_PLAN, WorkingTime(Hours({})), at("2026-11-23T09:00"))


@given(st.data())
def test_a_plan_that_may_be_saved_always_reaches_those_who_lead_and_asks_again(data: st.DataObject) -> None:
    """Whatever can be chosen on the page: if the rules let it pass, the real function ends with somebody, for ever."""
    scope = data.draw(st.sampled_from(list(SCOPES.values())))
    steps = [
        Step(
            position,
            data.draw(st.sampled_from(scope.audiences)),
            data.draw(st.sampled_from(sorted(WAITS[scope.urgency], key=str))) if position else AT_ONCE,
            data.draw(st.sampled_from([None, *REPEATS[scope.urgency]])),
        )
        for position in range(data.draw(st.integers(0, 4)))
    ]
    steps.append(Step(len(steps), Audience.LEAD, WAITS[scope.urgency][-1], REPEATS[scope.urgency][0]))
    assume(not faults(steps, scope))
    named = (Audience.THERAPIST, Audience.SUBSTITUTE, Audience.TEAM)
    for away in itertools.chain.from_iterable(itertools.combinations(named, n) for n in range(4)):
        moments = timeline(steps, scope, clinic, at("2026-11-27T16:30"), away)
        assert all(each.audiences for each in moments)
        assert [each.again for each in moments][-2:] == [True, True]
        assert any(Audience.LEAD in each.audiences for each in moments)
