"""A programme as read from its folder: facts, modules, pages. Frozen values, plain JSON both ways. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from .blocks import Block, Caution, Json, Note, Phrases, Question, Short, TherapistNote, Tool, block_from_json

B = TypeVar("B", bound=Block)


@dataclass(frozen=True)
class PageFile:
    """One page: id, title (a level-1 heading in the file) and its blocks in order."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    line: int = field(default=0, compare=False)

    def to_json(self) -> Json:
        """Return {"id", "title", "blocks": [block, …]}."""
        return {"id": self.id, "title": self.title, "blocks": [block.to_json() for block in self.blocks]}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> PageFile:
        """Return the page that to_json() wrote."""
        return cls(stored["id"], stored["title"], tuple(block_from_json(block) for block in stored["blocks"]))


@dataclass(frozen=True)
class ModuleFile:
    """One module in one language. minutes has read, do and daily; opens has after (module id or "") and days."""

    id: str
    number: int
    title: str
    aim: str
    week: int
    minutes: Mapping[str, int]
    core: bool
    opens: Mapping[str, Any]
    feedback: str
    uses: tuple[str, ...]
    tools: tuple[str, ...]
    cast: tuple[str, ...]
    gates: tuple[str, ...]
    short: Short | None
    pages: tuple[PageFile, ...]
    notes: tuple[Note, ...]
    path: str = field(default="", compare=False)  # relative to the programme's folder: "sv/03-sma-steg.md"

    def blocks(self, kind: type[B]) -> Iterator[B]:
        """Yield the patient's blocks of one kind, in page order."""
        for page in self.pages:
            for block in page.blocks:
                if isinstance(block, kind):
                    yield block

    @property
    def questions(self) -> tuple[Question, ...]:
        """Return all questions in page order."""
        return tuple(self.blocks(Question))

    @property
    def main_tool(self) -> Tool | None:
        """Return the module's central exercise: its first tool."""
        return next(self.blocks(Tool), None)

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """Return the warnings; they are also shown in the short version."""
        return tuple(self.blocks(Caution))

    def phrases(self, slot: str) -> tuple[str, ...]:
        """Return the therapist's phrases of one slot."""
        return tuple(
            item for note in self.notes if isinstance(note, Phrases) and note.slot == slot for item in note.items
        )

    def note(self, part: str) -> TherapistNote | None:
        """Return the therapist's note of one part, if written."""
        return next((n for n in self.notes if isinstance(n, TherapistNote) and n.part == part), None)


@dataclass(frozen=True)
class CastMember:
    """An invented person who returns through the programme."""

    who: str
    age: int
    about: Mapping[str, str]


@dataclass(frozen=True)
class Gate:
    """A checklist that a therapist ticks before module `before` opens; checklist by language."""

    id: str
    before: str
    checklist: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class ProgrammeFile:
    """One programme. `modules` are ids in order; `texts` the files by language; `facts` all of programme.yaml.

    facts is JSON-safe (dates are ISO text) and holds what has no field of its own: instruments, exclusions,
    step_up, evidence, suited_for, licence, authors, reviewers, changes.
    """

    slug: str
    edition: int
    status: str
    source_language: str
    languages: tuple[str, ...]
    title: Mapping[str, str]
    patient_title: Mapping[str, str]
    summary: Mapping[str, str]
    audience: Mapping[str, Any]
    weeks: Mapping[str, int]
    modules: tuple[str, ...]
    cast: tuple[CastMember, ...]
    gates: tuple[Gate, ...]
    facts: Json
    texts: Mapping[str, tuple[ModuleFile, ...]]
    lines: Mapping[tuple[str | int, ...], int] = field(default_factory=dict, compare=False, repr=False)

    @property
    def is_draft(self) -> bool:
        """Return True while missing parts are warnings only."""
        return self.status == "draft"

    @property
    def source_modules(self) -> tuple[ModuleFile, ...]:
        """Return the modules in the language they were written in, in order."""
        return self.texts.get(self.source_language, ())

    def line(self, *keys: str | int) -> int:
        """Return the line of a key in programme.yaml, or of its nearest parent, else 1."""
        while keys:
            if keys in self.lines:
                return self.lines[keys]
            keys = keys[:-1]
        return 1
