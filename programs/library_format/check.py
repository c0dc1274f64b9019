"""Check a whole programme: every rule of the authors' guide that needs more than one file's form. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from programs.instruments import Listed
from programs.tools import ToolSchema

from .faults import Fault, did_you_mean, fault
from .limits import length_faults, limits_for, lix_faults, sentence_faults
from .measures import borrowed_wording_faults, measure_faults
from .parse_programme import FILE
from .parts import declared_gate_faults, part_faults
from .references import listed_tool_faults, reference_faults, tool_faults
from .safety import safety_faults
from .structure import ProgrammeFile
from .translations import translation_faults
from .wording import fact_faults, later_reading_faults, wording_faults
from .words import NO_WORDS, WordList

WEEKS = 12


def check(
    programme: ProgrammeFile,
    registry: Mapping[str, Listed],
    words: dict[str, WordList],
    tools: Mapping[str, ToolSchema],
) -> list[Fault]:
    """Return every fault and warning in file order; read_programme() has already told what is wrong with the form."""
    faults = [*_programme_faults(programme), *measure_faults(programme, registry)]
    faults += [*declared_gate_faults(programme), *listed_tool_faults(programme, tools), *fact_faults(programme)]
    limits = limits_for(programme)
    for language, modules in programme.texts.items():
        listed = words.get(language, NO_WORDS)
        for module in modules:
            faults += part_faults(module, programme, tools)
            faults += tool_faults(module, programme, tools)
            faults += length_faults(module, limits, draft=programme.is_draft)
            faults += lix_faults(module, limits) if listed.lix else []
            faults += sentence_faults(module, limits)
            faults += wording_faults(module, programme, listed)
        faults += reference_faults(modules, programme)
        faults += safety_faults(modules, programme)
    faults += later_reading_faults(programme, words)
    faults += borrowed_wording_faults(programme, registry)
    faults += translation_faults(programme)
    return sorted(set(faults))


def _programme_faults(programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield P03, P04 and modules listed twice."""
    draft, (low, high) = programme.is_draft, limits_for(programme).modules
    count = len(programme.modules)
    if not low <= count <= high:
        yield fault("P03.modules", FILE, programme.line("modules"), count=count, low=low, high=high).as_warning(
            when=draft
        )
    if programme.weeks["planned"] > WEEKS:
        yield fault("P03.weeks", FILE, programme.line("weeks"), weeks=programme.weeks["planned"])
    for module_id in {one for one in programme.modules if programme.modules.count(one) > 1}:
        yield fault("D05.listed_twice", FILE, programme.line("modules"), id=module_id)
    yield from _place_faults(programme)
    for index, entry in enumerate(programme.facts["evidence"]):
        line = programme.line("evidence", index)
        if not entry.get("source"):
            yield fault("P04.missing", FILE, line, id=entry["id"], field="source")
        if not _is_day(entry.get("checked")):
            yield fault("P04.checked", FILE, line, id=entry["id"])


def _is_day(written: object) -> bool:
    try:
        return bool(date.fromisoformat(str(written)))
    except ValueError:
        return False


def _place_faults(programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield Q03 for modules that programme.yaml points at and does not list."""
    pointed: list[tuple[str, tuple[str | int, ...]]] = [
        (gate.before, ("gates", index, "before")) for index, gate in enumerate(programme.gates)
    ]
    if mid := programme.facts["instruments"]["schedule"].get("mid"):
        pointed.append((mid["after"], ("instruments", "schedule", "mid", "after")))
    for module_id, place in pointed:
        if module_id not in programme.modules:
            hint = did_you_mean(module_id, programme.modules)
            yield fault("Q03.address", FILE, programme.line(*place), address=module_id, hint=hint)
