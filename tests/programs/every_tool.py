"""A module that has every tool, open for Anna."""

from __future__ import annotations

from programs.actions import open_module
from programs.models import Module, Step, Treatment
from programs.tools import tools
from tests.cast import NOW, Cast
from tests.gated import tick_tool_gates


def open_every_tool(cast: Cast) -> Treatment:
    """Give Anna's treatment a module with every tool that is built, and return the treatment."""
    every = [tool.id for tool in tools().values() if tool.built]
    module = Module.objects.create(
        revision=cast.revision, number=3, slug="alla", title="Alla", aim="Du provar.", short=None, notes=[],
        facts={"minutes": {"read": 10, "do": 10, "daily": 5}, "week": 3, "tools": every, "gates": []},
    )  # fmt: skip
    Step.objects.create(treatment=cast.annas, module=module)
    tick_tool_gates(cast.annas, cast.berit)
    open_module(treatment=cast.annas, module=module, by=cast.berit, now=NOW)
    return cast.annas
