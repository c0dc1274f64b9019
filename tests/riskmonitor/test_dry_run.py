"""A dry run holds changed rules against the flags that stored answers have, and flags nothing."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
import time_machine
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from clinics.models import AuditEvent
from messaging.actions import send_message
from riskmonitor import lexicon
from riskmonitor.actions import order_dry_run
from riskmonitor.models import DryRun, DryRunDifference, Flag
from riskmonitor.rules import Change, Kind, Told, Urgency, differences, is_known, rule_set
from riskmonitor.sweeps import dry_runs, screen_one, try_some
from tests.cast import NOW, Cast
from tests.riskmonitor.dry_runs import LATER, RISKY, tried, visit

NOW_FOUND, TODAY_FOUND = Told(Kind.SUICIDE, Urgency.NOW), Told(Kind.SUICIDE, Urgency.TODAY)


ALL = 3  # treatments, beside the three rows that were sent


def found(run: DryRun) -> set[tuple[str, str, str, str]]:
    return set(run.differences.values_list("clinic__name", "change", "held", "found"))


@pytest.mark.parametrize(
    ("held", "now", "change"),
    [
        ([], [TODAY_FOUND], Change.CAME),
        ([TODAY_FOUND], [], Change.GONE),
        ([TODAY_FOUND], [NOW_FOUND], Change.MORE_URGENT),
        ([NOW_FOUND, TODAY_FOUND], [TODAY_FOUND], Change.CALMER),
        ([NOW_FOUND, TODAY_FOUND], [NOW_FOUND], None),
        ([], [], None),
    ],
)
def test_of_one_row_the_most_urgent_finding_of_a_kind_decides(held, now, change: Change | None) -> None:
    assert [each.change for each in differences(held, now)] == ([change] if change else [])


def words(start: int, end: int, urgency: Urgency = Urgency.NOW, address: str = "") -> Told:
    return Told(Kind.SUICIDE, urgency, address=address, start=start, end=end)


def item(value: int | None, urgency: Urgency = Urgency.TODAY) -> Told:
    return Told(Kind.SUICIDE, urgency, item="9", value=value)


@pytest.mark.parametrize(
    ("held", "found", "changes"),
    [
        (words(9, 20), words(3, 14), []),
        (words(9, 20), words(20, 30), [Change.CAME]),
        (words(9, 20, address="1"), words(9, 20, address="2"), [Change.CAME]),
        (words(9, 20, Urgency.TODAY), words(3, 14), [Change.MORE_URGENT]),
        (words(9, 20), words(3, 14, Urgency.TODAY), [Change.CALMER]),
        (words(9, 20), words(30, 40, Urgency.TODAY), [Change.CALMER, Change.CAME]),
        (words(9, 20), item(2, Urgency.NOW), [Change.CAME]),
        (item(1), item(1), []),
        (item(1), item(2), [Change.CAME]),
        (item(None), item(1), [Change.CAME]),
        (Told(Kind.DETERIORATION, Urgency.TODAY, value=110), Told(Kind.DETERIORATION, Urgency.TODAY, value=130), []),
    ],
)
def test_the_same_place_answer_or_row_as_urgent_is_known(held: Told, found: Told, changes: list[Change]) -> None:
    assert [each.change for each in differences([held], [found])] == changes


PLACES = [(0, 4), (2, 6), (4, 8), (20, 25)]
SAID = [words(*place, urgency) for place in PLACES for urgency in Urgency] + [item(mark) for mark in (None, 1, 2)]
SEVERAL = st.lists(st.sampled_from([*SAID, NOW_FOUND, TODAY_FOUND]), max_size=4)


@given(SEVERAL, SEVERAL)
def test_what_a_dry_run_does_not_show_of_a_row_is_never_raised_from_it(held: list[Told], found: list[Told]) -> None:
    raised = [each for each in found if not is_known(each, held)]
    shown = {each.change for each in differences(held, found)} & {Change.CAME, Change.MORE_URGENT}
    assert bool(raised) == bool(shown)


def test_rules_that_are_in_force_differ_from_nothing_they_flagged(sent: Cast) -> None:
    run = tried(sent.lena)
    assert (run.rows, run.planned, run.unscreened, found(run)) == (3 + ALL, 3 + ALL, 0, set())
    assert run.ended_at == LATER


@pytest.mark.hazard("H6k")
def test_what_would_go_come_later_or_stay_is_told_by_row_and_nothing_is_flagged(sent: Cast, stricter: None) -> None:
    before = set(Flag.objects.values_list("pk", "urgency"))
    assert found(tried(sent.lena)) == {
        ("Eken", "gone", "now", ""),
        ("Eken", "calmer", "now", "today"),
        ("Linden", "gone", "today", ""),
    }
    assert set(Flag.objects.values_list("pk", "urgency")) == before


def test_what_the_new_rules_cannot_read_would_be_a_flag_for_a_human(
    sent: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lexicon, "screen", lambda text: 1 / 0)
    kinds = tried(sent.lena).differences.values_list("kind", "change")
    assert set(kinds) == {("unscreenable", "came"), ("suicide", "gone")}


def test_a_lost_finding_shows_as_one_that_would_come(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Flags in the database are the other side: what they do not hold is new."""
    with monkeypatch.context() as blind:
        blind.setattr(lexicon, "screen", lambda text: [])
        send_message(treatment=sent.eriks, text=RISKY, key=uuid4(), by=sent.erik, now=NOW)
        while screen_one(NOW):
            pass
    assert found(tried(sent.lena)) == {("Eken", "came", "", "now")}


