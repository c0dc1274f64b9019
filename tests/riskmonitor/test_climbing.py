"""Nobody answers: the flag climbs from person to person, each step once, and the last repeats until someone does."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from clinics.models import Absence
from messaging.models import Notice
from programs.actions import send_measure
from programs.models import Treatment
from programs.shipped import instruments
from riskmonitor.actions import AlreadyTaken, acknowledge, answer_follow_up, document
from riskmonitor.models import Flag, FlagEvent
from riskmonitor.sweeps import escalate_one
from tests.cast import NOW, Cast, make_cast
from tests.riskmonitor.four_at_once import four_at_once

MINUTE = timedelta(minutes=1)
BEFORE_CLOCKS_GO_BACK = datetime(2026, 10, 24, 22, 0, tzinfo=UTC)  # the night to Sunday
BEFORE_CLOCKS_GO_FORWARD = datetime(2027, 3, 27, 22, 0, tzinfo=UTC)  # and Monday is Easter Monday
BEFORE_MIDSUMMER_EVE = datetime(2027, 6, 24, 14, 30, tzinfo=UTC)  # Thursday 16.30; Friday is closed


def raise_now(treatment: Treatment, now: datetime = NOW, item9: int = 2) -> Flag:
    phq9 = instruments()["phq9"]
    answers = {str(item): 0 for item in range(1, 9)} | {"9": item9}
    send_measure(
        treatment=treatment, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(),
        by=treatment.patient.user, now=now,
    )  # fmt: skip
    return Flag.objects.get(patient=treatment.patient, kind="suicide")


def sweep_until(end: datetime, start: datetime = NOW, step: timedelta = MINUTE) -> None:
    """Sweep from `start` on, at least `step` apart, and not while nothing can be due."""
    now = start
    while now <= end:
        while escalate_one(now):
            pass
        upcoming = Flag.objects.open().order_by("next_step_at").values_list("next_step_at", flat=True).first()
        now = max(now + step, upcoming or end)


def told(flag: Flag) -> list[tuple[str, datetime]]:
    events = flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).select_related("to")
    return [(event.to.first_name, event.at) for event in events]


@pytest.mark.hazard("H2b")
def test_it_climbs_therapist_substitute_team_lead_and_the_lead_is_asked_again(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    sweep_until(NOW + timedelta(hours=5))
    first_told = {}
    for name, at in told(flag):
        first_told.setdefault(name, int((at - NOW) / MINUTE))
    assert first_told == {"Berit": 0, "Cecilia": 30, "Tove": 60, "Lena": 120}
    lena = [int((at - NOW) / MINUTE) for name, at in told(flag) if name == "Lena"]
    assert lena == [120, 180, 240, 300]
    flag.refresh_from_db()
    assert (flag.owner, flag.may_decide) == (cast.lena, False)


def test_each_climb_tells_each_person_once_however_often_it_is_swept(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    sweep_until(NOW + timedelta(minutes=61), step=timedelta(seconds=20))
    assert set(Counter(told(flag)).values()) == {1}
    assert Notice.objects.count() == len(told(flag))


@pytest.mark.hazard("H3a")
def test_an_absent_therapist_is_passed_in_the_same_instant(cast: Cast) -> None:
    Absence.objects.create(
        user=cast.berit, starts_at=NOW, ends_at=NOW + timedelta(days=2), created_at=NOW, created_by=cast.berit
    )
    flag = raise_now(cast.annas, NOW + MINUTE)
    assert flag.owner == cast.cecilia
    assert [name for name, _at in told(flag)] == ["Cecilia"]


@pytest.mark.hazard("H3b")
def test_an_owner_who_leaves_is_followed_by_the_next_at_once(cast: Cast) -> None:
    flag = raise_now(cast.annas)
    left = NOW + 5 * MINUTE
    Absence.objects.create(
        user=cast.berit, starts_at=left, ends_at=left + timedelta(days=1), created_at=left, created_by=cast.berit
    )
    sweep_until(left + MINUTE, start=left)
    flag.refresh_from_db()
    assert flag.owner == cast.cecilia


def test_everybody_away_is_said_aloud_and_the_flag_keeps_its_last_owner(cast: Cast) -> None:
    for user in (cast.berit, cast.cecilia, cast.tove, cast.lena, cast.hassan):
        Absence.objects.create(
            user=user, starts_at=NOW, ends_at=NOW + timedelta(days=1), created_at=NOW, created_by=user
        )
    flag = raise_now(cast.annas)
    assert (flag.owner, flag.unreachable_since) == (cast.berit, NOW)
    back = NOW + timedelta(days=3)  # Monday
    sweep_until(back, start=back)
    flag.refresh_from_db()
    assert flag.unreachable_since is None
    assert flag.events.filter(kind=FlagEvent.Kind.NOTIFIED).exists()


@pytest.mark.hazard("H13c")
def test_taking_it_on_holds_the_flag_until_the_promise_lapses(cast: Cast) -> None:
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.berit, now=NOW + 10 * MINUTE)
    sweep_until(NOW + 69 * MINUTE)
    assert [name for name, _at in told(flag)] == ["Berit"]
    sweep_until(NOW + 75 * MINUTE, start=NOW + 69 * MINUTE)
    flag.refresh_from_db()
    assert flag.acknowledged_at is None
    assert flag.events.filter(kind=FlagEvent.Kind.LAPSED).count() == 1
    assert len(told(flag)) == 2


def test_a_documented_action_renews_the_promise(cast: Cast) -> None:
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.berit, now=NOW)
    document(flag=flag, by=cast.berit, assessment="Ringer igen i eftermiddag.", action="", now=NOW + 50 * MINUTE)
    sweep_until(NOW + 100 * MINUTE)
    assert not flag.events.filter(kind=FlagEvent.Kind.LAPSED).exists()


def test_a_colleague_cannot_take_what_is_taken(cast: Cast) -> None:
    flag = acknowledge(flag=raise_now(cast.annas), by=cast.berit, now=NOW)
    with pytest.raises(AlreadyTaken) as taken:
        acknowledge(flag=flag, by=cast.cecilia, now=NOW)
    assert taken.value.flag.acknowledged_by == cast.berit


def test_not_safe_now_alerts_again_and_silence_lowers_nothing(cast: Cast) -> None:
    flag = raise_now(cast.annas, item9=1)
    assert flag.urgency == "today"
    answer_follow_up(flag=flag, plan=None, today=None, safe=None, by=cast.anna, now=NOW + MINUTE)
    flag.refresh_from_db()
    assert (flag.urgency, flag.climbs) == ("today", 1)
    answer_follow_up(flag=flag, plan=False, today=False, safe=False, by=cast.anna, now=NOW + 2 * MINUTE)
    flag.refresh_from_db()
    assert (flag.urgency, flag.climbs) == ("now", 2)


@pytest.mark.hazard("H8a")
@pytest.mark.parametrize(
    ("raised", "expected"),
    [
        # Waits count from Monday 8.00, which is 7.00 UTC in winter time.
        (
            BEFORE_CLOCKS_GO_BACK,
            ["2026-10-24 22.00", "2026-10-26 07.30", "2026-10-26 08.00", "2026-10-26 09.00"],
        ),
        # Waits count from Tuesday 8.00, which is 6.00 UTC in summer time.
        (
            BEFORE_CLOCKS_GO_FORWARD,
            ["2027-03-27 22.00", "2027-03-30 06.30", "2027-03-30 07.00", "2027-03-30 08.00"],
        ),
        # Thursday 16.30 before Midsummer Eve: 30 minutes are left of the day, the rest is Monday's.
        (
            BEFORE_MIDSUMMER_EVE,
            ["2027-06-24 14.30", "2027-06-24 15.00", "2027-06-28 06.30", "2027-06-28 07.30"],
        ),
    ],
)
def test_waits_are_working_time_across_nights_and_holidays(cast: Cast, raised: datetime, expected: list[str]) -> None:
    flag = raise_now(cast.annas, raised)
    sweep_until(raised + timedelta(days=5), start=raised)
    seen: dict[str, str] = {}
    for name, at in told(flag):
        seen.setdefault(name, at.strftime("%Y-%m-%d %H.%M"))
    assert [seen[name] for name in ("Berit", "Cecilia", "Tove", "Lena")] == expected


@pytest.mark.django_db(transaction=True)
def test_two_sweepers_at_once_climb_each_flag_once() -> None:
    cast = make_cast()
    flags = [raise_now(treatment) for treatment in (cast.annas, cast.eriks, cast.nilss)]
    at = NOW + 31 * MINUTE

    def sweep() -> None:
        while escalate_one(at):
            pass

    four_at_once(sweep)
    for flag in flags:
        flag.refresh_from_db()
        assert flag.climbs == 2
        assert len(told(flag)) == 2


def test_a_flag_that_breaks_does_not_stop_the_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    broken, whole = raise_now(cast.annas), raise_now(cast.eriks)
    from riskmonitor.sweeps import escalating

    real = escalating.climb

    def climb(flag: Flag, now: datetime) -> None:
        if flag.pk == broken.pk:
            raise ZeroDivisionError
        real(flag, now)

    monkeypatch.setattr(escalating, "climb", climb)
    while escalate_one(NOW + 31 * MINUTE):
        pass
    broken.refresh_from_db()
    whole.refresh_from_db()
    assert (broken.failures, broken.climbs) == (1, 1)
    assert (whole.failures, whole.climbs) == (0, 2)
