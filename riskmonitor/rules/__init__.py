"""Which answers, words and signs of breaking off must be looked at, and how soon (pure). One module for a kind of rule.

Nothing here assesses a patient: a finding says what was marked, written or left undone, and within what time a human
must look. Missing is unknown, never 0. What cannot be understood raises, and the caller raises an `unscreenable` flag.
"""

from __future__ import annotations

from riskmonitor.rules.alerting import REALERT_AFTER, Alerted, worse
from riskmonitor.rules.asking_again import asked_again_findings
from riskmonitor.rules.break_off import Reason, Sign, Signs, Telling, break_off_differences, break_off_findings
from riskmonitor.rules.deterioration import deterioration_findings, rose
from riskmonitor.rules.differing import Change, Difference, Told, differences, is_known
from riskmonitor.rules.help_asked import HELP_ASKED, help_asked_findings
from riskmonitor.rules.kinds import RULES_VERSION, URGENCY_ORDER, BadAnswer, Finding, Kind, UnknownForm, Urgency
from riskmonitor.rules.known_forms import FORMS, ITEM_RULES, Form, ItemRule
from riskmonitor.rules.rule_set import rule_set_hash
from riskmonitor.rules.suicide import (
    FOLLOW_UP,
    FOLLOW_UP_ALARMS,
    draft_is_risky,
    follow_up_findings,
    item_findings,
    text_findings,
)

__all__ = [
    "FOLLOW_UP",
    "FOLLOW_UP_ALARMS",
    "FORMS",
    "HELP_ASKED",
    "ITEM_RULES",
    "REALERT_AFTER",
    "RULES_VERSION",
    "URGENCY_ORDER",
    "Alerted",
    "BadAnswer",
    "Change",
    "Difference",
    "Finding",
    "Form",
    "ItemRule",
    "Kind",
    "Reason",
    "Sign",
    "Signs",
    "Telling",
    "Told",
    "UnknownForm",
    "Urgency",
    "asked_again_findings",
    "break_off_differences",
    "break_off_findings",
    "deterioration_findings",
    "differences",
    "draft_is_risky",
    "follow_up_findings",
    "help_asked_findings",
    "is_known",
    "item_findings",
    "rose",
    "rule_set_hash",
    "text_findings",
    "worse",
]
