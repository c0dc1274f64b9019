"""The crisis plan as a plain form: a box for each step, rows for people. `plan` is the cleaned plan of a valid form."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField

from programs.fields import Field, FieldFault
from programs.forms.sentences import sentence
from programs.forms.typed import Typed
from programs.plans.crisis_plan import CrisisStep, steps, validate
from programs.toolkit.entries import in_words


@dataclass(frozen=True)
class StepFields:
    """One step with its fields: one box, or a name and a number for each person."""

    label: str
    hint: str
    fields: list[BoundField]
    is_people: bool


class CrisisPlanForm(forms.Form):
    """Takes everything: what may be taken is decided once, by programs.plans.crisis_plan."""

    use_required_attribute = False

    def __init__(self, language: str, *, data: Any = None, initial: Typed | None = None) -> None:
        super().__init__(data=data, initial=initial or {})
        self.language = language
        self.plan: dict[str, Any] = {}
        for step in steps():
            if step.field:
                self._add(step, step.field)

    def _add(self, step: CrisisStep, field: Field) -> None:
        if field.type != "rows":
            box = forms.Textarea(attrs={"class": "input", "rows": 3})
            self.fields[field.id] = forms.Field(label=in_words(step.label, self.language), required=False, widget=box)
            self.fields[field.id].help_text = in_words(step.hint, self.language)
            return
        for row in range(field.max or 0):
            for cell in field.fields:
                line = forms.TextInput(attrs={"class": "input", "type": "tel" if cell.id == "phone" else "text"})
                label = f"{in_words(cell.label, self.language)} {row + 1}"
                self.fields[f"{field.id}.{row}.{cell.id}"] = forms.Field(label=label, required=False, widget=line)

    def steps(self) -> Iterator[StepFields]:
        """Return the fields step by step, in order."""
        for step in steps():
            names = [name for name in self.fields if name.partition(".")[0] == step.id]
            if names:
                label, hint = in_words(step.label, self.language), in_words(step.hint, self.language)
                yield StepFields(label, hint, [self[name] for name in names], len(names) > 1)

    def clean(self) -> dict[str, Any]:
        """Keep the cleaned plan, or add a sentence for each fault."""
        outcome = validate(plan_in(self.data))
        if isinstance(outcome, list):
            for fault in outcome:
                self._blame(fault)
        else:
            self.plan = outcome
        return self.cleaned_data

    def _blame(self, fault: FieldFault) -> None:
        if fault.reason == "empty":
            self.add_error(None, str(sentence(fault.reason)))
            return
        kind = "text" if "." in fault.field else "long"
        self.add_error(fault.field if fault.field in self.fields else None, str(sentence(fault.reason, kind=kind)))


def plan_in(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as a plan."""
    plan: dict[str, Any] = {}
    for step in steps():
        if step.field and step.field.type == "rows":
            plan[step.id] = [
                {cell.id: data.get(f"{step.id}.{row}.{cell.id}", "") for cell in step.field.fields}
                for row in range(step.field.max or 0)
            ]
        elif step.field:
            plan[step.id] = data.get(step.id, "")
    return plan


def typed_plan(plan: Mapping[str, Any]) -> Typed:
    """Return a stored plan as the form's fields show it."""
    typed: Typed = {}
    for name, value in plan.items():
        if isinstance(value, list):
            typed |= {f"{name}.{row}.{cell}": text for row, cells in enumerate(value) for cell, text in cells.items()}
        else:
            typed[name] = value
    return typed
