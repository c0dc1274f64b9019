"""Every change to treatments, drafts and answers: one verb each."""

from __future__ import annotations

from programs.actions.aftercare import NothingToFollowUp, NotTheirs, hand_over_follow_up
from programs.actions.answers import (
    send_asked_again,
    send_call_me,
    send_follow_up,
    send_measure,
    send_module,
    send_stuck,
)
from programs.actions.crisis_plan import PlanChanged, save_crisis_plan
from programs.actions.drafts import DraftConflict, delete_draft, hold_form, keep_posted, save_draft
from programs.actions.editions import NotAnEdition, PublishRefused, correct, publish, withdraw
from programs.actions.entries import send_tool_entry, tool_form_key
from programs.actions.gates import GateClosed, GateNotWhole, tick_gate, withdraw_gate
from programs.actions.handing_over import NotTheTherapist, note_draft, write_handover_note
from programs.actions.kept_lines import keep_line, move_line, remove_line
from programs.actions.loading import EditionChanged, LoadRefused, load_library, load_programme
from programs.actions.moving import MoveRefused, move_treatment
from programs.actions.naming import NamingRefused, name_people
from programs.actions.plan import mark_plan_read, tell_change
from programs.actions.planning import NotPlanned, PlanRefused, plan_treatment, withdraw_plan
from programs.actions.sending import AnswersRefused, NotOpen
from programs.actions.sleep_windows import Kept, WindowRefused, decide_sleep_window, shown_as
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
from programs.actions.wordings import WordingRefused, load_wording

__all__ = [
    "AnswersRefused",
    "DraftConflict",
    "EditionChanged",
    "GateClosed",
    "GateNotWhole",
    "Kept",
    "LoadRefused",
    "MoveRefused",
    "NamingRefused",
    "NotAnEdition",
    "NotOpen",
    "NotPlanned",
    "NotTheTherapist",
    "NotTheirs",
    "NothingToFollowUp",
    "PlanChanged",
    "PlanRefused",
    "PublishRefused",
    "StartRefused",
    "SwitchRefused",
    "Why",
    "WindowRefused",
    "WordingRefused",
    "add_tool",
    "correct",
    "decide_sleep_window",
    "delete_draft",
    "end_treatment",
    "hand_over_follow_up",
    "hide_module",
    "hold_form",
    "keep_line",
    "keep_posted",
    "load_library",
    "load_programme",
    "load_wording",
    "mark_plan_read",
    "mark_seen",
    "move_date",
    "move_line",
    "move_module",
    "move_treatment",
    "name_people",
    "note_draft",
    "open_module",
    "pause_treatment",
    "plan_contact",
    "plan_treatment",
    "publish",
    "remember_page",
    "remove_line",
    "repeat_module",
    "resume_treatment",
    "save_crisis_plan",
    "save_draft",
    "send_asked_again",
    "send_call_me",
    "send_follow_up",
    "send_measure",
    "send_module",
    "send_stuck",
    "send_tool_entry",
    "show_module",
    "shown_as",
    "start_treatment",
    "tell_change",
    "tick_gate",
    "tool_form_key",
    "withdraw",
    "withdraw_gate",
    "withdraw_plan",
    "write_handover_note",
]
