"""A patient's way through the programme as the therapist's switches show it. Reads only: four queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, QuerySet

from clinics.models import Patient, User
from programs.doors import tools_in
from programs.forms.way import DateForm, HideForm
from programs.models import PlanChange, Step, Submission, Treatment
from programs.toolkit.entries import in_words
from programs.tools import ToolSchema, tools
from programs.treatment.changes import ChangeInWords, told
from programs.treatment.gates import Gate, Gates

SHOWN = 50  # changes on the page


@dataclass(frozen=True)
class Row:
    """One module with what can be done to it. `gates` are those before it that are closed."""

    step: Step
    place: int
    gates: tuple[Gate, ...]
    was_sent: bool
    is_core: bool
    hide: HideForm
    date: DateForm
    earlier: int | None
    later: int | None

    @property
    def may_open(self) -> bool:
        return self.step.opened_at is None and self.step.hidden_at is None and not self.gates

    @property
    def may_repeat(self) -> bool:
        return self.step.sent_at is not None and self.step.hidden_at is None

    @property
    def waits_again(self) -> bool:
        """Say whether it was sent before and is to be done once more."""
        return self.was_sent and self.step.sent_at is None

    @property
    def is_faulty(self) -> bool:
        return bool(self.hide.errors or self.date.errors)


@dataclass(frozen=True)
class Checklist:
    """A gate as the page shows it: its lines in the reader's language, and what stands behind it."""

    gate: Gate
    lines: tuple[str, ...]
    before: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    rows: Sequence[Row]
    checklists: Sequence[Checklist]
    addable: Sequence[tuple[str, str]]
    changes: Sequence[tuple[ChangeInWords, PlanChange]]


def latest_treatment(patient: Patient, user: User) -> Treatment | None:
    """Return the patient's latest treatment with what the way shows of it. One query."""
    found = Treatment.objects.visible_to(user).filter(patient=patient)
    return found.select_related("revision__programme", "assignment__therapist").order_by("-planned_at", "-pk").first()


def read_way(treatment: Treatment, language: str, today: date, forms: Mapping[str, HideForm | DateForm]) -> Way:
    """Return the way; `forms` holds a form that was refused, by "hide:<code>" or "date:<code>"."""
    gates = Gates(treatment)
    steps = list(_steps(treatment))
    changes = list(treatment.plan_changes.select_related("by", "step__module")[:SHOWN])
    rows = [_row(number, step, len(steps), gates, today, forms) for number, step in enumerate(steps, start=1)]
    held = {schema.id for schema in _tools_held(steps, changes)}
    addable = [
        (schema.id, in_words(schema.name, language))
        for schema in tools().values()
        if schema.built and schema.id not in held
    ]
    return Way(rows, _checklists(gates, steps, language), addable, [(told(each, language), each) for each in changes])


def _steps(treatment: Treatment) -> QuerySet[Step]:
    """Return the modules in the patient's order, each with whether it was ever sent."""
    sent = Submission.objects.filter(
        treatment=OuterRef("treatment"), kind=Submission.Kind.MODULE, form=OuterRef("module__slug")
    )
    steps = treatment.steps.select_related("module").defer("module__notes", "module__short")
    return steps.annotate(was_sent=Exists(sent)).in_order()


def _tools_held(steps: Sequence[Step], changes: Sequence[PlanChange]) -> list[ToolSchema]:
    listed = [step.module.facts.get("tools") for step in steps if step.opened_at and not step.hidden_at]
    added = [change.about for change in changes if change.kind == PlanChange.Kind.TOOL_ADDED]
    return tools_in([*listed, added])


def _row(
    place: int, step: Step, last: int, gates: Gates, today: date,
    forms: Mapping[str, HideForm | DateForm],
) -> Row:  # fmt: skip
    hide, day = forms.get(f"hide:{step.code}"), forms.get(f"date:{step.code}")
    is_core = bool(step.module.facts.get("core"))
    return Row(
        step=step,
        place=place,
        gates=gates.closed_before_module(step.module),
        was_sent=vars(step)["was_sent"],
        is_core=is_core,
        hide=hide if isinstance(hide, HideForm) else HideForm(is_core=is_core, auto_id=f"hide_{place}_%s"),
        date=day if isinstance(day, DateForm) else DateForm(today=today, auto_id=f"date_{place}_%s"),
        earlier=place - 1 if place > 1 else None,
        later=place + 1 if place < last else None,
    )


def _checklists(gates: Gates, steps: Sequence[Step], language: str) -> list[Checklist]:
    """Return the programme's gates with the modules and tools behind each."""
    found = []
    for gate in gates.all:
        behind = [step.module.title for step in steps if gate in gates.before_module(step.module)]
        behind += [in_words(schema.name, language) for schema in tools().values() if gate.id in schema.gates]
        found.append(Checklist(gate, gate.lines_in(language), tuple(behind)))
    return found
