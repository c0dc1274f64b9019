"""Every change to a flag: one verb each."""

from __future__ import annotations

from riskmonitor.actions.answering import (
    AlreadyClosed,
    AlreadyTaken,
    NotYours,
    OutcomeRefused,
    acknowledge,
    answer_follow_up,
    assign,
    close_flag,
    document,
    not_reached,
    outcome_faults,
    outcomes_for,
)
from riskmonitor.actions.climbing import climb
from riskmonitor.actions.covering import check_clinic, hand_over
from riskmonitor.actions.raising import raise_flag, raise_uncovered, raise_unscreenable

__all__ = [
    "AlreadyClosed",
    "AlreadyTaken",
    "NotYours",
    "OutcomeRefused",
    "acknowledge",
    "answer_follow_up",
    "assign",
    "check_clinic",
    "climb",
    "close_flag",
    "document",
    "hand_over",
    "not_reached",
    "outcome_faults",
    "outcomes_for",
    "raise_flag",
    "raise_uncovered",
    "raise_unscreenable",
]
