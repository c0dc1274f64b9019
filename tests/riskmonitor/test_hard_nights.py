"""Both clock changes, leap day, the eves, a machine whose clock jumps: each step once, in order, deadlines right."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from uuid import uuid4

import pytest

from clinics.cover.away import end_of_day
from clinics.cover.working_time import STOCKHOLM, Hours, WorkingTime
from clinics.models import OpeningHours
from programs.actions import send_measure
from programs.shipped import instruments
from riskmonitor.escalation.steps import due_at
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.rules import Urgency
from riskmonitor.sweeps import escalate_one
from tests.cast import Cast
from tests.clinics.test_change import clinic

ZEROS = {str(item): 0 for item in range(1, 10)}
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
ORDER = ["therapist", "substitute", "team", "lead"]


def at(text: str) -> datetime:
    """Return the moment of a local clock time; one that the spring change skips is an hour later on the wall."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


HARD = [  # raised, answer before: now, today, week
    ("2026-03-27T16:30", "2026-03-30T08:30", "2026-03-30T16:30", "2026-04-01T16:30"),  # the clocks go forward on Sunday
    ("2026-03-29T01:59", "2026-03-30T09:00", "2026-03-31T08:00", "2026-04-02T08:00"),
    ("2026-03-29T02:30", "2026-03-30T09:00", "2026-03-31T08:00", "2026-04-02T08:00"),  # an hour that never was
    ("2026-10-23T16:30", "2026-10-26T08:30", "2026-10-26T16:30", "2026-10-28T16:30"),  # and back
    ("2026-10-25T02:30", "2026-10-26T09:00", "2026-10-27T08:00", "2026-10-29T08:00"),  # an hour that was twice
    ("2026-12-23T16:30", "2026-12-28T08:30", "2026-12-28T16:30", "2026-12-30T16:30"),
    ("2026-12-24T12:00", "2026-12-28T09:00", "2026-12-29T08:00", "2027-01-04T08:00"),  # the 31st is no working day
    ("2026-12-30T16:30", "2027-01-04T08:30", "2027-01-04T16:30", "2027-01-07T16:30"),  # nor is Epiphany
    ("2026-12-31T10:00", "2027-01-04T09:00", "2027-01-05T08:00", "2027-01-08T08:00"),
    ("2026-06-18T16:30", "2026-06-22T08:30", "2026-06-22T16:30", "2026-06-24T16:30"),
    ("2026-06-19T10:00", "2026-06-22T09:00", "2026-06-23T08:00", "2026-06-25T08:00"),  # Midsummer Eve
    ("2028-02-28T16:30", "2028-02-29T08:30", "2028-02-29T16:30", "2028-03-02T16:30"),  # leap day is a Tuesday
    ("2028-02-29T16:30", "2028-03-01T08:30", "2028-03-01T16:30", "2028-03-03T16:30"),
    ("2027-02-26T16:30", "2027-03-01T08:30", "2027-03-01T16:30", "2027-03-03T16:30"),  # no leap day
]


@pytest.mark.hazard("H18b")
@pytest.mark.parametrize(("raised", "now", "today", "week"), HARD)
def test_deadlines_around_hard_days(raised: str, now: str, today: str, week: str) -> None:
    wanted = {Urgency.NOW: at(now), Urgency.TODAY: at(today), Urgency.WEEK: at(week)}
    assert {urgency: due_at(urgency, at(raised), clinic) for urgency in Urgency} == wanted


