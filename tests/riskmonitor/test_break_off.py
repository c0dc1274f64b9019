"""Breaking off is the absence of something: the rule as a table, and the sweep that finds it while time passes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from messaging.actions import send_message
from programs.actions import (
    end_treatment,
    pause_treatment,
    remember_page,
    resume_treatment,
    save_draft,
    send_measure,
    send_tool_entry,
)
from programs.measures.schedule import waits_since
from programs.models import Treatment
from programs.shipped import instruments
from riskmonitor import break_off_signs
from riskmonitor.actions import close_flag, outcomes_for
from riskmonitor.break_off_signs import long_enough, read_signs
from riskmonitor.models import Flag
from riskmonitor.rules import Reason, Sign, Signs, break_off, break_off_findings, rule_set_hash
from riskmonitor.sweeps import check_break_off
from tests.cast import NOW, Cast, make_treatment, make_user

DAY = timedelta(days=1)
ZEROS = {str(item): 0 for item in range(1, 10)}
CLOSING = {"assessment": "Ringde modern.", "action": "", "contact_at": None, "contact_with": ""}
Q, M, U, R = Sign.QUIET, Sign.MEASURE, Sign.UNSENT, Sign.UNREAD
RISK, ROSE = Reason.RISK_ITEM, Reason.ROSE


# Limits: architecture, section 4 (7, 10, 14 days); which of them holds: ADR 0024. 14 quiet days are the content
# guide's "call" (3.1 f). No programme week counts: the clinic's own study found no critical time point.
@pytest.mark.parametrize(
    ("days", "reasons", "told", "urgency", "rungs"),
    [
        ({}, (), {}, None, {}),
        ({Q: 13}, (), {}, None, {}),
        ({Q: 14}, (), {}, "week", {Q: 14}),
        ({M: 14}, (), {}, "week", {M: 14}),  # active, but the weekly questions wait
        ({U: 14}, (), {}, "week", {U: 14}),
        ({R: 14}, (), {}, "week", {R: 14}),
        ({Q: 9, R: 7}, (), {}, None, {}),
        ({Q: 10, R: 6}, (), {}, None, {}),  # a sign under seven days does not count
        ({Q: 10, R: 7}, (), {}, "week", {Q: 10, R: 7}),
        ({Q: 11, M: 10, U: 9}, (), {}, "week", {Q: 10, M: 10, U: 7}),
        ({Q: 6}, (RISK,), {}, None, {}),
        ({Q: 7}, (RISK,), {}, "today", {Q: 7}),
        ({Q: 7}, (ROSE,), {}, "today", {Q: 7}),
        ({R: 7}, (RISK, ROSE), {}, "today", {R: 7}),
        ({Q: 15}, (), {Q: 14}, None, {}),  # told already
        ({Q: 27}, (), {Q: 14}, None, {}),
        ({Q: 28}, (), {Q: 14}, "week", {Q: 28}),  # told again, also after the flag was closed
        ({Q: 42}, (), {Q: 28}, "week", {Q: 42}),
        ({Q: 12, M: 7}, (), {Q: 10}, None, {}),
        ({Q: 14, M: 7}, (), {Q: 10}, "week", {Q: 14, M: 7}),
        ({Q: 10}, (RISK,), {Q: 7}, "today", {Q: 10}),
        ({Q: 16, M: 9}, (), {Q: 14}, None, {}),  # a younger sign alone is no news
    ],
)
def test_how_long_something_may_be_missing(
    days: dict[Sign, int], reasons: tuple[Reason, ...], told: dict[Sign, int], urgency: str | None,
    rungs: dict[Sign, int],
) -> None:  # fmt: skip
    signs = Signs({sign: NOW - count * DAY for sign, count in days.items()}, reasons, told, bool(reasons and told))
    found = break_off_findings(signs, NOW)
    assert {each.urgency for each in found} == ({urgency} if urgency else set())
    assert {each.rule: each.value for each in found if each.value} == {
        f"break_off.{sign}.{rung}": rung for sign, rung in rungs.items()
    }
    assert [each.rule for each in found if not each.value] == [f"break_off.{why}" for why in reasons if urgency]


def test_what_became_more_urgent_is_told_at_once() -> None:
    since = {Q: NOW - 11 * DAY}
    assert break_off_findings(Signs(since, (RISK,), {Q: 10}, told_today=False), NOW)
    assert not break_off_findings(Signs(since, (RISK,), {Q: 10}, told_today=True), NOW)


def test_a_limit_holds_to_the_second() -> None:
    since = {Q: NOW - 14 * DAY}
    assert not break_off_findings(Signs(since), NOW - timedelta(seconds=1))
    assert break_off_findings(Signs(since), NOW)


@pytest.mark.parametrize(
    ("name", "value"), [("STANDS_AFTER", 6), ("LIMIT_ALONE", 15), ("LIMIT_TOGETHER", 9), ("LIMIT_AFTER_DANGER", 8)]
)
def test_the_rule_sets_hash_changes_with_a_limit(monkeypatch: pytest.MonkeyPatch, name: str, value: int) -> None:
    before = rule_set_hash()
    monkeypatch.setattr(break_off, name, value)
    assert rule_set_hash() != before


@pytest.mark.parametrize(
    ("last", "since"), [(None, 0), (-10, 0), (-1, 2), (0, 7), (3, 7), (6, 9), (7, 14), (13.5, 16.5)]
)
def test_the_weekly_questions_wait_from_the_week_after_the_last_answers(last: float | None, since: float) -> None:
    at = None if last is None else NOW + last * DAY
    assert waits_since(NOW, at) == NOW + since * DAY


@dataclass
class Anna:
    """What Anna does, some days from the start."""

    cast: Cast

    def measures(self, day: float, item_nine: int = 0, first: int = 0) -> None:
        phq9 = instruments()["phq9"]
        answers = ZEROS | {"9": item_nine, **{str(item): first for item in range(1, 9)}}
        send_measure(
            treatment=self.cast.annas, instrument=phq9, version=phq9.version, answers=answers, key=uuid4(),
            by=self.cast.anna, now=NOW + day * DAY,
        )  # fmt: skip

    def writes(self, day: float) -> None:
        at = NOW + day * DAY
        send_message(treatment=self.cast.annas, text="Hej.", key=uuid4(), by=self.cast.anna, now=at)

    def logs(self, day: float) -> None:
        row = {"activity": "Gick ut", "mood": 4}
        at = NOW + day * DAY
        send_tool_entry(treatment=self.cast.annas, tool="mood_log", entry=row, key=uuid4(), by=self.cast.anna, now=at)

    def saves(self, day: float) -> None:
        save_draft(
            owner=self.cast.anna, treatment=self.cast.annas, form_key="message", data={"text": f"{day}"}, version=0,
            now=NOW + day * DAY,
        )  # fmt: skip

    def opens_module(self, day: float) -> None:
        remember_page(step=self.cast.annas.steps.waiting().get(), page="forsta", now=NOW + day * DAY)

    def gets_message(self, day: float) -> None:
        at = NOW + day * DAY
        send_message(treatment=self.cast.annas, text="Hur går det?", key=uuid4(), by=self.cast.berit, now=at)


def only_anna(cast: Cast) -> Anna:
    for other in (cast.eriks, cast.nilss):
        end_treatment(treatment=other, by=cast.berit, now=NOW)
    return Anna(cast)


def raised(day: float) -> Flag | None:
    check_break_off(NOW + day * DAY)
    return Flag.objects.filter(kind="break_off").first()


def rules_of(flag: Flag) -> set[str]:
    return {finding.rule.removeprefix("break_off.") for finding in flag.findings.all()}


def nothing(anna: Anna) -> None:
    pass


def answers_once(anna: Anna) -> None:
    anna.measures(0)


def marks_an_item(anna: Anna) -> None:
    anna.measures(0, item_nine=1)


def gets_worse(anna: Anna) -> None:
    anna.measures(0)
    anna.measures(1, first=1)  # eight points


def leaves_a_message_unread(anna: Anna) -> None:
    anna.measures(0)
    anna.gets_message(1)


def writes_and_never_answers(anna: Anna) -> None:
    for day in range(0, 13, 3):
        anna.writes(day)


def saves_what_is_not_sent(anna: Anna) -> None:
    anna.measures(0)
    anna.saves(5)


def opens_and_does_not_send(anna: Anna) -> None:
    anna.opens_module(0)
    for day in (0, 7):
        anna.measures(day)
    for day in range(0, 14, 3):
        anna.logs(day)


# What Anna does, the day on which she is flagged, how soon, and what the flag says. The weekly questions wait from the
# start until they are answered, and then from the next week.
STORIES = [
    (nothing, 10, "week", {"quiet.10", "measure.10"}),
    (answers_once, 14, "week", {"quiet.14", "measure.7"}),
    (marks_an_item, 7, "today", {"quiet.7", "risk_item"}),
    (gets_worse, 8, "today", {"quiet.7", "rose"}),
    (leaves_a_message_unread, 10, "week", {"quiet.10", "unread.7"}),
    (writes_and_never_answers, 14, "week", {"measure.14"}),
    (saves_what_is_not_sent, 15, "week", {"quiet.10", "measure.7"}),
    (opens_and_does_not_send, 14, "week", {"unsent.14"}),
]


@pytest.mark.parametrize(("story", "day", "urgency", "rules"), STORIES, ids=[row[0].__name__ for row in STORIES])
def test_what_is_missing_is_flagged_when_its_limit_comes_and_not_before(
    cast: Cast, story: Callable[[Anna], None], day: float, urgency: str, rules: set[str]
) -> None:
    story(only_anna(cast))
    assert raised(day - 0.001) is None
    flag = raised(day)
    assert flag is not None
    assert (flag.urgency, flag.owner, flag.raised_at) == (urgency, cast.berit, NOW + day * DAY)
    assert rules_of(flag) == rules


def test_sweeping_again_changes_nothing_until_the_next_step(cast: Cast) -> None:
    only_anna(cast).measures(0)
    flag = raised(14)
    assert flag is not None
    for day in (14, 14.01, 20):
        check_break_off(NOW + day * DAY)
    flag.refresh_from_db()
    assert (Flag.objects.count(), flag.findings.count(), flag.alerted_at) == (1, 2, NOW + 14 * DAY)
    check_break_off(NOW + 28 * DAY)
    flag.refresh_from_db()
    assert flag.alerted_at == NOW + 28 * DAY


def test_whoever_goes_on_breaking_off_after_a_closing_is_told_again_and_not_daily(cast: Cast) -> None:
    only_anna(cast).measures(0)
    flag = raised(14)
    assert flag is not None
    close_flag(flag=flag, by=cast.berit, outcome="no_contact", now=NOW + 15 * DAY, **CLOSING)
    for day in range(15, 28):
        check_break_off(NOW + day * DAY)
    assert not Flag.objects.open().exists()
    check_break_off(NOW + 28 * DAY)
    assert Flag.objects.open().get().kind == "break_off"


def test_a_pause_is_a_planned_break_and_nothing_is_missed_in_it(cast: Cast) -> None:
    anna, treatment = only_anna(cast), cast.annas
    anna.measures(0, item_nine=1)
    pause_treatment(treatment=treatment, by=cast.berit, now=NOW + DAY)
    check_break_off(NOW + 40 * DAY)
    assert not Flag.objects.filter(kind="break_off").exists()
    resume_treatment(treatment=treatment, by=cast.berit, now=NOW + 40 * DAY)
    assert raised(46.9) is None
    assert raised(47) is not None  # seven days from when it went on


def test_a_treatment_that_is_over_or_new_misses_nothing(cast: Cast) -> None:
    only_anna(cast)
    assert raised(6.9) is None
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW + 7 * DAY)
    assert raised(60) is None


def test_a_day_that_was_agreed_on_is_waited_for(cast: Cast) -> None:
    anna = only_anna(cast)
    opens_and_does_not_send(anna)
    step = cast.annas.steps.waiting().get()
    step.due_on = (NOW + 13 * DAY).date()
    step.save(update_fields=["due_on"])
    assert raised(14) is None


def test_the_flag_says_what_is_missing_and_that_activity_is_back_while_a_human_closes(
    cast: Cast, client: Client
) -> None:
    anna = only_anna(cast)
    anna.measures(0)
    flag = raised(14)
    assert flag is not None
    client.force_login(cast.berit)
    page = client.get(reverse("flag", args=[flag.code])).text
    assert "Inget skickat, skrivet eller sparat på minst 14 dagar" in page
    assert "Veckans frågor obesvarade i minst 7 dagar" in page
    assert "aktiv igen" not in page.partition("<form")[0]
    listed = client.get("/worklist/").text
    assert "Inget skickat, skrivet eller sparat på minst 14 dagar" in listed
    anna.writes(15)
    check_break_off(NOW + 15 * DAY)
    flag.refresh_from_db()
    assert flag.closed_at is None
    assert "Patienten var aktiv igen" in client.get(reverse("flag", args=[flag.code])).text
    assert outcomes_for(flag) == ("contacted", "handed_over", "emergency", "no_contact", "active_again")


def test_one_treatment_that_breaks_is_shown_to_a_human_and_stops_nobody(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(row: break_off_signs.Row, *given: Any) -> datetime:
        if row.pk == cast.annas.pk:
            raise ZeroDivisionError
        return whole(row, *given)

    whole = break_off_signs._measure_since
    monkeypatch.setattr("riskmonitor.break_off_signs._measure_since", broken)
    for day in (10, 10.01):
        check_break_off(NOW + day * DAY)
    kinds = dict(Flag.objects.values_list("patient", "kind"))
    assert kinds == {
        cast.annas.patient_id: "unscreenable", cast.eriks.patient_id: "break_off", cast.nilss.patient_id: "break_off",
    }  # fmt: skip


def test_a_plan_that_cannot_be_read_is_shown_to_a_human_and_stops_no_other_plan(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(treatment: Treatment) -> tuple[str, ...]:
        if treatment.primary_measure == "gone":
            raise ZeroDivisionError
        return whole(treatment)

    whole = break_off_signs._weekly_of
    monkeypatch.setattr("riskmonitor.break_off_signs._weekly_of", broken)
    Treatment.objects.filter(pk=cast.annas.pk).update(primary_measure="gone")
    check_break_off(NOW + 10 * DAY)
    kinds = dict(Flag.objects.values_list("patient", "kind"))
    assert kinds == {
        cast.annas.patient_id: "unscreenable", cast.eriks.patient_id: "break_off", cast.nilss.patient_id: "break_off",
    }  # fmt: skip


def test_answers_that_nobody_can_read_stop_nobody_and_count_as_unknown(cast: Cast) -> None:
    """Of a form of another time, the answers are kept as they came."""
    send_measure(
        treatment=cast.annas, instrument=instruments()["phq9"], version="of another time", answers={"9": "ja"},
        key=uuid4(), by=cast.anna, now=NOW,
    )  # fmt: skip
    check_break_off(NOW + 10 * DAY)
    found = dict(Flag.objects.filter(kind="break_off").values_list("patient", "urgency"))
    assert found == {cast.annas.patient_id: "today", cast.eriks.patient_id: "week", cast.nilss.patient_id: "week"}


def test_without_the_sweep_nobody_would_notice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The red twin: what is missing sends no event, so that only the sweep can find it."""
    monkeypatch.setattr("riskmonitor.sweeps.break_off.break_off_findings", lambda *_given: [])
    assert raised(60) is None


