"""Where one treatment stands, from its listed row: the facts that the work list is ordered by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from ikbt.casework import order
from ikbt.casework.flags_listed import ListedFlag
from ikbt.casework.listed import Listed
from programs.instruments import Instrument, text
from programs.models import Revision, Treatment
from programs.plans.sleep_windows import declares_a_window
from programs.shipped import instruments


@dataclass(frozen=True)
class Edition:
    """What a list needs of the text that a treatment follows, read once for all who follow it."""

    title: str
    weeks: int | None  # what the programme plans
    change_rule: order.ChangeRule | None
    has_window: bool  # a sleep window is decided on
    is_withdrawn: bool  # nobody new starts with it


def editions_of(treatments: Iterable[Listed], language: str) -> dict[int, Edition]:
    """Return the editions that the treatments follow by their ids. One query."""
    revisions = Revision.objects.only("title", "facts", "status").in_bulk({each.revision for each in treatments})
    return {pk: _edition(revision, language) for pk, revision in revisions.items()}


def _edition(revision: Revision, language: str) -> Edition:
    return Edition(
        title=text(revision.title, language),
        weeks=revision.facts.get("weeks", {}).get("planned"),
        change_rule=_change_rule(revision),
        has_window=declares_a_window(revision.facts),
        is_withdrawn=revision.status == Revision.Status.WITHDRAWN,
    )


def _change_rule(revision: Revision) -> order.ChangeRule | None:
    """Return the programme's own rule about no fall in its primary measure, if it has one."""
    for rule in revision.facts.get("step_up", ()):
        if rule["rule"] == "no_fall" and rule["of"] == "primary":
            return order.ChangeRule(rule["percent"], rule["from_week"])
    return None


def standing_of(
    treatment: Listed, edition: Edition, flags: list[ListedFlag], now: datetime, *, window_waits: bool
) -> order.Standing:
    return order.Standing(
        code=str(treatment.code),
        sort_name=treatment.sort_name,
        week=treatment.week(now),
        weeks=edition.weeks,
        flag_due_at=min((flag.due_at for flag in flags), default=None),
        unread=len(treatment.unread_at),
        oldest_unread_at=min(treatment.unread_at, default=None),
        handed_in=len(treatment.handed_in_at),
        oldest_handed_in_at=min(treatment.handed_in_at, default=None),
        stuck_at=treatment.stuck_at,
        safety_at=treatment.safety_at,
        answered_at=None if treatment.is_running else treatment.answered_at,
        last_active_at=treatment.last_active_at,
        next_contact_on=treatment.next_contact_on,
        measure=_measure(instruments().get(treatment.primary_measure), tuple(treatment.totals)),
        change_rule=edition.change_rule,
        is_paused=treatment.state == Treatment.State.PAUSED,
        is_planned=treatment.state == Treatment.State.PLANNED,
        has_ended=treatment.ended_at is not None,
        window_waits=window_waits,
    )


def _measure(instrument: Instrument | None, totals: tuple[float, ...]) -> order.Measure:
    """Return the totals with their direction; without a reliable change no value is ever called worse."""
    if instrument is None:
        return order.Measure(totals)
    reliable = instrument.reliable_change
    return order.Measure(totals, None if reliable is None else float(reliable), instrument.higher_is_worse)
