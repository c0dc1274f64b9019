from __future__ import annotations

from riskmonitor.models.canary import CanaryRun
from riskmonitor.models.chain import ChainCheck, CoverCheck, Heartbeat
from riskmonitor.models.dry_run import DryRun, DryRunDifference
from riskmonitor.models.flag import Flag
from riskmonitor.models.interview import Interview
from riskmonitor.models.plan import EscalationPlan
from riskmonitor.models.raised_flag import RaisedFlag
from riskmonitor.models.rescan import Rescan
from riskmonitor.models.rule_set import RuleActivation, RuleProposal
from riskmonitor.models.trail import FlagEvent, FlagFinding, FlagStep

__all__ = [
    "CanaryRun",
    "ChainCheck",
    "CoverCheck",
    "DryRun",
    "DryRunDifference",
    "EscalationPlan",
    "Flag",
    "FlagEvent",
    "FlagFinding",
    "FlagStep",
    "Heartbeat",
    "Interview",
    "RaisedFlag",
    "Rescan",
    "RuleActivation",
    "RuleProposal",
]
