"""Forms made from programme text and from the tools' fields. What may be taken is decided by the pure modules."""

from __future__ import annotations

from programs.forms.questions import PageForm
from programs.forms.tools import ToolForm

__all__ = ["PageForm", "ToolForm"]