def test_reading_costs_the_same_for_one_and_for_many(cast: Cast) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert read_signs(NOW + 20 * DAY)
        return len(captured)

    only_anna(cast).gets_message(1)
    few = queries()
    for number in range(5):
        user = make_user(f"Pat{number}", "Lund")
        make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
    assert len(read_signs(NOW + 20 * DAY)) == 6
    assert queries() == few <= 7


@pytest.mark.hazard("H6d")
def test_every_patient_is_flagged_within_a_quarter_of_an_hour_of_the_limit(cast: Cast) -> None:
    """Time travel: the sweep at its own pace, every five minutes around each limit; nobody late, early or twice."""
    limits: dict[int, datetime] = {}
    for number in range(12):
        user = make_user(f"Pat{number}", "Lund")
        treatment = make_treatment(user, cast.eken, cast.berit, cast.cecilia, cast.revision)
        started = NOW + number * timedelta(hours=1, minutes=7)
        Treatment.objects.filter(pk=treatment.pk).update(started_at=started)
        limits[treatment.patient_id] = started + 10 * DAY
    only_anna(cast)
    end_treatment(treatment=cast.annas, by=cast.berit, now=NOW)
    at = NOW + 10 * DAY - timedelta(minutes=10)
    while at < max(limits.values()) + timedelta(minutes=15):
        if any(timedelta(minutes=-10) <= at - limit <= timedelta(minutes=15) for limit in limits.values()):
            check_break_off(at)
        at += timedelta(minutes=5)
    found = dict(Flag.objects.filter(kind="break_off").values_list("patient", "raised_at"))
    assert found.keys() == limits.keys()
    assert all(timedelta() <= found[who] - limit <= timedelta(minutes=15) for who, limit in limits.items())


def test_each_part_is_looked_up_in_an_index(cast: Cast) -> None:
    """With sequential scans made dear, as in a large table, nothing that a patient has sent or saved is read whole.

    Which of a table's indexes is taken depends on what the planner happens to know, and is not asked here.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
        plan = long_enough(NOW + 20 * DAY).explain()
    for table in ("programs_submission", "messaging_message", "programs_draft"):
        assert f" on {table} " in plan
        assert f"Seq Scan on {table}" not in plan
