"""Find directives that are unknown, unclosed or nested, line by line, before the parser would hide it. Pure.

An unknown directive is not an error for the parser but becomes a paragraph, and an unclosed one silently swallows the
pages that follow. So openings are counted against bare ":::" lines here, and a text with such a fault is not parsed.
"""

from __future__ import annotations

import re

from .faults import Fault, did_you_mean, fault
from .markup import DIRECTIVES

_MARK = re.compile(r"^ {0,3}(:{3,})(\s*)([\w-]*)(.*)$")


def directive_faults(text: str, file: str) -> list[Fault]:
    """Return D01 and D02 faults of a whole file's text; an unclosed block is reported where it was opened."""
    faults: list[Fault] = []
    open_block: tuple[str, int] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        mark = _MARK.match(line)
        if not mark:
            if open_block and line.startswith("# "):  # no block holds a page heading: it was not closed before
                faults.append(_unclosed(open_block, file))
                open_block = None
            continue
        name = mark[3]
        if not name:
            if open_block is None:
                faults.append(fault("D02.not_open", file, number))
            open_block = None
            continue
        if not mark[2]:
            faults.append(fault("D01.no_space", file, number, name=name))
        elif name not in DIRECTIVES:
            faults.append(fault("D01.unknown", file, number, name=name, hint=did_you_mean(name, DIRECTIVES)))
        if open_block:
            outer, line_number = open_block
            faults.append(fault("D02.nested", file, number, name=name, outer=outer, at=line_number))
        open_block = (name, number)
    if open_block:
        faults.append(_unclosed(open_block, file))
    return faults


def _unclosed(block: tuple[str, int], file: str) -> Fault:
    name, line = block
    return fault("D02.not_closed", file, line, name=name, at=line)
