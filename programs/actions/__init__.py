"""Every change to treatments, drafts and answers: one verb each."""

from __future__ import annotations

from programs.actions.answers import (
    AnswersRefused,
    NotOpen,
    send_follow_up,
    send_measure,
    send_module,
    send_stuck,
    send_tool_entry,
)
from programs.actions.drafts import DraftConflict, delete_draft, keep_posted, save_draft
from programs.actions.gates import GateClosed, GateNotWhole, tick_gate, withdraw_gate
from programs.actions.loading import EditionChanged, load_programme, publish
from programs.actions.plan import mark_plan_read, tell_change
from programs.actions.switches import (
    SwitchRefused,
    Why,
    add_tool,
    hide_module,
    move_date,
    move_module,
    repeat_module,
    show_module,
)
from programs.actions.treatments import (
    StartRefused,
    end_treatment,
    mark_seen,
    open_module,
    pause_treatment,
    plan_contact,
    remember_page,
    resume_treatment,
    start_treatment,
)

__all__ = [
    "AnswersRefused",
    "DraftConflict",
    "EditionChanged",
    "GateClosed",
    "GateNotWhole",
    "NotOpen",
    "StartRefused",
    "SwitchRefused",
    "Why",
    "add_tool",
    "delete_draft",
    "end_treatment",
    "hide_module",
    "keep_posted",
    "load_programme",
    "mark_plan_read",
    "mark_seen",
    "move_date",
    "move_module",
    "open_module",
    "pause_treatment",
    "plan_contact",
    "publish",
    "remember_page",
    "repeat_module",
    "resume_treatment",
    "save_draft",
    "send_follow_up",
    "send_measure",
    "send_module",
    "send_stuck",
    "send_tool_entry",
    "show_module",
    "start_treatment",
    "tell_change",
    "tick_gate",
    "withdraw_gate",
]
