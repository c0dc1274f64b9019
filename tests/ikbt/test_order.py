"""The order of the work list, as a table of cases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ikbt.casework.order import ChangeRule, Group, Measure, Reason, Standing, arrange, place

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 20)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
CALM = Standing(code="a", sort_name="almgren", week=2, weeks=10, last_active_at=NOW - DAY)
RULE = ChangeRule(percent=20, from_week=4)


def up(*totals: float) -> Measure:
    return Measure(totals, reliable=6)


CASES = [
    ("nothing waits", {}, Group.WAITING, (), 0),
    ("an open flag", {"flag_due_at": NOW + HOUR}, Group.FIRST, (Reason.FLAG,), 21),
    ("two unread", {"unread": 2, "oldest_unread_at": NOW}, Group.TODAY, (Reason.UNREAD,), 10),
    ("a module sent", {"handed_in": 1, "oldest_handed_in_at": NOW}, Group.TODAY, (Reason.HANDED_IN,), 6),
    ("flag and unread", {"flag_due_at": NOW, "unread": 1}, Group.FIRST, (Reason.FLAG, Reason.UNREAD), 23),
    ("six points worse than last time", {"measure": up(9, 12, 18)}, Group.TODAY, (Reason.WORSE,), 6),
    ("six points worse than at the start", {"measure": up(9, 12, 15)}, Group.TODAY, (Reason.WORSE,), 6),
    ("five points worse", {"measure": up(9, 14)}, Group.WAITING, (), 0),
    ("higher is better and it fell", {"measure": Measure((30, 20), 6, False)}, Group.TODAY, (Reason.WORSE,), 6),
    ("an instrument without a known reliable change", {"measure": Measure((0, 20))}, Group.WAITING, (), 0),
    ("contact planned for today", {"next_contact_on": TODAY}, Group.TODAY, (Reason.CONTACT_DUE,), 6),
    ("contact planned for tomorrow", {"next_contact_on": TODAY + DAY}, Group.WAITING, (), 0),
    ("no fall in week 4", {"week": 4, "change_rule": RULE, "measure": up(20, 17)}, Group.WEEK, (Reason.NO_FALL,), 6),
    ("no fall yet in week 3", {"week": 3, "change_rule": RULE, "measure": up(20, 17)}, Group.WAITING, (), 0),
    ("a fall of a fifth", {"week": 4, "change_rule": RULE, "measure": up(20, 16)}, Group.WAITING, (), 0),
    ("one measure says nothing", {"week": 5, "change_rule": RULE, "measure": up(20)}, Group.WAITING, (), 0),
    ("quiet for seven days", {"last_active_at": NOW - 7 * DAY}, Group.WEEK, (Reason.INACTIVE,), 6),
    ("quiet for six days", {"last_active_at": NOW - 7 * DAY + HOUR}, Group.WAITING, (), 0),
    ("quiet while paused", {"last_active_at": NOW - 30 * DAY, "is_paused": True}, Group.WAITING, (), 0),
    ("the last planned week", {"week": 10}, Group.WEEK, (Reason.CLOSING,), 6),
    ("paused with an unread message", {"unread": 1, "is_paused": True}, Group.TODAY, (Reason.UNREAD,), 8),
]


@pytest.mark.parametrize(("name", "facts", "group", "reasons", "minutes"), CASES, ids=[case[0] for case in CASES])
def test_a_patient_stands_where_the_strongest_reason_says(name, facts, group, reasons, minutes) -> None:
    placed = place(replace(CALM, **facts), NOW, TODAY)
    assert (placed.group, placed.reasons, placed.minutes) == (group, reasons, minutes)


ORDER = [
    Standing("flag-soon", "o", 2, flag_due_at=NOW + HOUR),
    Standing("flag-later", "a", 2, flag_due_at=NOW + DAY, unread=9, oldest_unread_at=NOW - DAY),
    Standing("worse", "b", 2, measure=up(5, 12)),
    Standing("unread-old", "c", 2, unread=1, oldest_unread_at=NOW - DAY),
    Standing("unread-new", "b", 2, unread=5, oldest_unread_at=NOW - HOUR),
    Standing("sent-old", "b", 2, handed_in=1, oldest_handed_in_at=NOW - DAY),
    Standing("sent-new", "a", 2, handed_in=1, oldest_handed_in_at=NOW),
    Standing("contact", "a", 2, next_contact_on=TODAY),
    Standing("no-fall", "a", 5, change_rule=RULE, measure=up(18, 18)),
    Standing("quiet-long", "b", 2, last_active_at=NOW - 20 * DAY),
    Standing("quiet", "a", 2, last_active_at=NOW - 8 * DAY),
    Standing("closing", "a", 10, weeks=10),
    Standing("rest-a", "a", 2),
    Standing("rest-b", "b", 2),
]


@pytest.mark.hazard("H7e")
def test_the_order_is_the_rules_then_the_clock_then_the_name() -> None:
    mixed = [*ORDER[1::2], *ORDER[::2]]
    assert [placed.standing.code for placed in arrange(mixed, NOW, TODAY)] == [each.code for each in ORDER]
