"""Every change to treatments, drafts and answers: one verb each."""

from __future__ import annotations

from programs.actions.answers import AnswersRefused, NotOpen, send_follow_up, send_measure, send_module, send_tool_entry
from programs.actions.drafts import DraftConflict, delete_draft, keep_posted, save_draft
from programs.actions.loading import EditionChanged, load_programme, publish
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
    "NotOpen",
    "StartRefused",
    "WordingRefused",
    "delete_draft",
    "end_treatment",
    "keep_posted",
    "load_programme",
    "load_wording",
    "mark_seen",
    "open_module",
    "pause_treatment",
    "plan_contact",
    "publish",
    "remember_page",
    "resume_treatment",
    "save_draft",
    "send_follow_up",
    "send_measure",
    "send_module",
    "send_tool_entry",
    "start_treatment",
]
