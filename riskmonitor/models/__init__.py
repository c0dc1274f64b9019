from __future__ import annotations

from riskmonitor.models.canary import CanaryRun
from riskmonitor.models.chain import ChainCheck, Heartbeat
from riskmonitor.models.flag import Flag
from riskmonitor.models.plan import EscalationPlan
from riskmonitor.models.rescan import Rescan
from riskmonitor.models.rule_set import RuleActivation, RuleProposal
from riskmonitor.models.trail import FlagEvent, FlagFinding, FlagStep

__all__ = [
    "CanaryRun",
    "ChainCheck",
    "EscalationPlan",
    "Flag",
    "FlagEvent",
    "FlagFinding",
    "FlagStep",
    "Heartbeat",
    "Rescan",
    "RuleActivation",
    "RuleProposal",
]
