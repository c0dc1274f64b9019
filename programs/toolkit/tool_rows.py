"""What some tools keep beside their entries: the sleep window, the lines of the plan. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from programs.models import Treatment
from programs.plans.plan_ahead import PlanAhead
from programs.plans.sleep_windows import window_on

ROWS: Mapping[str, Callable[[Treatment, str, date], Any]] = {
    "sleep_diary": lambda treatment, language, today: window_on(treatment, today),
    "relapse_plan": lambda treatment, language, today: PlanAhead(treatment, language),
}


def own_rows(tool: str, treatment: Treatment, language: str, today: date) -> Any:
    """Return the tool's own rows for one patient, None for a tool that has none."""
    return ROWS[tool](treatment, language, today) if tool in ROWS else None
