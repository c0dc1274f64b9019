from __future__ import annotations

from programs.models.content import Module, Page, Programme, Revision
from programs.models.kept import KeptLine
from programs.models.sent import Draft, Submission
from programs.models.sleep import SleepWindow
from programs.models.treatment import Assessment, Step, Treatment

__all__ = [
    "Assessment",
    "Draft",
    "KeptLine",
    "Module",
    "Page",
    "Programme",
    "Revision",
    "SleepWindow",
    "Step",
    "Submission",
    "Treatment",
]
