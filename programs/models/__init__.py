from __future__ import annotations

from programs.models.content import CrisisValues, Module, Page, Programme, Revision
from programs.models.editions import Correction, Move
from programs.models.handover import HandoverNote
from programs.models.kept import KeptLine
from programs.models.plan import GateCheck, PlanChange
from programs.models.sent import Draft, Submission
from programs.models.sleep import SleepWindow
from programs.models.treatment import Assessment, Step, Treatment
from programs.models.wording import Wording

__all__ = [
    "Assessment",
    "Correction",
    "CrisisValues",
    "Draft",
    "GateCheck",
    "HandoverNote",
    "KeptLine",
    "Module",
    "Move",
    "Page",
    "PlanChange",
    "Programme",
    "Revision",
    "SleepWindow",
    "Step",
    "Submission",
    "Treatment",
    "Wording",
]
