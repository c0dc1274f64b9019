"""Make one block from a directive's attributes and the tokens of its body. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from . import blocks
from .blocks import Block, Option, Origin
from .faults import Fault, did_you_mean, fault, texts
from .markup import BadAttributes, attributes, bullet_lists, html, passages, plain, split_tail

QUESTION_KINDS = ("text", "long", "pick", "choice", "multi", "scale", "number", "yesno", "time", "date")
KINDS_WITH_OPTIONS = ("pick", "choice", "multi")
WARNING_KINDS = ("care", "driving", "medical", "exposure", "other")
NOTE_PARTS = ("look", "affirm", "problems", "safety")
PHRASE_SLOTS = ("bekrafta", "uppmuntra", "vagled", "nasta_steg")

NUMBER_MAX = 9999  # no question of ours has a larger answer that could be meant

ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

_TOOL_OWN = ("id", "use", "prefill")  # every other attribute is a parameter of the tool itself
_ATTRIBUTES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {  # directive: (required, optional)
    "short": (("does",), ()),
    "example": (("who", "age"), ()),
    "question": (("type",), ("id", "min", "max", "low", "high", "required", "prefill", "keep")),
    "recall": (("from", "empty"), ()),
    "warning": (("kind",), ("ack",)),
    "more": (("title",), ()),
    "summary": ((), ()),
    "send": ((), ()),
    "audio": (("src", "minutes"), ()),
    "therapist": (("part",), ()),
    "phrases": (("slot",), ()),
}
_CHOICES = {
    ("warning", "kind"): WARNING_KINDS,
    ("warning", "ack"): ("yes",),
    ("therapist", "part"): NOTE_PARTS,
    ("phrases", "slot"): PHRASE_SLOTS,
    ("question", "required"): ("yes",),
    ("question", "keep"): ("relapse_plan",),
}


@dataclass
class Directive:
    """One directive as found in a file: its name, line, attributes and body tokens, and the faults found in it."""

    name: str
    line: int
    file: str
    body: Sequence[Token]
    given: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def blame(self, key: str, **values: object) -> None:
        """Add a fault at the directive's own line."""
        self.faults.append(fault(key, self.file, self.line, **values))

    def number(self, name: str, low: int, high: int, default: int) -> int:
        """Return an attribute as a whole number from low to high, else blame it and return the default."""
        value = self.given.get(name)
        if value is None:
            return default
        if re.fullmatch(r"\d{1,4}", value) and low <= int(value) <= high:
            return int(value)
        self.blame("D03.value", attribute=name, value=value, expected=texts()["kind.range"].format(low=low, high=high))
        return default

    def addresses(self) -> tuple[str, ...]:
        """Return the addresses in prefill."""
        return tuple(part.strip() for part in self.given.get("prefill", "").split(",") if part.strip())

    @property
    def origin(self) -> Origin:
        return Origin(self.line, passages(self.body), bullet_lists(self.body))

    @property
    def text(self) -> str:
        """Return the body's words in one line."""
        return " ".join(passage.text for passage in passages(self.body))


def build(directive: Directive, info: str) -> Block:
    """Return the block; what is wrong with it is added to directive.faults and replaced by a harmless value."""
    try:
        directive.given = attributes(info)
    except BadAttributes as bad:
        directive.blame(bad.key, name=directive.name, attribute=bad.attribute)
    else:
        _check_attributes(directive)
    return _BUILDERS[directive.name](directive)


def _check_attributes(directive: Directive) -> None:
    name, given = directive.name, directive.given
    if name == "tool":
        if "use" not in given:
            directive.blame("D03.missing", name=name, attribute="use")
    else:
        required, optional = _ATTRIBUTES[name]
        for attribute in required:
            if attribute not in given:
                directive.blame("D03.missing", name=name, attribute=attribute)
        known = (*required, *optional)
        for attribute in given:
            if attribute not in known:
                directive.blame("D03.unknown", name=name, attribute=attribute, hint=did_you_mean(attribute, known))
    for attribute, value in given.items():
        choices = _CHOICES.get((name, attribute))
        if choices and value not in choices:
            directive.blame("D03.value", attribute=attribute, value=value, expected=", ".join(choices))


