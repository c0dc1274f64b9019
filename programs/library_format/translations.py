"""Is a translation the same programme in other words: same files, ids, order, types, tools, gates (L01)? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from .blocks import Caution, Question, Recall, Tool
from .faults import Fault, fault, texts
from .parse_programme import FILE
from .structure import ModuleFile, ProgrammeFile

SAME_FACTS = ("number", "week", "core", "opens", "feedback", "uses", "tools", "gates")
OWN_TEXTS = ("title", "patient_title", "summary", "suited_for", "changes")

Part = tuple[str, str, tuple[object, ...]]  # what (page, question, tool), id, and all that must be the same


def translation_faults(programme: ProgrammeFile) -> list[Fault]:
    """Return L01 of every language but the first; texts that a draft still lacks are warnings."""
    faults = []
    for language in programme.languages:
        for name in OWN_TEXTS:
            if language not in programme.facts[name]:
                values = {"field": name, "lang": language}
                faults.append(
                    fault("L01.text", FILE, programme.line(name), **values).as_warning(when=programme.is_draft)
                )
        for path, words in _inner_texts(programme):
            if not words.get(language):
                values = {"field": ".".join(map(str, path)), "lang": language}
                line = programme.line(*path)
                faults.append(fault("L01.text", FILE, line, **values).as_warning(when=programme.is_draft))
    sources = {module.id: module for module in programme.source_modules}
    for language, modules in programme.texts.items():
        if language == programme.source_language:
            continue
        for module in modules:
            if module.id in sources:
                faults += _module_faults(sources[module.id], module)
    return faults


def _inner_texts(programme: ProgrammeFile) -> Iterator[tuple[tuple[str | int, ...], Mapping[str, object]]]:
    """Yield the texts by language that stand inside lists of programme.yaml, with their place."""
    for index, gate in enumerate(programme.gates):
        yield ("gates", index, "checklist"), gate.checklist
    for index, row in enumerate(programme.facts["exclusions"]["own"]):
        yield ("exclusions", "own", index, "ask"), row["ask"]
    for index, member in enumerate(programme.cast):
        yield ("cast", index, "about"), member.about


def _module_faults(source: ModuleFile, other: ModuleFile) -> Iterator[Fault]:
    where = other.path.removesuffix(".md")
    for name in SAME_FACTS:
        if getattr(source, name) != getattr(other, name):
            yield fault("L01.module", other.path, 1, where=where, field=name)
    if (source.short and source.short.does) != (other.short and other.short.does):
        yield fault("L01.module", other.path, 1, where=where, field="short")
    wanted, found = list(same_parts(source)), list(same_parts(other))
    wanted_ids, found_ids = {part[:2] for part in wanted}, {part[:2] for part in found}
    for what, name, _ in wanted:
        if (what, name) not in found_ids:
            yield fault("L01.missing", other.path, 1, where=where, what=texts()["what." + what], id=name)
    for what, name, _ in found:
        if (what, name) not in wanted_ids:
            yield fault("L01.extra", other.path, 1, where=where, what=texts()["what." + what], id=name)
    if wanted_ids == found_ids:
        for want, have in zip(wanted, found, strict=False):
            if want != have:
                what, name, _ = have
                yield fault("L01.differs", other.path, 1, where=where, what=texts()["what." + what], id=name)
                return


def same_parts(module: ModuleFile) -> Iterator[Part]:
    """Yield each page, question and tool with all that must be the same in other words."""
    for page in module.pages:
        others = tuple(
            (block.address,) if isinstance(block, Recall) else (block.kind, block.ack)
            for block in page.blocks
            if isinstance(block, (Recall, Caution))
        )
        yield "page", page.id, others
        for block in page.blocks:
            if isinstance(block, Question):
                options = tuple(option.id for option in block.options)
                same = (block.kind, options, block.min, block.max, block.required, block.prefill, block.keep)
                yield "question", block.id, same
            elif isinstance(block, Tool):
                yield "tool", block.id, (block.use, dict(block.params), block.prefill)
