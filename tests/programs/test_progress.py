"""How far a patient has come, and which one step comes next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from programs.treatment.progress import Kind, ModuleState, is_quiet, next_step

START = datetime(2026, 11, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
NEW = ModuleState("a", 1, "Ett", ("hej", "gor", "skicka"), "", START, None, 25)
BEGUN = replace(NEW, code="b", number=2, last_page="gor")
CLOSED = replace(NEW, code="c", number=3, opened_at=None)
SENT = replace(NEW, code="d", last_page="skicka", sent_at=START + DAY)


@pytest.mark.parametrize(
    ("follow_up", "measure", "modules", "log", "expected"),
    [
        (True, True, [BEGUN, NEW], True, (Kind.FOLLOW_UP, None)),
        (False, True, [BEGUN, NEW], True, (Kind.MEASURE, None)),
        (False, False, [NEW, BEGUN], True, (Kind.CONTINUE, BEGUN)),
        (False, False, [SENT, NEW, CLOSED], True, (Kind.NEW_MODULE, NEW)),
        (False, False, [SENT, CLOSED], True, (Kind.DAILY_LOG, None)),
        (False, False, [SENT, CLOSED], False, (Kind.DONE, None)),
        (False, False, [], False, (Kind.DONE, None)),
    ],
)
def test_the_next_step_follows_one_order(follow_up, measure, modules, log, expected) -> None:
    step = next_step(follow_up_waits=follow_up, measure_waits=measure, modules=modules, log_waits=log)
    assert (step.kind, step.module) == expected


def test_pages_done_are_those_behind_and_all_when_sent() -> None:
    assert [state.pages_done for state in (NEW, BEGUN, SENT)] == [0, 1, 3]
    assert replace(BEGUN, last_page="en-sida-som-inte-finns").pages_done == 0


def test_five_days_without_a_sign_is_quiet() -> None:
    assert not is_quiet(START, START + 5 * DAY - timedelta(minutes=1))
    assert is_quiet(START, START + 5 * DAY)
