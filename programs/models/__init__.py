from __future__ import annotations

from programs.models.content import Module, Page, Programme, Revision
from programs.models.sent import Draft, Submission
from programs.models.treatment import Assessment, Step, Treatment
from programs.models.wording import Wording

__all__ = [
    "Assessment",
    "Draft",
    "Module",
    "Page",
    "Programme",
    "Revision",
    "Step",
    "Submission",
    "Treatment",
    "Wording",
]
