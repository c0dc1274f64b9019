"""Check the programmes of a library folder and sum up the result for people and for machines. Only reads files."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from programs.instruments import REGISTRY, Instrument, Listed, load_instruments, load_registry
from programs.tools import ToolSchema, tools

from .check import check
from .crisis import AUTHORITIES, authorities, check_crisis
from .faults import Fault, fault
from .measures import shipped_wording_faults
from .parse import read_programme
from .parse_programme import FILE
from .reading import lix_by_page, readable_words
from .structure import ProgrammeFile
from .words import NO_WORDS, WordList, load_words

_Shared = tuple[dict[str, Listed], dict[str, WordList], dict[str, ToolSchema], dict[str, Instrument]]


class UnknownProgramme(Exception):
    """A slug without a folder, or a folder that is no library."""


@dataclass(frozen=True)
class Report:
    """The programmes that could be read, and all faults with files relative to the library folder.

    crises = what crisis.yaml says, by slug.
    """

    programmes: tuple[ProgrammeFile, ...]
    faults: tuple[Fault, ...]
    crises: Mapping[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Fault, ...]:
        """Return the faults that are not warnings."""
        return tuple(fault for fault in self.faults if not fault.warning)

    @property
    def warnings(self) -> tuple[Fault, ...]:
        """Return the warnings."""
        return tuple(fault for fault in self.faults if fault.warning)

    def faults_of(self, slug: str) -> tuple[Fault, ...]:
        """Return what was found in one programme, with files relative to its own folder."""
        own = (fault for fault in self.faults if fault.file.startswith(f"{slug}/"))
        return tuple(replace(fault, file=fault.file.partition("/")[2]) for fault in own)

    def as_json(self) -> dict[str, Any]:
        """Return {"programs": [figures], "errors": [fault], "warnings": [fault]}."""
        return {
            "programs": [figures(programme) for programme in self.programmes],
            "errors": [_fault_json(fault) for fault in self.errors],
            "warnings": [_fault_json(fault) for fault in self.warnings],
        }


def check_library(library: Path, slugs: Iterable[str] = ()) -> Report:
    """Return the report on the named programmes, or on all; raises UnknownProgramme."""
    if not (library / REGISTRY).is_file():
        raise UnknownProgramme(REGISTRY)
    found = sorted(path.parent for path in library.glob(f"*/{FILE}"))
    if wanted := set(slugs):
        unknown = wanted - {folder.name for folder in found if folder.name in wanted}
        if unknown:
            raise UnknownProgramme(", ".join(sorted(unknown)))
        found = [folder for folder in found if folder.name in wanted]
    shared, faults = _shared(library)
    if shared is None:
        return Report((), tuple(faults))
    registry, words, known_tools, instruments = shared
    faults = shipped_wording_faults(instruments, registry)
    programmes, crises = [], {}
    for folder in found:
        programme, own = read_programme(folder)
        if programme is not None:
            programmes.append(programme)
            own += check(programme, registry, words, known_tools)
            values, found_in_crisis = check_crisis(folder, programme, words.get(programme.source_language, NO_WORDS))
            own += found_in_crisis
            if values is not None:
                crises[programme.slug] = values
        faults += [replace(fault, file=f"{folder.name}/{fault.file}") for fault in sorted(set(own))]
    return Report(tuple(programmes), tuple(faults), crises)


def _shared(library: Path) -> tuple[_Shared | None, list[Fault]]:
    """Return what all programmes are checked against, or which of those files cannot be used."""
    readers: dict[str, Callable[[], Any]] = {
        REGISTRY: lambda: load_registry(library), "words.yaml": lambda: load_words(library),
        "tools.yaml": lambda: tools(library), "instruments": lambda: load_instruments(library / "instruments"),
        AUTHORITIES: lambda: authorities(library),
    }  # fmt: skip
    read, faults = [], []
    for file, reader in readers.items():
        try:
            read.append(reader())
        except (OSError, yaml.YAMLError, ValueError, LookupError, TypeError, AttributeError, re.error):
            # whatever is wrong inside: the author needs to know which file to mend, not where our code stumbled
            faults.append(fault("P02.library", file, 1, file=file))
    if faults:
        return None, faults
    registry, words, known_tools, instruments, _authorities = read
    return (registry, words, known_tools, instruments), []


def figures(programme: ProgrammeFile) -> dict[str, Any]:
    """Return a programme's figures: modules written, words the patient can read, LIX mean and highest page, status."""
    modules = programme.source_modules
    pages = [lix for module in modules for _, lix in lix_by_page(module)]
    return {
        "slug": programme.slug,
        "modules": len(modules),
        "words": sum(readable_words(module) for module in modules),
        "lix_mean": round(sum(pages) / len(pages), 1) if pages else 0.0,
        "lix_max": round(max(pages, default=0.0), 1),
        "status": programme.status,
    }


def _fault_json(fault: Fault) -> dict[str, Any]:
    return {"file": fault.file, "line": fault.line, "code": fault.code, "message": fault.message}
