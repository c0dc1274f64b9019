from __future__ import annotations

from programs.models.content import CrisisValues, Module, Page, Programme, Revision
from programs.models.editions import Correction, Move
from programs.models.sent import Draft, Submission
from programs.models.treatment import Assessment, Step, Treatment

__all__ = [
    "Assessment",
    "Correction",
    "CrisisValues",
    "Draft",
    "Module",
    "Move",
    "Page",
    "Programme",
    "Revision",
    "Step",
    "Submission",
    "Treatment",
]
