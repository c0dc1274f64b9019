"""Every change to a flag: one verb each.

Rows are locked in one order everywhere: what a sweep or an autosave has in hand (an answer, a message, a draft, a
counterfoil, a night's look back), treatments, clinics, hub agreements, memberships, the person, absences, patients,
flags, what they found, grants, notices and deliveries; several of a kind by their number. Who holds a row waits only
for rows further down, so that no two verbs wait for each other. What another sweep may have in hand is passed over
(`skip_locked`), never waited for.

A row that others point at is locked `no_key`, as treatments, clinics, people and patients are: what is written about it
meanwhile need not wait. An update of many grants locks them in order first: by itself it takes them in any.
"""

from __future__ import annotations

from riskmonitor.actions.activating import (
    ActivationRefused,
    Refusal,
    activate_rules,
    activate_shipped,
    dry_run_to_rest_on,
    open_proposal,
    propose_rules,
    spoilt_dry_run,
)
from riskmonitor.actions.answered import note_answered
from riskmonitor.actions.answering import (
    AlreadyClosed,
    AlreadyTaken,
    SomethingNew,
    acknowledge,
    answer_follow_up,
    document,
    is_held,
)
from riskmonitor.actions.canaries import (
    begin_canary_run,
    end_canary_run,
    note_arrival,
    note_worker,
    prepare_canaries,
    write_past_the_web,
)
from riskmonitor.actions.climbing import climb
from riskmonitor.actions.closing import (
    OutcomeRefused,
    close_flag,
    contact_counts_from,
    outcome_faults,
    outcomes_for,
)
from riskmonitor.actions.covering import (
    close_to_who_left,
    hand_over,
    let_hub_go,
    let_hub_help,
    let_leave,
    let_take_over,
)
from riskmonitor.actions.elsewhere import call_at_once, note_unsaved
from riskmonitor.actions.first_reading import note_read
from riskmonitor.actions.gaps import (
    ReadAtOnce,
    check_clinic,
    check_patient,
    note_cover_checks,
    patients_to_check,
    read_at_once,
)
from riskmonitor.actions.handing import NotThere, NotYours, assign, pass_on
from riskmonitor.actions.hours import let_hours_count
from riskmonitor.actions.interviewing import note_interview
from riskmonitor.actions.planning import PlanChangedMeanwhile, PlanRefused, save_plan
from riskmonitor.actions.raising import raise_flag, raise_flags, raise_uncovered, raise_unscreenable
from riskmonitor.actions.reaching import TryRefused, not_reached, remind
from riskmonitor.actions.reopening import ReopenRefused, reopen
from riskmonitor.actions.trying import order_dry_run

__all__ = [
    "ActivationRefused",
    "AlreadyClosed",
    "AlreadyTaken",
    "NotThere",
    "NotYours",
    "OutcomeRefused",
    "PlanChangedMeanwhile",
    "PlanRefused",
    "ReadAtOnce",
    "Refusal",
    "ReopenRefused",
    "SomethingNew",
    "TryRefused",
    "acknowledge",
    "activate_rules",
    "activate_shipped",
    "answer_follow_up",
    "assign",
    "begin_canary_run",
    "call_at_once",
    "check_clinic",
    "check_patient",
    "climb",
    "close_flag",
    "close_to_who_left",
    "contact_counts_from",
    "document",
    "dry_run_to_rest_on",
    "end_canary_run",
    "hand_over",
    "is_held",
    "let_hours_count",
    "let_hub_go",
    "let_hub_help",
    "let_leave",
    "let_take_over",
    "not_reached",
    "note_answered",
    "note_arrival",
    "note_cover_checks",
    "note_interview",
    "note_read",
    "note_unsaved",
    "note_worker",
    "open_proposal",
    "order_dry_run",
    "outcome_faults",
    "outcomes_for",
    "pass_on",
    "patients_to_check",
    "prepare_canaries",
    "propose_rules",
    "raise_flag",
    "raise_flags",
    "raise_uncovered",
    "raise_unscreenable",
    "read_at_once",
    "remind",
    "reopen",
    "save_plan",
    "spoilt_dry_run",
    "write_past_the_web",
]
