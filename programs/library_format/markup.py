"""Read CommonMark with the twelve directives into tokens, and make safe HTML and plain passages of them. Pure.

Raw HTML is off, so that "<b>" in a text becomes visible text, and links are refused (markup_faults); with placeholders
filled in by placeholders.fill_html() nothing in the result can run.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.attrs.parse import ParseError, parse
from mdit_py_plugins.container import container_plugin
from mdit_py_plugins.front_matter import front_matter_plugin

from .blocks import BulletList, Passage
from .faults import Fault, fault

DIRECTIVES = (
    "short", "example", "question", "tool", "recall", "warning", "more", "summary", "send", "audio",
    "therapist", "phrases",
)  # fmt: skip

_TAIL = re.compile(r"\s*(?<!\{)(\{[^{}]*\})\s*$")
_RAW_HTML = re.compile(r"</?[a-zA-Z][^<>]*>|<!--|<!\w|&#?\w+;")
_URL = re.compile(r"https?://|\bwww\.|\b[\w-]+\.(?:se|com|org|net|nu|eu|io)\b", re.IGNORECASE)
_REFUSED = {"fence", "code_block", "blockquote_open", "hr", "ordered_list_open"}


@functools.cache
def parser() -> MarkdownIt:
    """Return the one parser: CommonMark without HTML, front matter, the twelve directives."""
    markdown = MarkdownIt("commonmark", {"html": False}).use(front_matter_plugin)
    for name in DIRECTIVES:
        markdown.use(container_plugin, name)
    return markdown


def html(tokens: Sequence[Token]) -> str:
    """Return safe HTML for block tokens."""
    return str(parser().renderer.render(list(tokens), parser().options, {})).strip()


def plain(inline: Token) -> str:
    """Return the words of one inline token, without marks; a line break is a space, images are left out."""
    parts = []
    for child in inline.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append(" ")
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def line_of(token: Token) -> int:
    """Return the line (1-based) on which a token begins."""
    return token.map[0] + 1 if token.map else 0


def passages(tokens: Iterable[Token]) -> tuple[Passage, ...]:
    """Return the paragraphs, list items and headings of level 2 among tokens, as plain text."""
    found = (Passage(line_of(token), plain(token)) for token in tokens if token.type == "inline")
    return tuple(passage for passage in found if passage.text)


def bullet_lists(tokens: Sequence[Token]) -> tuple[BulletList, ...]:
    """Return the bullet lists among tokens, also those inside others."""
    found = []
    for index, token in enumerate(tokens):
        if token.type == "bullet_list_open":
            rest = tokens[index + 1 :]
            end = next(i for i, t in enumerate(rest) if t.type == "bullet_list_close" and t.level == token.level)
            items = sum(1 for t in rest[:end] if t.type == "list_item_open" and t.level == token.level + 1)
            introduced = index > 0 and tokens[index - 1].type == "paragraph_close"
            found.append(BulletList(line_of(token), items, introduced))
    return tuple(found)


class BadAttributes(Exception):
    """Attributes that cannot be read; key = the fault's key, attribute = which one, when known."""

    def __init__(self, key: str, attribute: str = "") -> None:
        super().__init__(key, attribute)
        self.key = key
        self.attribute = attribute


def attributes(text: str) -> dict[str, str]:
    """Return the attributes of "{#id key=value}" ("" gives none); raises BadAttributes with a fault's key."""
    text = text.strip()
    if not text:
        return {}
    try:
        end, found = parse(text)
    except ParseError as error:
        bare = re.findall(r'([\w-]+)=(?!")([^\s}]+)', text)
        unquoted = next((name for name, value in bare if not re.fullmatch(r"[A-Za-z0-9_:-]+", value)), "")
        raise BadAttributes("D03.quotes" if unquoted else "D03.malformed", unquoted) from error
    if text[end + 1 :].strip():
        raise BadAttributes("D03.malformed")
    names = re.findall(r"([\w-]+)=", re.sub(r'"[^"]*"', '""', text))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise BadAttributes("D03.twice", twice)
    return {name: str(value) for name, value in found.items()}


def split_tail(text: str) -> tuple[str, str]:
    """Split "Din vecka {#vecka}" into the words and the attributes' text ("" when there are none)."""
    found = _TAIL.search(text)
    return (text[: found.start()].strip(), found[1]) if found else (text.strip(), "")


def markup_faults(tokens: Iterable[Token], file: str) -> list[Fault]:
    """Return what may not stand in a module: HTML, links, images without description, code, deep headings."""
    faults = []
    inside = 0
    for token in tokens:
        inside += token.nesting if token.type.startswith("container_") else 0
        line = line_of(token)
        if token.type in _REFUSED:
            faults.append(fault("D06.code", file, line))
        elif token.type == "heading_open" and token.tag not in ("h1", "h2"):
            faults.append(fault("D06.heading", file, line))
        elif token.type == "heading_open" and inside:
            faults.append(fault("D06.heading_in_block", file, line))
        elif token.type == "inline":
            faults += _inline_faults(token, file)
    return faults


def _inline_faults(inline: Token, file: str) -> list[Fault]:
    line, text = line_of(inline), inline.content
    faults = []
    children = inline.children or []
    if _RAW_HTML.search(text):
        faults.append(fault("D06.html", file, line))
    if any(child.type == "link_open" for child in children) or _URL.search(text) or "](" in plain(inline):
        faults.append(fault("D06.link", file, line))
    for image in (child for child in children if child.type == "image"):
        src = str(image.attrGet("src") or "")
        if not image.content.strip():
            faults.append(fault("D06.image_alt", file, line, src=src))
        if not re.fullmatch(r"media/[a-z0-9._-]+", src):
            faults.append(fault("D06.image_src", file, line, src=src))
    return faults
