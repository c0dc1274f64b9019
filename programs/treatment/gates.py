"""Which checklists stand before a module or a tool in one treatment, and whether they are ticked (content guide 2.4).

A gate is declared in the programme and named by its modules and by tools. It is open while every line of the checklist,
as the treatment's own edition words it, is ticked and not withdrawn. A gate that the programme does not declare cannot
be ticked, so it is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from programs.models import Treatment
from programs.tools import tools


@dataclass(frozen=True)
class Gate:
    """One checklist: its lines by language, and in `source` the language in which ticked lines are kept."""

    id: str
    checklist: Mapping[str, tuple[str, ...]]
    source: str
    is_open: bool

    @property
    def lines(self) -> tuple[str, ...]:
        return self.checklist.get(self.source, ())

    def lines_in(self, language: str) -> tuple[str, ...]:
        """Return the lines in the language, else as they were first written."""
        return self.checklist.get(language) or self.lines


class Gated(Protocol):
    """What is asked of a module, be it the model or plain values."""

    @property
    def slug(self) -> str: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


class Gates:
    """The gates of one treatment. One query, none where nothing gated is asked for or the rows were carried along."""

    def __init__(self, treatment: Treatment) -> None:
        facts = treatment.revision.facts
        self._source: str = facts.get("source_language", "sv")
        self._declared: dict[str, Mapping[str, Any]] = {row["id"]: row for row in facts.get("gates") or ()}
        self._treatment = treatment

    @cached_property
    def _ticked(self) -> dict[str, set[str]]:
        carried = vars(self._treatment).get("ticked")
        checks = self._treatment.gate_checks.holding().values("gate", "items") if carried is None else carried
        return {check["gate"]: set(check["items"]) for check in checks}

    @property
    def all(self) -> tuple[Gate, ...]:
        return tuple(map(self.gate, self._declared))

    def gate(self, gate_id: str) -> Gate:
        """Return the gate; one that is not declared has no lines and is closed."""
        declared = self._declared.get(gate_id, {})
        checklist = {language: tuple(lines) for language, lines in declared.get("checklist", {}).items()}
        lines = checklist.get(self._source, ())
        is_open = bool(lines) and set(lines) <= self._ticked.get(gate_id, set())
        return Gate(gate_id, checklist, self._source, is_open)

    def before_module(self, module: Gated) -> tuple[Gate, ...]:
        """Return the gates before a module: those it names, and those declared before it."""
        named = [*(module.facts.get("gates") or ())]
        named += [gate for gate, row in self._declared.items() if row.get("before") == module.slug]
        return self._gates(named)

    def before_tool(self, tool: str, params: Mapping[str, str | int] | None = None) -> tuple[Gate, ...]:
        """Return the gates before a tool; with `params` also those before using it in that way."""
        schema = tools().get(tool)
        return self._gates(schema.gates_for(params or {})) if schema else ()

    def closed_before_module(self, module: Gated) -> tuple[Gate, ...]:
        return closed(self.before_module(module))

    def closed_before_tool(self, tool: str, params: Mapping[str, str | int] | None = None) -> tuple[Gate, ...]:
        return closed(self.before_tool(tool, params))

    def _gates(self, ids: Iterable[str]) -> tuple[Gate, ...]:
        return tuple(map(self.gate, dict.fromkeys(ids)))


def closed(gates: Iterable[Gate]) -> tuple[Gate, ...]:
    return tuple(gate for gate in gates if not gate.is_open)
