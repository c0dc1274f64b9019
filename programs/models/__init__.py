from __future__ import annotations

from programs.models.content import Module, Page, Programme, Revision
from programs.models.kept import KeptLine
from programs.models.plan import GateCheck, PlanChange
from programs.models.sent import Draft, Submission
from programs.models.sleep import SleepWindow
from programs.models.treatment import Assessment, Step, Treatment

__all__ = [
    "Assessment",
    "Draft",
    "GateCheck",
    "KeptLine",
    "Module",
    "Page",
    "PlanChange",
    "Programme",
    "Revision",
    "SleepWindow",
    "Step",
    "Submission",
    "Treatment",
]