def test_what_has_not_been_screened_is_left_out_and_counted(sent: Cast) -> None:
    send_message(treatment=sent.annas, text="Hej.", key=uuid4(), by=sent.anna, now=NOW)
    run = tried(sent.lena)
    assert (run.rows, run.unscreened) == (3 + ALL, 1)


def test_only_the_days_that_were_asked_for_are_looked_at(sent: Cast) -> None:
    assert tried(sent.lena, days=7, now=NOW + timedelta(days=7, hours=-1)).rows == 3 + ALL
    assert tried(sent.lena, days=7, now=NOW + timedelta(days=7, hours=1)).rows == ALL


def test_it_goes_on_in_batches_and_tells_how_far_it_has_come(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("riskmonitor.watch.looking_back.BATCH", 1)
    run = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    seen = []
    while try_some(LATER):
        run.refresh_from_db()
        seen.append((run.rows, run.ended_at is not None))
    assert seen == [(1, False), (2, False), (3, False), (3 + ALL, False), (3 + ALL, True)]


def test_who_asks_does_not_wait_until_it_is_counted(sent: Cast) -> None:
    """A page would have to read every answer of ninety days. The worker counts, with its first batch."""
    with CaptureQueriesContext(connection) as asked:
        run = order_dry_run(days=90, key=uuid4(), by=sent.lena, now=LATER)
    assert not [sql for sql in map(str, asked) if "programs_submission" in sql or "messaging_message" in sql]
    assert (run.planned, run.unscreened) == (None, None)
    assert "Först räknas" in visit(sent.lena, "dry-run", code=run.code).content.decode()
    assert try_some(LATER)
    run.refresh_from_db()
    assert (run.planned, run.unscreened) == (3 + ALL, 0)


def test_the_same_key_is_one_dry_run(sent: Cast) -> None:
    key = uuid4()
    first, second = (order_dry_run(days=14, key=key, by=sent.lena, now=LATER) for _click in range(2))
    assert first == second


def test_a_worker_with_other_rules_leaves_it_alone(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER)
    monkeypatch.setattr(rule_set, "RULES_VERSION", "another")
    assert not try_some(LATER)


def test_a_batch_that_fails_is_tried_three_times_and_then_given_up(sent: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dry_runs, "try_rows", lambda **given: 1 / 0)
    run, now = order_dry_run(days=14, key=uuid4(), by=sent.lena, now=LATER), LATER
    for _attempt in range(4):
        assert try_some(now)
        assert not try_some(now + timedelta(seconds=1))  # its lease has not ended
        now += dry_runs.LEASE
    run.refresh_from_db()
    assert run.failed_at
    assert (run.rows, run.ended_at) == (0, None)
    assert not try_some(now)


def test_the_command_tries_and_tells(sent: Cast, stricter: None) -> None:
    with time_machine.travel(LATER, tick=False):
        out = StringIO()
        call_command("rules", "try", "--by", sent.lena.email, "--days", "7", stdout=out)
        assert "Looked at 6 answers, messages and treatments, 7 days back." in out.getvalue()
        assert "gone suicide: 2" in out.getvalue()
    assert "terminal" in AuditEvent.objects.get(what__startswith="dry-run:").why


def test_a_difference_is_stored_once_for_a_row_and_kind(sent: Cast, stricter: None) -> None:
    first = tried(sent.lena).differences.earliest("pk")
    first.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        DryRunDifference.objects.bulk_create([first])
