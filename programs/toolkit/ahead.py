"""What the plan ahead has of its own: the lines that were collected, and the plan as it was last saved in the form."""

from __future__ import annotations

from typing import Any

from programs.forms.tools import typed_entry
from programs.toolkit.part import Look, ToolPart
from programs.tools import EntryKind


def _initial(look: Look, kind: EntryKind) -> dict[str, Any]:
    """Return the plan as it was last saved: each save is the whole plan."""
    return typed_entry(kind, look.entries[0].data) if look.entries else {}


def _panel(look: Look) -> dict[str, Any]:
    return {"plan": look.own}


PARTS = {
    "relapse_plan": ToolPart(
        week=lambda look: "", chart=lambda look: None, panel=_panel, initial=_initial, is_whole=True
    )
}
