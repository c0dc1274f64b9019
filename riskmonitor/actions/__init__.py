"""Every change to a flag: one verb each."""

from __future__ import annotations

from riskmonitor.actions.activating import (
    ActivationRefused,
    activate_rules,
    activate_shipped,
    propose_rules,
)
from riskmonitor.actions.answered import note_answered
from riskmonitor.actions.answering import (
    AlreadyClosed,
    AlreadyTaken,
    NotYours,
    SomethingNew,
    acknowledge,
    answer_follow_up,
    assign,
    document,
    is_held,
    not_reached,
)
from riskmonitor.actions.canaries import begin_canary_run, end_canary_run, note_worker, prepare_canaries
from riskmonitor.actions.climbing import climb
from riskmonitor.actions.closing import OutcomeRefused, close_flag, outcome_faults, outcomes_for
from riskmonitor.actions.covering import check_clinic, hand_over, let_leave, let_take_over
from riskmonitor.actions.planning import PlanChangedMeanwhile, PlanRefused, save_plan
from riskmonitor.actions.raising import raise_flag, raise_flags, raise_uncovered, raise_unscreenable

__all__ = [
    "ActivationRefused",
    "AlreadyClosed",
    "AlreadyTaken",
    "NotYours",
    "OutcomeRefused",
    "PlanChangedMeanwhile",
    "PlanRefused",
    "SomethingNew",
    "acknowledge",
    "activate_rules",
    "activate_shipped",
    "answer_follow_up",
    "assign",
    "begin_canary_run",
    "check_clinic",
    "climb",
    "close_flag",
    "document",
    "end_canary_run",
    "hand_over",
    "is_held",
    "let_leave",
    "let_take_over",
    "not_reached",
    "note_answered",
    "note_worker",
    "outcome_faults",
    "outcomes_for",
    "prepare_canaries",
    "propose_rules",
    "raise_flag",
    "raise_flags",
    "raise_uncovered",
    "raise_unscreenable",
    "save_plan",
]
