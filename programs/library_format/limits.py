"""How long and how hard a module may be (T01, T02, T03): words, prompts, lists, LIX, sentences. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .blocks import Example, Passage, Question, Summary
from .faults import Fault, decimal, fault
from .lix import measure, sentences, words
from .reading import (
    PROMPTS,
    body,
    lix_by_page,
    lix_mean,
    measured,
    notes,
    patient_passages,
    prompts,
    readable_words,
)
from .structure import ModuleFile, PageFile, ProgrammeFile


@dataclass(frozen=True)
class Limits:
    """The limits of one audience; words unless the name says otherwise."""

    page: int = 150
    prompts: int = 3
    prompt_words: int = 60
    list_items: int = 5
    more: int = 120
    short: tuple[int, int] = (40, 80)
    example: int = 75
    notes: int = 160
    module: tuple[int, int] = (800, 1300)
    lix_page: float = 35
    lix_module: float = 28
    lix_notes: float = 45
    sentence: int = 25
    sentence_aim: int = 20
    sentence_mean: float = 15
    modules: tuple[int, int] = (6, 9)


ADULT = Limits()
YOUTH = Limits(page=110, lix_module=25, modules=(6, 7))


def limits_for(programme: ProgrammeFile) -> Limits:
    """Return the limits of the programme's audience."""
    return YOUTH if programme.audience.get("track") == "youth" else ADULT


def length_faults(module: ModuleFile, limits: Limits, *, draft: bool) -> list[Fault]:
    """Return T01 faults; of a draft, a module that is too short is not written to its end yet: a warning."""
    file, faults = module.path, []
    for page in module.pages:
        faults += _page_length(page, limits, file)
    if module.short:
        count, (low, high) = measured(list(module.short.origin.passages)).words, limits.short
        if not low <= count <= high:
            faults.append(fault("T01.short", file, module.short.origin.line, count=count))
    count = measured(notes(module)).words
    if count > limits.notes:
        line = module.notes[0].origin.line
        faults.append(fault("T01.notes", file, line, count=count, limit=limits.notes))
    count, (low, high) = readable_words(module), limits.module
    if not low <= count <= high:
        faults.append(fault("T01.module", file, 1, count=count).as_warning(when=draft and count < low))
    return faults


def _page_length(page: PageFile, limits: Limits, file: str) -> list[Fault]:
    faults = []

    def blame(key: str, count: int, limit: int, line: int = page.line) -> None:
        if count > limit:
            faults.append(fault(key, file, line, page=page.id, count=count, limit=limit, at=line))

    asked = [block for block in page.blocks if isinstance(block, PROMPTS)]
    blame("T01.page", measured(body(page)).words, limits.page)
    blame("T01.prompts", len(asked), limits.prompts)
    blame("T01.prompt_words", measured(prompts(page)).words, limits.prompt_words)
    blame("T01.long_prompts", sum(1 for b in asked if isinstance(b, Question) and b.kind == "long"), 1)
    for block in page.blocks:
        line, length = block.origin.line, measured(list(block.origin.passages)).words
        if block.type == "more":
            blame("T01.more", length, limits.more, line)
        elif isinstance(block, Example):
            blame("T01.example", length, limits.example, line)
        elif isinstance(block, Summary) and not 3 <= len(block.items) <= 5:
            faults.append(fault("T01.summary", file, line, count=len(block.items)))
        elif not isinstance(block, Summary):
            for found in block.origin.lists:
                blame("T01.list", found.items, limits.list_items, found.line)
                if not found.introduced:
                    faults.append(fault("T01.list_start", file, found.line))
    return faults


def lix_faults(module: ModuleFile, limits: Limits) -> list[Fault]:
    """Return T02 faults; only for languages in which LIX means something."""
    file, faults = module.path, []
    for page, lix in lix_by_page(module):
        if lix > limits.lix_page:
            values = {"page": page.id, "lix": decimal(lix), "limit": decimal(limits.lix_page)}
            faults.append(fault("T02.page", file, page.line, **values))
    mean = lix_mean(module)
    if mean > limits.lix_module:
        faults.append(fault("T02.module", file, 1, lix=decimal(mean), limit=decimal(limits.lix_module)))
    for page in module.pages:
        for block in (block for block in page.blocks if block.type == "more"):
            lix = measured(list(block.origin.passages)).lix
            if lix > limits.lix_page:
                line = block.origin.line
                faults.append(fault("T02.more", file, line, lix=decimal(lix), limit=decimal(limits.lix_page)))
    lix = measured(notes(module)).lix
    if lix > limits.lix_notes:
        line = module.notes[0].origin.line
        faults.append(fault("T02.notes", file, line, lix=decimal(lix), limit=decimal(limits.lix_notes)))
    return faults


def sentence_faults(module: ModuleFile, limits: Limits) -> list[Fault]:
    """Return T03 faults: sentences too long, longer than aimed at (a warning), or too long on the whole."""
    faults = []
    passages = list(patient_passages(module))
    for passage, count in _long_sentences(passages, limits.sentence_aim):
        line, too_long = passage.line, count > limits.sentence
        key = "T03.long" if too_long else "T03.longish"
        faults.append(fault(key, module.path, line, count=count, at=line).as_warning(when=not too_long))
    counts = measure(passage.text for passage in passages)
    mean = counts.words / counts.sentences if counts.sentences else 0.0
    if mean > limits.sentence_mean:
        faults.append(fault("T03.mean", module.path, 1, mean=decimal(mean)))
    return faults


def _long_sentences(passages: Iterable[Passage], aim: int) -> Iterable[tuple[Passage, int]]:
    for passage in passages:
        for sentence in sentences(passage.text):
            count = len(words(sentence))
            if count > aim:
                yield passage, count
