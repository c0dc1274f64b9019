"""Whether a module or a tool can be worked with now, and if not, why in the patient's words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cached_property

from django.utils.translation import gettext as _

from programs.doors import may_write
from programs.models import Step, Treatment
from programs.treatment.gates import Gates
from programs.treatment.readers import ReadsNow, reads_now


class Shut(StrEnum):
    """Why nothing can be written."""

    ENDED = "ended"
    HIDDEN = "hidden"
    GATE = "gate"


class Standing:
    """One patient's way to a module or a tool. `reader` is who reads now; is_off_way: its module was taken out."""

    def __init__(
        self, treatment: Treatment, now: datetime, *, step: Step | None = None, tool: str = "", is_off_way: bool = False
    ) -> None:
        self.treatment, self.now, self.step, self.is_off_way = treatment, now, step, is_off_way
        self.shut = self._shut(tool)

    def _shut(self, tool: str) -> Shut | None:
        if not may_write(self.treatment):
            return Shut.ENDED
        if self.step and self.step.hidden_at:
            return Shut.HIDDEN
        gates = Gates(self.treatment)
        standing = gates.closed_before_module(self.step.module) if self.step else gates.closed_before_tool(tool)
        if standing:
            return Shut.GATE
        return Shut.HIDDEN if self.is_off_way else None

    @cached_property
    def reader(self) -> ReadsNow:
        return reads_now(self.treatment, self.now)

    @property
    def may_write(self) -> bool:
        return self.shut is None

    @property
    def is_gated(self) -> bool:
        return self.shut == Shut.GATE

    @property
    def why(self) -> str:
        """Return why nothing can be written. Asked where nothing could: what ended meanwhile has ended."""
        if self.shut == Shut.HIDDEN:
            return _("This part is not in your plan any more. %(name)s can tell you more.") % {"name": self.reader.name}
        if self.shut == Shut.GATE:
            return waits_for_gate(self.reader.name)
        return _(
            "Your treatment has ended. You can read everything here, but nothing new can be sent. If you need help,"
            " contact your clinic."
        )


def waits_for_gate(name: str) -> str:
    """Return what the patient reads where a checklist is not ticked: never that something is locked."""
    return _("%(name)s opens this when you have gone through some questions together.") % {"name": name}
