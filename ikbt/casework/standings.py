"""Where one treatment stands, from its annotated row: the facts that the work list is ordered by."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from ikbt.casework import order
from ikbt.casework.flags_shown import FlagShown
from programs.instruments import Instrument
from programs.models import Treatment
from programs.shipped import instruments


def standing_of(
    treatment: Treatment, totals: list[float], flags: list[FlagShown], now: datetime, *, window_waits: bool
) -> order.Standing:
    patient, facts = treatment.patient, treatment.revision.facts
    waiting = vars(treatment)  # the annotations of with_waiting, absent in the clinic's tab
    instrument = instruments().get(treatment.primary_measure)
    return order.Standing(
        code=str(patient.code),
        sort_name=patient.user.sort_name,
        week=treatment.week(now),
        weeks=facts.get("weeks", {}).get("planned"),
        flag_due_at=min((flag.due_at for flag in flags), default=None),
        unread=waiting.get("unread") or 0,
        oldest_unread_at=waiting.get("oldest_unread_at"),
        handed_in=waiting.get("handed_in") or 0,
        oldest_handed_in_at=waiting.get("oldest_handed_in_at"),
        stuck_at=waiting.get("stuck_at"),
        safety_at=waiting.get("safety_at"),
        answered_at=None if treatment.is_running else waiting.get("answered_at"),
        last_active_at=waiting.get("last_active_at"),
        next_contact_on=treatment.next_contact_on,
        measure=_measure(instrument, totals),
        change_rule=_change_rule(treatment),
        is_paused=treatment.state == Treatment.State.PAUSED,
        is_planned=treatment.state == Treatment.State.PLANNED,
        has_ended=treatment.ended_at is not None,
        window_waits=window_waits,
    )


def _measure(instrument: Instrument | None, totals: Sequence[float]) -> order.Measure:
    """Return the totals with their direction; without a reliable change no value is ever called worse."""
    if instrument is None:
        return order.Measure(tuple(totals))
    reliable = instrument.reliable_change
    return order.Measure(tuple(totals), None if reliable is None else float(reliable), instrument.higher_is_worse)


def _change_rule(treatment: Treatment) -> order.ChangeRule | None:
    """Return the programme's own rule about no fall in its primary measure, if it has one."""
    for rule in treatment.revision.facts.get("step_up", ()):
        if rule["rule"] == "no_fall" and rule["of"] == "primary":
            return order.ChangeRule(rule["percent"], rule["from_week"])
    return None
