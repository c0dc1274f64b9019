"""Read one module file: front matter, pages, blocks. Pure: text in, ModuleFile and faults out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from .blocks import Block, Note, Origin, Phrases, Short, Text, TherapistNote
from .build_block import ID, Directive, build
from .directives import directive_faults
from .facts import Lines, choice_fault, field_faults, read_facts
from .faults import Fault, fault
from .markup import BadAttributes, attributes, bullet_lists, html, line_of, markup_faults, parser, passages, split_tail
from .structure import ModuleFile, PageFile

REQUIRED = {
    "id": "text", "number": "number", "title": "text", "aim": "text", "week": "number", "minutes": "map",
    "core": "flag", "opens": "map", "feedback": "text", "uses": "words", "tools": "words", "cast": "words",
    "gates": "words",
}  # fmt: skip

PAGE_ID_MAX = 60  # characters: what a page's row holds; with the step's code it fits the key of a draft
TITLE_MAX = 200  # characters: what the row of a page or a module holds
ADDRESSES = frozenset({"send", "short", "receipt"})  # what stands where a page's id does in an address


RESERVED = frozenset({"crisis"})  # stands for a module in addresses of what crisis.yaml says


@dataclass
class _Reader:
    """The state of reading one file from top to bottom."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    short: Short | None = None
    pages: list[PageFile] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    blocks: list[Block] = field(default_factory=list)  # of the page being read
    heading: tuple[str, str, int] | None = None  # id, title, line of the page being read
    sent: bool = False

    def blame(self, key: str, line: int, **values: object) -> None:
        self.faults.append(fault(key, self.file, line, **values))

    def begin_page(self, inline: Token) -> None:
        self.end_page()
        title, tail = split_tail(inline.content)
        line = line_of(inline)
        try:
            page_id = attributes(tail).get("id", "")
        except BadAttributes as bad:
            page_id = ""
            self.blame(bad.key, line, name="#", attribute=bad.attribute)
        if len(title) > TITLE_MAX:
            self.blame("M01.title_long", line, limit=TITLE_MAX)
        if not page_id:
            self.blame("M01.page_id", line, title=title)
        elif not ID.fullmatch(page_id):
            self.blame("D04.letters", line, id=page_id)
        elif len(page_id) > PAGE_ID_MAX:
            self.blame("M01.page_id_long", line, id=page_id, limit=PAGE_ID_MAX)
        elif page_id in ADDRESSES:
            self.blame("M01.page_id_taken", line, id=page_id)
        if self.sent:
            self.blame("M02.after_send", line)
        self.heading = (page_id, title, line)

    def end_page(self) -> None:
        if self.heading:
            page_id, title, line = self.heading
            self.pages.append(PageFile(page_id, title, tuple(self.blocks), line))
        self.blocks = []

    def add(self, block: Block) -> None:
        """Put a block where it belongs: notes beside the module, short before it, all else on the page."""
        line = block.origin.line
        if isinstance(block, (TherapistNote, Phrases)):
            self.notes.append(block)
        elif isinstance(block, Short):
            if self.short or self.heading:
                self.blame("M02.short_place" if self.heading else "M02.twice", line, name="short")
            self.short = self.short or block
        elif not self.heading:
            self.blame("M02.before_first_page", line)
        else:
            if self.sent:
                self.blame("M02.after_send", line)
            self.sent = self.sent or block.type == "send"
            self.blocks.append(block)


def parse_module(text: str, file: str) -> tuple[ModuleFile | None, list[Fault]]:
    """Return the module and what is wrong with it; None when it cannot be understood at all.

    file is the path relative to the programme's folder. Broken directives (D01, D02) end the reading, since what
    follows them would be misread.
    """
    broken = directive_faults(text, file)
    if broken:
        return None, broken
    tokens = parser().parse(text)
    if not tokens or tokens[0].type != "front_matter":
        return None, [fault("P02.no_front_matter", file, 1)]
    facts, lines, faults = read_facts(tokens[0].content, file, first_line=2)
    if facts is None:
        return None, faults
    faults += field_faults(facts, REQUIRED, file, lines, closed=True)
    faults += _front_matter_faults(facts, file, lines)
    if any(found.code == "P02" for found in faults):
        return None, faults
    reader = _Reader(file)
    _read_body(tokens[1:], reader)
    faults += markup_faults(tokens[1:], file) + reader.faults
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value for key, value in facts.items()}
    module = ModuleFile(**values, short=reader.short, pages=tuple(reader.pages), notes=tuple(reader.notes), path=file)
    return module, faults


def _front_matter_faults(facts: dict[str, object], file: str, lines: Lines) -> list[Fault]:
    faults = choice_fault(facts, "feedback", ("required", "optional"), file, lines)
    minutes, opens, module_id = facts.get("minutes"), facts.get("opens"), facts.get("id")
    if isinstance(minutes, dict):
        numbers = {"read": "number", "do": "number", "daily": "number"}
        faults += field_faults(minutes, numbers, file, lines, ("minutes",), closed=True)
    if isinstance(opens, dict):
        after = {} if opens.get("after", "") in (None, "") else {"after": "text"}  # the first module opens at start
        faults += field_faults(opens, {"days": "number", **after}, file, lines, ("opens",))
    if isinstance(module_id, str) and module_id in RESERVED:
        faults.append(fault("D04.reserved", file, lines.get(("id",), 1), id=module_id))
    for name, limit in (("id", PAGE_ID_MAX), ("title", TITLE_MAX)):
        if len(str(facts.get(name, ""))) > limit:
            faults.append(fault("P02.long", file, lines.get((name,), 1), field=name, limit=limit))
    if isinstance(module_id, str) and not ID.fullmatch(module_id):
        faults.append(fault("D04.letters", file, lines.get(("id",), 1), id=module_id))
    return faults


def _read_body(tokens: Sequence[Token], reader: _Reader) -> None:
    run: list[Token] = []
    for piece in _top_level(tokens):
        first = piece[0]
        is_page = first.type == "heading_open" and first.tag == "h1"
        is_directive = first.type.startswith("container_")
        if not is_page and not is_directive:
            run += piece
            continue
        _flush(run, reader)
        run = []
        if is_page:
            reader.begin_page(piece[1])
        else:
            name, _, info = first.info.strip().partition(" ")
            directive = Directive(name, line_of(first), reader.file, piece[1:-1])
            block = build(directive, info)
            reader.faults += directive.faults
            reader.add(block)
    _flush(run, reader)
    reader.end_page()


def _flush(run: Sequence[Token], reader: _Reader) -> None:
    """Turn the text between two directives into one block; a directive inside a list was read as text: blame it."""
    if not run:
        return
    for token in run:
        if token.type.startswith("container_") and token.nesting == 1:
            reader.blame("D02.in_list", line_of(token), name=token.info.split()[0])
    reader.add(Text(html(run), origin=Origin(line_of(run[0]), passages(run), bullet_lists(run))))


def _top_level(tokens: Sequence[Token]) -> Iterator[Sequence[Token]]:
    """Yield the runs of tokens that make one top-level element each."""
    start = 0
    depth = 0
    for index, token in enumerate(tokens):
        depth += token.nesting
        if depth == 0:
            yield tokens[start : index + 1]
            start = index + 1
