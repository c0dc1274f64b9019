"""One visit to a tool: what the address says, what was recorded before, and what stands in the form."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest
from django.utils import timezone
from django.utils.translation import get_language

from programs.actions import tool_form_key
from programs.doors import own_treatment, tools_on_way
from programs.forms.tools import typed_entry
from programs.library_format.blocks import Tool
from programs.models import Step, Submission, Treatment
from programs.pages.reading import ModuleReading
from programs.pages.recall import withheld_words
from programs.toolkit import Look, ToolPart, part_of
from programs.toolkit.entries import Recorded, title_of
from programs.toolkit.records import recorded
from programs.toolkit.tool_rows import own_rows
from programs.tools import EntryKind, ToolSchema, texts
from programs.treatment.standing import Standing

SUGGESTED = 8
SUGGESTIONS = "suggestions"  # id of the list of words to choose from
REUSED = ("mood_log", "week_planner")  # tools where what was written before is offered again


@dataclass
class Visit:
    """Whose tool, when, and what was recorded with it before (newest first)."""

    treatment: Treatment
    schema: ToolSchema
    now: datetime
    entries: list[Recorded]
    standing: Standing
    asked: dict[str, str] = field(default_factory=dict)

    @property
    def language(self) -> str:
        return current_language()

    @property
    def part(self) -> ToolPart:
        return part_of(self.schema.id)

    @cached_property
    def look(self) -> Look:
        params = dict(self.block.params) if self.block else {}
        own = own_rows(self.schema.id, self.treatment, self.language, timezone.localdate(self.now))
        return Look(self.schema, self.entries, timezone.localtime(self.now), self.language, params, own)

    def entry(self, code: str | None) -> Recorded | None:
        return next((entry for entry in self.entries if entry.code == code), None)

    @property
    def edited(self) -> Recorded | None:
        """Return the entry that is being changed: the one that is asked for, or the only one there may be."""
        only = self.part.only_one
        if "edit" not in self.asked and only is not None and self.asked.get("kind") == only:
            return next(iter(self.look.of_kind(only)), None)
        return self.entry(self.asked.get("edit"))

    @property
    def tells(self) -> bool:
        """Say whether the patient came to tell how it went, rather than to change the entry."""
        return bool(self.edited and "tell" in self.asked and self.kind.waits(self.edited.data))

    @cached_property
    def kind(self) -> EntryKind:
        if self.edited:
            return self.schema.kind_of(self.edited.data)
        return self.schema.kind(self.asked.get("kind", "")) or self._usual_kind

    @property
    def _usual_kind(self) -> EntryKind:
        """Return the first kind until there is one such entry, then the last: a ladder is made once, and used often."""
        return self.schema.kinds[-1 if self.look.of_kind(self.schema.kinds[0].id) else 0]

    @property
    def quick(self) -> tuple[str, ...]:
        """Return the fields at the top of the form."""
        quick = self.kind.quick_for(self.look.params)
        return (*self.kind.follow_up.fields, *quick) if self.tells and self.kind.follow_up else quick

    @property
    def form_key(self) -> str:
        return tool_form_key(self.schema.id, kind=self.kind.id, entry=self.edited.code if self.edited else "")

    @property
    def choices(self) -> dict[str, list[str]]:
        return {name: list(words) for name, words in self.part.choices(self.look, self.kind).items()}

    @property
    def back(self) -> dict[str, str]:
        """Return from which exercise of which module the patient came."""
        return {name: self.asked[name] for name in ("step", "block") if name in self.asked}

    @property
    def query(self) -> str:
        """Return what the form's address says: where the patient came from, and which entry or kind it is about."""
        here = {"kind": self.kind.id} if self.kind.id else {}
        if self.edited:
            here = {"edit": self.edited.code} | ({"tell": "1"} if self.tells else {})
        return urlencode(self.back | here)

    @property
    def step_code(self) -> UUID | None:
        return _code(self.asked.get("step", ""))

    @cached_property
    def _reading(self) -> ModuleReading | None:
        if self.step_code is None:
            return None
        related = ("module__revision", "treatment__patient__user", "treatment__assignment__therapist")
        step: Step | None = (
            self.treatment.steps.open().shown().filter(code=self.step_code).select_related(*related).first()
        )
        return ModuleReading(step, self.now) if step else None

    @cached_property
    def block(self) -> Tool | None:
        """Return the module's exercise from which the patient came."""
        found = self._reading.tool_block(self.asked.get("block", "")) if self._reading else None
        return found if found and found.use == self.schema.id else None

    @cached_property
    def suggested(self) -> list[str]:
        """Return words for what the entry is about: the module's answers that lead here, then what was written before.

        Words that raised a flag which is open still are left out.
        """
        about = self.kind.field(self.kind.about)
        if about is None or about.type != "text":
            return []
        words = self._leading_here
        if self.schema.id in REUSED:
            words += [title_of(self.schema, entry.data, self.language) for entry in self.entries]
        return self._returning(words)[:SUGGESTED]

    @property
    def _leading_here(self) -> list[str]:
        """Return the module's answers that lead to this exercise."""
        return self._reading.suggestions(self.block) if self._reading and self.block else []

    def _returning(self, words: Iterable[str]) -> list[str]:
        """Return each of the words once, without those that raised a flag which is open still."""
        return [each for each in dict.fromkeys(words) if each not in self._hidden]

    @property
    def _rows_begun(self) -> dict[str, str]:
        """Return the answers that lead here as the titles of the first rows, as long as no entry is there."""
        about = self.kind.field(self.kind.about)
        if about is None or about.type != "rows" or self.look.of_kind(self.kind.id):
            return {}
        most = min(about.max or SUGGESTED, int(self.look.params.get("max", SUGGESTED)))
        words = self._returning(self._leading_here)[:most]
        return {f"{about.id}.{row}.{about.fields[0].id}": each for row, each in enumerate(words)}

    @cached_property
    def _hidden(self) -> set[str]:
        return withheld_words(self.treatment)

    @property
    def _free(self) -> Look:
        """Return the look without the entries whose words raised a flag that is open still: they do not return."""
        entries = [
            entry
            for entry in self.entries
            if self._hidden.isdisjoint(words for _path, words in texts(self.schema.id, entry.data))
        ]
        return replace(self.look, entries=entries)

    def initial(self) -> dict[str, Any]:
        """Return what stands in the form: the entry being changed, else what is usual, asked for or chosen."""
        if self.edited:
            return typed_entry(self.kind, self.edited.data)
        clock = {"date": self.look.today.isoformat(), "time": f"{self.look.now:%H:%M}"}
        initial: dict[str, Any] = {each.id: clock[each.type] for each in self.kind.fields if each.fill == "now"}
        initial |= {name: words[0] for name, words in self.choices.items() if len(words) == 1}
        initial |= self._rows_begun | self.part.initial(self.look if self.part.is_whole else self._free, self.kind)
        initial |= {name: str(value) for name, value in self.look.params.items() if self.kind.field(name)}
        return initial | self._chosen()

    def _chosen(self) -> dict[str, str]:
        """Return the words that the patient tapped, by their number: words never stand in an address."""
        chosen = self.asked.get("suggestion", "")
        offered = self.choices.get(self.kind.about) or self.suggested
        if chosen.isascii() and chosen.isdigit() and len(chosen) < 3 and int(chosen) < len(offered):
            return {self.kind.about: offered[int(chosen)]}
        return {}

    def replaces(self) -> Submission | None:
        """Return the row of the first version of the entry being changed."""
        return self.treatment.submissions.get(code=self.edited.code) if self.edited else None


def enter(request: HttpRequest, tool: str, now: datetime) -> Visit:
    """Return the visit of the signed-in patient; 404 for a tool or an entry that is not there.

    A tool that left the way with its module is there still when something is posted to it: nothing typed may be lost.
    """
    treatment = own_treatment(request, what=f"tool:{tool}", now=now)
    on_way = tools_on_way(treatment, also_hidden=request.method == "POST")
    schema = next((each for each in on_way if each.id == tool), None)
    if schema is None:
        raise Http404
    is_off_way = request.method == "POST" and schema not in tools_on_way(treatment)
    standing = Standing(treatment, now, tool=schema.id, is_off_way=is_off_way)
    visit = Visit(treatment, schema, now, recorded(treatment, schema.id), standing, request.GET.dict())
    if "edit" in visit.asked and visit.edited is None:
        raise Http404
    return visit


def _code(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def current_language() -> str:
    return get_language() or "sv"
