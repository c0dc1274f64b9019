"""Tick a checklist before a module or a tool, and take it back."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from clinics.models import User
from programs.actions.plan import locked, tell_change
from programs.models import GateCheck, PlanChange, Treatment
from programs.treatment.gates import Gate, Gates


class GateClosed(Exception):
    """Something may not be opened: a checklist before it is not ticked. `gates` says which."""

    def __init__(self, gates: tuple[Gate, ...]) -> None:
        super().__init__(", ".join(gate.id for gate in gates))
        self.gates = gates


class GateNotWhole(Exception):
    """A line of the checklist is not ticked, or the programme has no such checklist."""


@transaction.atomic
def tick_gate(*, treatment: Treatment, gate: str, items: Collection[str], by: User, now: datetime) -> None:
    """Open a gate: every line of its checklist must be among `items`. Ticking what is open changes nothing.

    A check of an earlier edition, with other lines, is withdrawn first.
    """
    treatment = locked(treatment)
    found = Gates(treatment).gate(gate)
    if found.is_open:
        return
    if not found.lines or not set(found.lines) <= set(items):
        raise GateNotWhole(gate)
    _withdraw(treatment, gate, by, now)
    GateCheck.objects.create(treatment=treatment, gate=gate, items=list(found.lines), by=by, at=now)
    tell_change(treatment=treatment, kind=PlanChange.Kind.GATE_OPENED, about=gate, by=by, now=now)


@transaction.atomic
def withdraw_gate(*, treatment: Treatment, gate: str, by: User, now: datetime) -> None:
    """Close a gate again, and with it whatever stands behind it. What was sent stays."""
    treatment = locked(treatment)
    if _withdraw(treatment, gate, by, now):
        tell_change(treatment=treatment, kind=PlanChange.Kind.GATE_CLOSED, about=gate, by=by, now=now)


def _withdraw(treatment: Treatment, gate: str, by: User, now: datetime) -> int:
    held = GateCheck.objects.holding().filter(treatment=treatment, gate=gate)
    return held.update(withdrawn_at=now, withdrawn_by=by)
