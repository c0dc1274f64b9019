"""What each tool has of its own: the week in a sentence, the chart, and what stands above its form."""

from __future__ import annotations

from programs.toolkit import ahead, approach, everyday, pace, sleep, thoughts
from programs.toolkit.part import Chart, Look, Timer, ToolPart

__all__ = ["PARTS", "Chart", "Look", "Timer", "ToolPart", "part_of"]

PARTS: dict[str, ToolPart] = everyday.PARTS | thoughts.PARTS | approach.PARTS | pace.PARTS | sleep.PARTS | ahead.PARTS


def part_of(tool: str) -> ToolPart:
    """Return what the tool has of its own; most of it fits any tool."""
    return PARTS.get(tool, ToolPart())
