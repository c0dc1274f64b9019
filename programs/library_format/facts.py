"""Read the YAML facts of a programme or a module and say on which line something is wrong. Pure."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml

from .faults import INVISIBLE, Fault, did_you_mean, fault, texts

NUMBER_MAX = 32_767  # what a row of the database holds; nothing in a programme is counted higher
DEPTH_MAX = 12  # mappings and lists within each other; programme.yaml needs five

Lines = dict[tuple[str | int, ...], int]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # safe both; the one in C is ten times as fast


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value.strip() != ""


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= NUMBER_MAX


def _is_words(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_language_texts(value: object) -> bool:
    return isinstance(value, dict) and bool(value) and all(_is_text(item) for item in value.values())


def _is_language_words(value: object) -> bool:
    return isinstance(value, dict) and all(_is_words(item) for item in value.values())


KINDS: dict[str, Callable[[object], bool]] = {
    "text": _is_text,
    "number": _is_number,
    "flag": lambda value: isinstance(value, bool),
    "words": _is_words,
    "list": lambda value: isinstance(value, list),
    "map": lambda value: isinstance(value, dict),
    "language_texts": _is_language_texts,
    "language_words": _is_language_words,
}


def read_facts(text: str, file: str, first_line: int = 1) -> tuple[dict[str, Any] | None, Lines, list[Fault]]:
    """Return the mapping, the line of each key path, and faults; None when the text is not a YAML mapping."""
    try:
        if reason := _refused(yaml.parse(text, Loader=_LOADER)):
            return None, {}, [fault("P02.yaml", file, first_line, reason=texts()[reason])]
        loader = _LOADER(text)
        node = loader.get_single_node()
        loaded = loader.construct_document(node) if node else None
    except (yaml.YAMLError, ValueError, LookupError, AttributeError, TypeError) as error:
        # the last three: what PyYAML raises for a tag that does not fit its value, such as !!int ""
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark else 0)
        reason = getattr(error, "problem", None) or type(error).__name__
        return None, {}, [fault("P02.yaml", file, line, reason=reason)]
    if not isinstance(loaded, dict):
        return None, {}, [fault("P02.yaml", file, first_line, reason=texts()["reason.mapping"])]
    if not _is_plain(loaded):
        return None, {}, [fault("P02.yaml", file, first_line, reason=texts()["reason.value"])]
    lines: Lines = {}
    faults: list[Fault] = []
    _collect_lines(node, (), first_line, lines, faults, file)
    return json_safe(loaded), lines, faults


def _refused(events: Iterable[yaml.Event]) -> str:
    """Return why a text is not even composed, "" if it may be: it could multiply without end, or overflow the stack."""
    depth = 0
    for event in events:
        if isinstance(event, yaml.AliasEvent):
            return "reason.alias"
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEPTH_MAX:
            return "reason.depth"
    return ""


def _is_plain(value: object) -> bool:
    """Tell whether a value can be stored as JSON and shown: no bytes, sets, endless numbers or invisible characters."""
    if isinstance(value, dict):
        return all(_is_plain(key) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list):
        return all(map(_is_plain, value))
    if isinstance(value, str):
        return not INVISIBLE.search(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, (int, datetime.date))


def _collect_lines(
    node: yaml.Node | None, path: tuple[str | int, ...], first: int, lines: Lines, faults: list[Fault], file: str
) -> None:
    """Walk the YAML nodes; a key that stands twice is a fault, since YAML itself would silently keep the last."""
    if node is None:
        return
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            here = (*path, str(key.value))
            line = key.start_mark.line + first
            if here in lines:
                faults.append(fault("P02.duplicate_key", file, line, key=key.value))
            lines[here] = line
            _collect_lines(value, here, first, lines, faults, file)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            lines[(*path, index)] = value.start_mark.line + first
            _collect_lines(value, (*path, index), first, lines, faults, file)


def json_safe(value: Any) -> Any:
    """Return the value with dates as ISO text and every key as text, so that it can be stored as JSON."""
    if isinstance(value, dict):
        return {str(key): json_safe(item) for key, item in value.items()}
    if isinstance(value, list):
        return [json_safe(item) for item in value]
    if isinstance(value, datetime.date):
        return value.isoformat()
    return value


def field_faults(
    facts: Mapping[str, Any],
    required: Mapping[str, str],
    file: str,
    lines: Mapping[tuple[str | int, ...], int],
    at: tuple[str | int, ...] = (),
    optional: Mapping[str, str] | None = None,
    *,
    closed: bool = False,
) -> list[Fault]:
    """Return a fault for each required field that is missing, each of the wrong kind, and if closed each unknown one.

    required and optional name a kind from KINDS for each field.
    """
    start = lines.get(at, 1)
    where = ".".join([file.rpartition("/")[2], *map(str, at)])
    faults = []
    kinds = {**required, **(optional or {})}
    for name, kind in kinds.items():
        if name not in facts:
            if name in required:
                faults.append(fault("P02.missing", file, start, where=where, field=name))
        elif not KINDS[kind](facts[name]):
            line, expected = lines.get((*at, name), start), texts()["kind." + kind]
            faults.append(fault("P02.kind", file, line, field=name, where=where, expected=expected))
    for name in facts if closed else ():
        if name not in kinds:
            line, hint = lines.get((*at, name), start), did_you_mean(name, kinds)
            faults.append(fault("P02.unknown", file, line, field=name, where=where, hint=hint))
    return faults


def choice_fault(facts: Mapping[str, Any], name: str, choices: tuple[str, ...], file: str, lines: Lines) -> list[Fault]:
    """Return a fault when a field has a value outside a closed list; a missing field is someone else's fault."""
    if name not in facts or facts[name] in choices:
        return []
    line, expected = lines.get((name,), 1), ", ".join(choices)
    return [fault("P02.value", file, line, field=name, value=facts[name], expected=expected)]
