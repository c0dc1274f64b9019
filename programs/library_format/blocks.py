"""The blocks a page is made of, as frozen values that travel as plain JSON. Pure.

Schema of one stored block: an object with "type" (the key in BLOCK_TYPES) and the fields of that dataclass by name:

    {"type": "text", "html": "<p>…</p>"}
    {"type": "example", "who": "Mehdi", "age": 29, "html": "<p>…</p>"}
    {"type": "question", "id": "ork", "kind": "scale", "prompt": "Hur …?", "prompt_html": "<p>Hur …?</p>",
     "options": [{"id": "musik", "text": "Lyssna …"}], "min": 0, "max": 10, "low": "…", "high": "…",
     "required": false, "prefill": ["kartlagg.lyft"], "keep": ""}
    {"type": "tool", "id": "plan", "use": "week_planner", "params": {"kind": "activity", "min": 2},
     "prefill": ["skont"], "instruction": "Skriv …", "instruction_html": "<p>…</p>"}
    {"type": "recall", "address": "kartlagg.lyft", "empty": "…", "lead": "…", "html": "<p>…</p>"}
    {"type": "warning", "kind": "care", "ack": false, "html": "…"}    {"type": "more", "title": "…", "html": "…"}
    {"type": "summary", "items": ["…"]}    {"type": "send", "html": "…"}
    {"type": "short", "does": "plan", "html": "…"}
    {"type": "audio", "src": "media/x.mp3", "minutes": 3, "html": "transcript"}
    {"type": "therapist", "part": "look", "html": "…"}    {"type": "phrases", "slot": "vagled", "items": ["…"]}

Fields that end in html hold safe HTML made from the text at load time (no raw HTML, headings of level 2 only);
every other string is plain text and must be escaped when shown. Both may hold placeholders such as {{behandlare}},
see placeholders.py. Where a block stood in its file (line, passages) is for the checker and is not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Self

Json = dict[str, Any]


@dataclass(frozen=True)
class Passage:
    """One paragraph or list item as plain text, with its line in the file (1-based)."""

    line: int
    text: str


@dataclass(frozen=True)
class BulletList:
    """One list: its line (1-based), how many items it has, and whether a paragraph stands right before it."""

    line: int
    items: int
    introduced: bool


@dataclass(frozen=True)
class Origin:
    """Where a block was written: line (1-based), its passages and its bullet lists."""

    line: int = 0
    passages: tuple[Passage, ...] = ()
    lists: tuple[BulletList, ...] = ()


NOWHERE = Origin()


@dataclass(frozen=True)
class Option:
    """One answer to choose, with an id that stays the same in every language and edition."""

    id: str
    text: str


@dataclass(frozen=True)
class Block:
    """What all blocks share."""

    type: ClassVar[str] = ""
    origin: Origin = field(default=NOWHERE, compare=False, repr=False, kw_only=True)

    def to_json(self) -> Json:
        """Return the block as plain data, ready to be stored."""
        stored = {item.name: _plain(getattr(self, item.name)) for item in fields(self) if item.name != "origin"}
        return {"type": self.type, **stored}

    @classmethod
    def build(cls, stored: Mapping[str, Any]) -> Self:
        """Make the block from plain data; raises KeyError when a field is missing."""
        return cls(**{item.name: _frozen(stored[item.name]) for item in fields(cls) if item.name != "origin"})


@dataclass(frozen=True)
class Text(Block):
    """Running text between directives."""

    type = "text"
    html: str


@dataclass(frozen=True)
class Short(Block):
    """The five-minute version; does = id of the tool or question it opens."""

    type = "short"
    does: str
    html: str


@dataclass(frozen=True)
class Example(Block):
    """A story about one of the programme's invented persons."""

    type = "example"
    who: str
    age: int
    html: str


@dataclass(frozen=True)
class Question(Block):
    """A question to the patient. Kinds and the shape of their answers: see answers.py.

    Scales have min and max (0 to 10 unless said), numbers too, prefill lists addresses of earlier answers,
    keep = "relapse_plan" also places the answer in the patient's plan.
    """

    type = "question"
    id: str
    kind: str
    prompt: str
    prompt_html: str
    options: tuple[Option, ...] = ()
    min: int | None = None
    max: int | None = None
    low: str = ""
    high: str = ""
    required: bool = False
    prefill: tuple[str, ...] = ()
    keep: str = ""

    @classmethod
    def build(cls, stored: Mapping[str, Any]) -> Self:
        """Make the question from plain data; raises KeyError when a field is missing."""
        options = tuple(Option(item["id"], item["text"]) for item in stored["options"])
        return super().build({**stored, "options": options})


@dataclass(frozen=True)
class Tool(Block):
    """An exercise with one of the platform's tools; params are the tool's own (see programs/tools.py)."""

    type = "tool"
    id: str
    use: str
    params: Mapping[str, str | int]
    prefill: tuple[str, ...]
    instruction: str
    instruction_html: str


@dataclass(frozen=True)
class Recall(Block):
    """An earlier answer shown again; address = "module.question"; empty = what is said when there is none."""

    type = "recall"
    address: str
    empty: str
    lead: str
    html: str


@dataclass(frozen=True)
class Caution(Block):
    """A warning, also part of the short version; ack = the patient must tick that it was read."""

    type = "warning"
    kind: str
    ack: bool
    html: str


@dataclass(frozen=True)
class More(Block):
    """Voluntary depth, closed by default."""

    type = "more"
    title: str
    html: str


@dataclass(frozen=True)
class Summary(Block):
    """Three to five lines to keep."""

    type = "summary"
    items: tuple[str, ...]


@dataclass(frozen=True)
class Send(Block):
    """What is sent, and to whom; the send button stands here."""

    type = "send"
    html: str


@dataclass(frozen=True)
class Audio(Block):
    """A recording with its full transcript."""

    type = "audio"
    src: str
    minutes: int
    html: str


@dataclass(frozen=True)
class TherapistNote(Block):
    """Notes for staff only; part = look, affirm, problems or safety."""

    type = "therapist"
    part: str
    html: str


@dataclass(frozen=True)
class Phrases(Block):
    """Openings for the therapist's reply, staff only; slot = bekrafta, uppmuntra, vagled or nasta_steg."""

    type = "phrases"
    slot: str
    items: tuple[str, ...]


Note = TherapistNote | Phrases

BLOCK_TYPES: dict[str, type[Block]] = {
    kind.type: kind
    for kind in (
        Text, Short, Example, Question, Tool, Recall, Caution, More, Summary, Send, Audio, TherapistNote, Phrases,
    )
}  # fmt: skip


def block_from_json(stored: Mapping[str, Any]) -> Block:
    """Return the block that to_json() wrote; raises KeyError for an unknown type or a missing field."""
    return BLOCK_TYPES[stored["type"]].build(stored)


def _plain(value: Any) -> Any:
    if isinstance(value, Option):
        return asdict(value)
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return dict(value) if isinstance(value, Mapping) else value


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
