"""What therapists of the demo region decide: checklists, sleep windows, dates, tools, crisis plans. Real verbs only."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from messaging.actions import mark_read
from programs.actions import (
    Kept,
    add_tool,
    decide_sleep_window,
    mark_plan_read,
    move_date,
    save_crisis_plan,
    shown_as,
    tick_gate,
)
from programs.plans.sleep_windows import window_case
from programs.sleep.window import Careful
from programs.treatment.gates import Gates

if TYPE_CHECKING:
    from datetime import datetime

    from ikbt.demo.story import Event, Story


def decisions(story: Story) -> Iterator[Event]:
    """Yield what the patient's therapist decided, each at its time."""
    told = story.entry
    for gate in told.get("gates", []):
        yield story.at(gate["days_ago"], "09:10"), partial(_tick, story, gate["gate"])
    for window in told.get("windows", []):
        yield story.at(window["days_ago"], "11:30"), partial(_decide_window, story, window)
    for tool in told.get("added_tools", []):
        yield story.at(tool["days_ago"], "13:05"), partial(_add_tool, story, tool["tool"])
    for moved in told.get("moved_dates", []):
        yield story.at(moved["days_ago"], "15:20"), partial(_move_date, story, moved)
    if plan := told.get("crisis_plan"):
        yield story.at(plan["days_ago"], plan["time"]), partial(_write_crisis_plan, story, plan)
    if "looked_in_days_ago" in told:
        yield story.at(told["looked_in_days_ago"], "20:30"), partial(_look_in, story)


def _tick(story: Story, gate: str, at: datetime) -> None:
    lines = Gates(story.treatment).gate(gate).lines
    tick_gate(treatment=story.treatment, gate=gate, items=lines, by=story.therapist, now=at)


def _decide_window(story: Story, told: dict[str, Any], at: datetime) -> None:
    """Confirm what the rules propose, for the night to the next morning."""
    today = timezone.localdate(at)
    careful = Careful(age=story.patient.age(at), drives=told.get("drives", False))
    proposal = window_case(story.treatment, today).proposal(careful)
    if proposal is None:
        raise ValueError(f"{story.entry['key']}: too few nights {told['days_ago']} days ago")
    kept = Kept(proposal.minutes, time.fromisoformat(told["rise"]), today + timedelta(days=1))
    decide_sleep_window(
        treatment=story.treatment, careful=careful, seen=shown_as(proposal), kept=kept, words="",
        key=story.key("window", at), by=story.therapist, now=at,
    )  # fmt: skip


def _add_tool(story: Story, tool: str, at: datetime) -> None:
    add_tool(treatment=story.treatment, tool=tool, by=story.therapist, now=at)


def _move_date(story: Story, told: dict[str, Any], at: datetime) -> None:
    today = timezone.localdate(at)
    day = timezone.localdate(story.now) + timedelta(days=told["to_in_days"])
    move_date(
        step=story.step(told["module"]), to=day, smaller_step=told["smaller_step"], today=today, by=story.therapist,
        now=at,
    )  # fmt: skip


def _write_crisis_plan(story: Story, told: dict[str, Any], at: datetime) -> None:
    """The therapist writes it down while the patient says it, in the room or on the telephone."""
    save_crisis_plan(
        treatment=story.treatment, plan=told["plan"], based_on="", key=story.key("crisis plan"), by=story.therapist,
        now=at,
    )  # fmt: skip


def _look_in(story: Story, at: datetime) -> None:
    """The patient opens the first page, and reads what is new."""
    mark_read(treatment=story.treatment, by=story.patient.user, now=at)
    mark_plan_read(treatment=story.treatment, by=story.patient.user, now=at)