@pytest.mark.parametrize(
    ("day", "hours"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2028-02-29", 24), ("2026-12-31", 24), ("2026-06-19", 24)],
)
def test_a_whole_day_away_ends_at_its_own_midnight(day: str, hours: int) -> None:
    """What "ill today" and whole days of absence rest on."""
    start = at(f"{day}T00:00")
    assert end_of_day(start + 10 * HOUR) == start + hours * HOUR
    assert end_of_day(start) == start + hours * HOUR


@pytest.mark.parametrize(("day", "minutes"), [("2026-03-29", 540), ("2026-10-25", 540)])
def test_a_clinic_open_on_the_sunday_is_open_as_long_as_its_clock_says(day: str, minutes: int) -> None:
    sundays = WorkingTime(Hours({6: clinic.hours.weekly[0]}))
    assert sundays.minutes_between(at(f"{day}T00:00"), at(f"{day}T00:00") + 26 * HOUR) == minutes


def raise_flag(cast: Cast, now: datetime, value: int = 2) -> Flag:
    phq9 = instruments()["phq9"]
    send_measure(
        treatment=cast.annas, instrument=phq9, version=phq9.version, answers=ZEROS | {"9": value}, key=uuid4(),
        by=cast.anna, now=now,
    )  # fmt: skip
    return Flag.objects.get(kind="suicide")


def sweep(now: datetime) -> None:
    while escalate_one(now):
        pass


def told(flag: Flag) -> list[str]:
    """Return the audiences in the order in which they were told, each as often as it was."""
    return list(flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).order_by("pk").values_list("audience", flat=True))


def firsts(audiences: list[str]) -> list[str]:
    return list(dict.fromkeys(audiences))


def first_told(flag: Flag) -> dict[str, datetime]:
    """Return when each audience was told first."""
    events = flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).order_by("-pk")
    return dict(events.values_list("audience", "at"))


@pytest.mark.hazard("H18c")
@pytest.mark.parametrize(("raised", "now"), [row[:2] for row in HARD])
def test_rows_climb_each_step_once_and_in_order(cast: Cast, raised: str, now: str) -> None:
    flag = raise_flag(cast, at(raised))
    for _ in range(3):
        sweep(flag.next_step_at - MINUTE)
        before = len(told(flag))
        sweep(flag.next_step_at)
        flag.refresh_from_db()
        assert len(told(flag)) > before, "a step at its time, and none a minute early"
    assert firsts(told(flag)) == ORDER
    assert told(flag).count("therapist") == told(flag).count("substitute") == told(flag).count("lead") == 1
    assert flag.due_at == at(now) == first_told(flag)["team"], "the deadline stands, and the third step comes then"


@pytest.mark.hazard("H18c")
@pytest.mark.parametrize(("raised", "today"), [(row[0], row[2]) for row in HARD])
def test_rows_for_today_climb_from_day_to_day_over_the_same_nights(cast: Cast, raised: str, today: str) -> None:
    """Swept every three hours and at each step, over nights, weekends and holidays."""
    start = at(raised)
    flag, clock = raise_flag(cast, start, value=1), start
    while flag.steps.filter(taken_at=None).exists():
        clock = min(clock + 3 * HOUR, flag.next_step_at)
        sweep(clock)
        flag.refresh_from_db()
        assert clock < start + timedelta(days=14), "the plan comes to its end"
    when = first_told(flag)
    assert list(when)[::-1] == ["therapist", "substitute", "lead"], "team and lead come together, told as the lead's"
    assert told(flag).count("therapist") == told(flag).count("substitute") == 1
    assert flag.due_at == at(today) == when["substitute"], "the deadline stands, and the second step comes then"
    assert when["lead"] == clinic.add_days(at(today), 1)


NIGHTS = [  # local clock before the change, minutes that pass until it is told
    ("2026-03-29T01:30", "2026-03-29T03:00", "2026-03-29T03:30", "2026-03-29T04:30"),  # there is no half past two
    ("2026-10-25T02:30", "2026-10-25T02:00+01:00", "2026-10-25T02:30+01:00", "2026-10-25T03:30"),  # there are two
]


