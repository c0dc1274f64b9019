"""One entry of a tool as a plain form. Field names are the paths of programs.fields: "what", "goals.0.goal"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.datastructures import MultiValueDict
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst

from programs.fields import DAYS, Field, FieldFault, is_blank
from programs.forms.sentences import sentence
from programs.forms.typed import Typed, as_number, as_time
from programs.toolkit.entries import in_words
from programs.tools import EntryKind, ToolSchema, validate_entry

MOST_ROWS = 10  # of a field that does not say how many
FEWEST_ROWS = 4  # in an empty form


@dataclass(frozen=True)
class Group:
    """Fields that belong together. `id` is the tool's field; `legend` "" for a field that stands alone."""

    id: str
    legend: str
    is_folded: bool
    fields: list[BoundField]


class AnyInput(forms.Field):
    """Takes everything: what may be taken is decided once, by programs.tools. `required` only tells the reader."""

    def clean(self, value: Any) -> Any:
        return value


class ToolForm(forms.Form):
    """`entry` is the cleaned entry of a valid form. `suggestions` is the id of a list of words to choose from.

    `choices` are words for one field to be chosen from instead of written; what stands there already may stay.
    """

    use_required_attribute = False

    def __init__(
        self,
        schema: ToolSchema,
        kind: EntryKind,
        language: str,
        *,
        data: MultiValueDict[str, str] | None = None,
        initial: Typed | None = None,
        quick: tuple[str, ...] = (),
        suggestions: str = "",
        choices: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        super().__init__(data=data, initial=initial or {})
        self.schema, self.kind, self.language = schema, kind, language
        self.quick = tuple(dict.fromkeys(quick or kind.quick))
        self.entry: dict[str, Any] = {}
        for field in self._in_order():
            for name, cell, must in _cells(field, self._rows(field)):
                self._add(cell, name, required=must)
        if suggestions and self.quick[0] in self.fields:
            self.fields[self.quick[0]].widget.attrs["list"] = suggestions
        for name, words in (choices or {}).items():
            self._choose(name, words)

    def _in_order(self) -> list[Field]:
        quick = [field for name in self.quick if (field := self.kind.field(name))]
        return [*quick, *(field for field in self.kind.fields if field.id not in self.quick)]

    def _rows(self, field: Field) -> int:
        """Return how many rows to show: what is filled in and two more, as far as there is room."""
        names = (name.split(".") for name, value in (self.data or self.initial).items() if not is_blank(value))
        filled = [
            int(parts[1]) + 1 for parts in names if len(parts) == 3 and parts[0] == field.id and _is_row(parts[1])
        ]
        return min(field.max or MOST_ROWS, max([FEWEST_ROWS, *(row + 2 for row in filled)]))

    def _choose(self, name: str, words: Sequence[str]) -> None:
        """Let one of the words be chosen for the field; without any, it is written."""
        if name in self.fields and words:
            there = str(self[name].value() or "")
            known = dict.fromkeys(filter(None, [*words, there]))
            options = [("", "–"), *((each, each) for each in known)]
            self.fields[name].widget = forms.Select(attrs={"class": "input"}, choices=options)

    def _add(self, field: Field, name: str, *, required: bool) -> None:
        label = in_words(field.label, self.language)
        widget, must = _widget(field, self.language), field.required and required
        self.fields[name] = AnyInput(label=label, required=must, widget=widget, help_text=self._ends(field))

    def _ends(self, field: Field) -> str:
        if not (field.low and field.high):
            return ""
        low, high = in_words(field.low, self.language), in_words(field.high, self.language)
        return f"{field.min} = {low}, {field.max} = {high}"

    def quick_groups(self) -> list[Group]:
        return [group for group in self._groups() if group.id in self.quick]

    def more_groups(self) -> list[Group]:
        return [group for group in self._groups() if group.id not in self.quick]

    def shows_more(self) -> bool:
        """Say whether the folded fields stand open: one is wrong, or one holds more than today's date or the time."""
        groups = [(group, self.kind.field(group.id)) for group in self.more_groups()]
        return any(
            bound.errors or (bound.value() and not (field and field.fill))
            for group, field in groups
            for bound in group.fields
        )

    def _groups(self) -> list[Group]:
        """Return the fields in order; those of one row together, rows after the first folded while they are empty."""
        together: dict[str, list[BoundField]] = {}
        for bound in self:
            together.setdefault(bound.name.rpartition(".")[0] or bound.name, []).append(bound)
        return [self._group(name, fields) for name, fields in together.items()]

    def _group(self, name: str, fields: list[BoundField]) -> Group:
        field_id, dot, row = name.partition(".")
        if not dot:
            return Group(field_id, "", False, fields)
        label = next(field.label for field in self.kind.fields if field.id == field_id)
        empty = not any(bound.value() or bound.errors for bound in fields)
        return Group(field_id, f"{in_words(label, self.language)} {int(row) + 1}", row != "0" and empty, fields)

    def clean(self) -> dict[str, Any]:
        """Keep the cleaned entry, or add a sentence for each fault."""
        outcome = validate_entry(self.schema.id, entry_in(self.kind, self.data), self.kind.id)
        if isinstance(outcome, list):
            for fault in outcome:
                self._blame(fault)
        else:
            self.entry = outcome
        return self.cleaned_data

    def refuse(self, faults: Sequence[FieldFault]) -> bool:
        """Say why the entry cannot be taken now, though it could at another time. Return whether there was a reason."""
        for fault in faults:
            self._blame(fault)
        return bool(faults)

    def _blame(self, fault: FieldFault) -> None:
        names = [name for name in self.fields if name == fault.field or name.startswith(f"{fault.field}.")]
        field = _field_at(self.kind, fault.field)
        words = (
            sentence(fault.reason, kind=field.type, low=field.min, high=field.max) if field else sentence(fault.reason)
        )
        self.add_error(names[0] if names else None, str(words))


def _is_row(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 3


def _cells(field: Field, rows: int) -> Iterator[tuple[str, Field, bool]]:
    """Yield the inputs of a field as (name, field, whether it must be filled in); rows have one for each cell."""
    if field.type != "rows":
        yield field.id, field, field.required
        return
    for row in range(rows):
        for cell in field.fields:
            yield f"{field.id}.{row}.{cell.id}", cell, row == 0 and bool(field.min)


def _field_at(kind: EntryKind, path: str) -> Field | None:
    name, _row, cell = (*path.split("."), "", "")[:3]
    field = kind.field(name)
    return next((each for each in field.fields if each.id == cell), None) if field and cell else field


def _widget(field: Field, language: str) -> forms.Widget:
    if field.type == "scale":
        return forms.RadioSelect(choices=[(str(n), str(n)) for n in range(field.min or 0, (field.max or 10) + 1)])
    if field.type == "choice":
        return forms.RadioSelect(choices=[(option.id, in_words(option.words, language)) for option in field.options])
    if field.type == "day":
        days = [(day, capfirst(WEEKDAYS[number])) for number, day in enumerate(DAYS)]
        return forms.Select(attrs={"class": "input short"}, choices=[("", "–"), *days])
    if field.type == "long":
        return forms.Textarea(attrs={"class": "input", "rows": 4})
    if field.type == "number":
        limits = {"min": field.min, "max": field.max}
        return forms.TextInput(attrs={"class": "input short", "type": "number", "inputmode": "numeric", **limits})
    if field.type in ("time", "date"):
        return forms.TextInput(attrs={"class": "input short", "type": field.type})
    return forms.TextInput(attrs={"class": "input"})


def entry_in(kind: EntryKind, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was typed as an entry; what is no value stays as it is, to be refused."""
    entry: dict[str, Any] = {}
    for field in kind.fields:
        if field.type == "rows":
            entry[field.id] = [
                {cell.id: _typed_value(cell, data.get(f"{field.id}.{row}.{cell.id}", "")) for cell in field.fields}
                for row in range(field.max or MOST_ROWS)
            ]
        else:
            entry[field.id] = _typed_value(field, data.get(field.id, ""))
    return entry


def _typed_value(field: Field, text: str) -> object:
    if is_blank(text):
        return None
    if field.type in ("scale", "number"):
        return as_number(text)
    return as_time(text) if field.type == "time" else text


def typed_entry(kind: EntryKind, entry: Mapping[str, Any], *, without: tuple[str, ...] = ()) -> Typed:
    """Return a stored entry as the form's fields show it, some fields (also in rows) left empty."""
    shown: Typed = {}
    for field in kind.fields:
        value = entry.get(field.id)
        if value is None or field.id in without:
            continue
        if isinstance(value, list):
            for row, cells in enumerate(value):
                shown |= {f"{field.id}.{row}.{name}": str(cell) for name, cell in cells.items() if name not in without}
        else:
            shown[field.id] = str(value)
    return shown


def moved(entry: Mapping[str, Any], how: str) -> dict[str, Any]:
    """Return the entry with one row one place up or down, such as "steps.2.up"; anything else changes nothing."""
    name, _dot, rest = how.partition(".")
    row, _dot, way = rest.partition(".")
    rows = entry.get(name)
    if not isinstance(rows, list) or not _is_row(row):
        return dict(entry)
    here, there = int(row), int(row) + {"up": -1, "down": 1}.get(way, 0)
    if not (0 <= here < len(rows) and 0 <= there < len(rows)):
        return dict(entry)
    order = list(rows)
    order[here], order[there] = order[there], order[here]
    return {**entry, name: order}