def _question(directive: Directive) -> blocks.Question:
    given, kind = directive.given, directive.given.get("type", "text")
    if kind not in QUESTION_KINDS:
        directive.blame("Q02.unknown", kind=kind, hint=did_you_mean(kind, QUESTION_KINDS))
    for attribute in ("min", "max", "low", "high"):
        allowed = ("scale", "number") if attribute in ("min", "max") else ("scale",)
        if attribute in given and kind in QUESTION_KINDS and kind not in allowed:
            directive.blame("D03.not_for_type", attribute=attribute, kind=kind)
    prompt, options = _prompt_and_options(directive)
    if kind in KINDS_WITH_OPTIONS and len(options) < 2:
        directive.blame("Q02.options", kind=kind)
    if kind in QUESTION_KINDS and kind not in KINDS_WITH_OPTIONS and options:
        directive.blame("Q02.no_options", kind=kind)
    low, high = _range(directive, kind)
    if not given.get("id"):
        directive.blame("D04.question", at=directive.line)
    return blocks.Question(
        id=given.get("id", ""), kind=kind,
        prompt=" ".join(passage.text for passage in passages(prompt)), prompt_html=html(prompt), options=options,
        min=low, max=high, low=given.get("low", ""), high=given.get("high", ""),
        required=given.get("required") == "yes", prefill=directive.addresses(), keep=given.get("keep", ""),
        origin=Origin(directive.line, passages(prompt)),
    )  # fmt: skip


def _range(directive: Directive, kind: str) -> tuple[int | None, int | None]:
    """Return min and max, unless said 0 to 10 for a scale and 0 to NUMBER_MAX for a number; none for other kinds."""
    if kind == "scale":
        low, high = directive.number("min", 0, 9, 0), directive.number("max", 1, 10, 10)
        if low >= high:
            directive.blame("D03.value", attribute="max", value=high, expected=f"> {low}")
        return low, high
    if kind == "number":
        return directive.number("min", 0, NUMBER_MAX, 0), directive.number("max", 0, NUMBER_MAX, NUMBER_MAX)
    return None, None


def _prompt_and_options(directive: Directive) -> tuple[Sequence[Token], tuple[Option, ...]]:
    """Split the body at its first list: what stands before is the prompt, the list's items are the options."""
    body = directive.body
    start = next((i for i, token in enumerate(body) if token.type == "bullet_list_open"), len(body))
    options: list[Option] = []
    for item in (token for token in body[start:] if token.type == "inline"):
        text, tail = split_tail(plain(item))
        try:
            option_id = attributes(tail).get("id", "")
        except BadAttributes as bad:
            directive.blame(bad.key, name=directive.name, attribute=bad.attribute)
            continue
        if not option_id:
            directive.blame("D04.option", text=text)
        elif not ID.fullmatch(option_id):
            directive.blame("D04.letters", id=option_id)
        elif option_id in [option.id for option in options]:
            directive.blame("D05.in_module", id=option_id, at=directive.line)
        options.append(Option(option_id, text))
    return body[:start], tuple(options)


def _tool(directive: Directive) -> blocks.Tool:
    given = directive.given
    if not given.get("id"):
        directive.blame("D04.tool", at=directive.line)
    params: dict[str, str | int] = {
        name: int(value) if re.fullmatch(r"\d{1,4}", value) else value
        for name, value in given.items()
        if name not in _TOOL_OWN
    }
    return blocks.Tool(
        id=given.get("id", ""), use=given.get("use", ""), params=params, prefill=directive.addresses(),
        instruction=directive.text, instruction_html=html(directive.body), origin=directive.origin,
    )  # fmt: skip


def _items(directive: Directive) -> tuple[str, ...]:
    return tuple(passage.text for passage in passages(directive.body))


def _audio(directive: Directive) -> blocks.Audio:
    src = directive.given.get("src", "")
    if not directive.text:
        directive.blame("D06.transcript", src=src)
    if not re.fullmatch(r"media/[a-z0-9._-]+", src):
        directive.blame("D06.image_src", src=src)
    return blocks.Audio(src, directive.number("minutes", 1, 60, 1), html(directive.body), origin=directive.origin)


_BUILDERS: dict[str, Callable[[Directive], Block]] = {
    "short": lambda d: blocks.Short(d.given.get("does", ""), html(d.body), origin=d.origin),
    "example": lambda d: blocks.Example(
        d.given.get("who", ""), d.number("age", 0, 120, 0), html(d.body), origin=d.origin
    ),
    "question": _question,
    "tool": _tool,
    "recall": lambda d: blocks.Recall(
        d.given.get("from", ""), d.given.get("empty", ""), d.text, html(d.body), origin=d.origin
    ),
    "warning": lambda d: blocks.Caution(
        d.given.get("kind", ""), d.given.get("ack") == "yes", html(d.body), origin=d.origin
    ),
    "more": lambda d: blocks.More(d.given.get("title", ""), html(d.body), origin=d.origin),
    "summary": lambda d: blocks.Summary(_items(d), origin=d.origin),
    "send": lambda d: blocks.Send(html(d.body), origin=d.origin),
    "audio": _audio,
    "therapist": lambda d: blocks.TherapistNote(d.given.get("part", ""), html(d.body), origin=d.origin),
    "phrases": lambda d: blocks.Phrases(d.given.get("slot", ""), _items(d), origin=d.origin),
}
