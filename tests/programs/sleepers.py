"""Patients who keep a sleep diary: the module that gives it, and nights that are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from programs.actions import open_module, send_tool_entry
from programs.models import Module, Page, Step, Treatment
from tests.cast import NOW, Cast
from tests.gated import tick_tool_gates

NIGHT: dict[str, Any] = {"date": "2026-11-20", "bed": "23:00", "to_sleep": 30, "awake": 30, "rise": "07:00"}


def keeps_a_diary(cast: Cast, treatment: Treatment | None = None) -> Treatment:
    """Open a module with the sleep diary for Anna, or for another patient."""
    treatment = treatment or cast.annas
    module = _module(cast, 3, ["sleep_diary", "relapse_plan"], [])
    _open(treatment, module, cast)
    return treatment


def comes_to_the_window(cast: Cast, treatment: Treatment | None = None, *, is_open: bool = True) -> Treatment:
    """Give the treatment the module with the gate before the sleep window, open or next to open."""
    treatment = treatment or cast.annas
    module = _module(cast, 4, ["sleep_diary"], ["sleep-window-ok"])
    if is_open:
        tick_tool_gates(treatment, cast.berit)
        _open(treatment, module, cast)
    else:
        Step.objects.create(treatment=treatment, module=module)
    return treatment


def tell_nights(treatment: Treatment, count: int, *, last: date = date(2026, 11, 20), **instead: Any) -> None:
    """Tell so many nights, the last of them on this morning."""
    for back in range(count):
        entry = NIGHT | {"date": (last - timedelta(days=back)).isoformat()} | instead
        by = treatment.patient.user
        send_tool_entry(treatment=treatment, tool="sleep_diary", entry=entry, key=uuid4(), by=by, now=NOW)


def seven_nights(cast: Cast) -> Treatment:
    """Let Anna come to the window and tell seven nights of eight hours in bed and seven asleep."""
    keeps_a_diary(cast)
    treatment = comes_to_the_window(cast)
    tell_nights(treatment, 7)
    return treatment


def _module(cast: Cast, number: int, tools: list[str], gates: list[str]) -> Module:
    facts = {"minutes": {"read": 10, "do": 10, "daily": 5}, "week": number, "tools": tools, "gates": gates}
    module, new = Module.objects.get_or_create(
        revision=cast.revision, number=number, slug=f"del-{number}",
        defaults={"title": "Sova", "aim": "Du provar.", "facts": facts, "short": None, "notes": []},
    )  # fmt: skip
    if new:
        Page.objects.create(module=module, number=1, slug="forsta", title="Sova", blocks=[])
    return module


def _open(treatment: Treatment, module: Module, cast: Cast) -> None:
    Step.objects.get_or_create(treatment=treatment, module=module)
    for step in treatment.steps.filter(module__number__lt=module.number, opened_at=None):
        open_module(treatment=treatment, module=step.module, by=cast.berit, now=NOW)
    open_module(treatment=treatment, module=module, by=cast.berit, now=NOW)