@pytest.mark.parametrize("hours", NIGHTS, ids=["forward", "back"])
def test_a_clinic_that_is_open_in_the_very_night_counts_the_minutes_that_pass(
    cast: Cast, hours: tuple[str, str, str, str]
) -> None:
    OpeningHours.objects.create(clinic=cast.eken, weekday=6, opens=time(0), closes=time(6))
    raised, *steps = (at(text) if "+" not in text else datetime.fromisoformat(text).astimezone(UTC) for text in hours)
    flag = raise_flag(cast, raised)
    for quarter in range(1, 12):
        sweep(raised + quarter * 15 * MINUTE)
    when = first_told(flag)
    assert [when[audience] for audience in ORDER] == [raised, *steps]
    assert [step - raised for step in steps] == [30 * MINUTE, 60 * MINUTE, 120 * MINUTE]
    assert told(flag).count("team") == 3, "each of the team once"


def follow(flag: Flag, clock: Iterable[datetime]) -> None:
    """Sweep at each moment, whatever the order, and hold what no jump may change."""
    due, known = flag.due_at, {}
    for now in clock:
        sweep(now)
        flag.refresh_from_db()
        taken = {step.position: step.taken_at for step in flag.steps.all() if step.taken_at}
        assert flag.due_at == due, "no jump moves the deadline"
        assert flag.next_step_at > now, "never silent"
        assert known.items() <= taken.items(), "what was taken is not taken again"
        assert list(taken) == list(range(len(taken))), "none is passed over"
        known = taken
    people = flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).order_by("pk").values_list("to__first_name", flat=True)
    assert firsts(list(people)) == ["Berit", "Cecilia", "Tove", "Lena"]
    assert list(people).count("Tove") == 1, "the team's step came once"


JUMPS = {
    "forward two hours": [0, 20, 150, 160, 185],
    "back two hours": [0, 35, -85, -60, 0, 35, 65, 125],
    "forward and back": [0, 20, 150, 30, 62, 125, 150],
    "back at once": [0, -120, -60, 0, 31, 61, 121],
}


@pytest.mark.hazard("H18c")
@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_takes_each_step_once_and_in_order(cast: Cast, jump: str) -> None:
    start = at("2026-11-23T10:00")
    follow(raise_flag(cast, start), (start + minutes * MINUTE for minutes in JUMPS[jump]))


JUMPED = [  # raised, when the machine's clock jumps, answer before
    ("2026-03-27T16:30", "2026-03-29T01:30", "2026-03-30T08:30"),
    ("2026-10-23T16:30", "2026-10-25T02:30", "2026-10-26T08:30"),
    ("2026-12-23T16:30", "2026-12-24T12:00", "2026-12-28T08:30"),
    ("2026-12-30T16:30", "2026-12-31T12:00", "2027-01-04T08:30"),
    ("2026-06-18T16:30", "2026-06-19T12:00", "2026-06-22T08:30"),
    ("2028-02-28T16:30", "2028-02-29T00:30", "2028-02-29T08:30"),
]


@pytest.mark.hazard("H18c")
@pytest.mark.parametrize("jump", [-2, 2])
@pytest.mark.parametrize(("raised", "night", "due"), JUMPED)
def test_a_jump_in_a_hard_night_takes_each_step_once_and_in_order(
    cast: Cast, raised: str, night: str, due: str, jump: int
) -> None:
    flag, when = raise_flag(cast, at(raised)), at(night)
    jumped = [when, when + jump * HOUR, when + jump * HOUR + 30 * MINUTE, when]
    follow(flag, [at(raised), *jumped, at(due), at(due) + jump * HOUR, at(due) + 60 * MINUTE, at(due) + 61 * MINUTE])
    assert flag.due_at == at(due)


@pytest.mark.parametrize("jump", [-8, 8])
@pytest.mark.parametrize("quarter", range(1, 10, 2))
def test_two_hours_either_way_at_any_time_of_the_climb_are_survived(cast: Cast, quarter: int, jump: int) -> None:
    start = at("2026-11-23T10:00")
    clock = [*range(quarter), *range(quarter + jump, 10)] if jump < 0 else [*range(quarter), *range(quarter + jump, 20)]
    follow(raise_flag(cast, start), (start + each * 15 * MINUTE for each in clock))
