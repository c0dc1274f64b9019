"""Which parts a module must have (M01–M06) and which ids it may use (D05). Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from programs.tools import ToolSchema

from .blocks import Example, Phrases, Question, Send, Summary, Tool
from .build_block import ID, PHRASE_SLOTS
from .faults import Fault, did_you_mean, fault, texts
from .parse_programme import FILE
from .structure import ModuleFile, ProgrammeFile

PAGES = (4, 7)
EXAMPLES = 2
PHRASES = 2
NEEDED_NOTES = ("look", "affirm", "problems")
RISKY_TOOLS = ("thought_record",)  # suicidal thoughts are not for it, and the note says to call
RISKY_WARNINGS = ("driving", "medical", "exposure")
GATES = ("medical-ok", "sleep-window-ok", "exposure-ok", "movement-ok", "adult-ok")


def declared_gate_faults(programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield M06 for gates in programme.yaml that the platform does not know, and checklists without a question."""
    for index, gate in enumerate(programme.gates):
        if gate.id not in GATES:
            hint = did_you_mean(gate.id, GATES)
            yield fault("M06.known", FILE, programme.line("gates", index, "id"), gate=gate.id, hint=hint)
        if not gate.checklist.get(programme.source_language):
            line, language = programme.line("gates", index, "checklist"), programme.source_language
            yield fault("M06.checklist", FILE, line, gate=gate.id, lang=language)


def part_faults(module: ModuleFile, programme: ProgrammeFile, tools: Mapping[str, ToolSchema]) -> list[Fault]:
    """Return the faults of one module's parts."""
    return [
        *_page_faults(module),
        *_needed_faults(module, programme),
        *_example_faults(module, programme),
        *_note_faults(module),
        *_safety_faults(module, tools),
        *_gate_faults(module, programme, tools),
        *id_faults(module),
    ]


def _page_faults(module: ModuleFile) -> Iterator[Fault]:
    low, high = PAGES
    if not low <= len(module.pages) <= high:
        yield fault("M01.pages", module.path, 1, count=len(module.pages))


def _needed_faults(module: ModuleFile, programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield M02: the last module of a programme asks for no new obstacle."""
    if module.short is None:
        yield fault("M02.short", module.path, 1)
    for kind, key in ((Summary, "M02.summary"), (Send, "M02.send")):
        found = list(module.blocks(kind))
        if not found:
            yield fault(key, module.path, 1)
        for again in found[1:]:
            yield fault("M02.twice", module.path, again.origin.line, name=again.type)
    if module.main_tool is None:
        yield fault("M02.tool", module.path, 1)
    is_last = bool(programme.modules) and module.id == programme.modules[-1]
    if not is_last and not any(question.keep == "relapse_plan" for question in module.questions):
        yield fault("M02.obstacle", module.path, 1)


def _example_faults(module: ModuleFile, programme: ProgrammeFile) -> Iterator[Fault]:
    cast = {member.who for member in programme.cast}
    examples = list(module.blocks(Example))
    if len(examples) < EXAMPLES:
        yield fault("M03.examples", module.path, 1, count=len(examples))
    if not module.path.startswith(f"{programme.source_language}/"):
        return  # a translation may tell of other persons
    for example in examples:
        if example.who not in cast:
            yield fault("M03.who", module.path, example.origin.line, who=example.who)
    for who in module.cast:
        if who not in cast:
            yield fault("M03.who", module.path, 1, who=who)


def _note_faults(module: ModuleFile) -> Iterator[Fault]:
    for part in NEEDED_NOTES:
        note = module.note(part)
        if note is None or not note.html:
            yield fault("M04.part", module.path, note.origin.line if note else 1, part=part)
    for slot in PHRASE_SLOTS:
        count = len(module.phrases(slot))
        if count < PHRASES:
            line = next((n.origin.line for n in module.notes if isinstance(n, Phrases) and n.slot == slot), 1)
            yield fault("M05.slot", module.path, line, slot=slot, count=count)


def _safety_faults(module: ModuleFile, tools: Mapping[str, ToolSchema]) -> Iterator[Fault]:
    """Yield M04 where something carries a risk (content guide 1.8) and the therapist is told nothing about it."""
    note = module.note("safety")
    if note and note.html:
        return
    gated = [tool for tool in module.blocks(Tool) if tool.use in tools and tools[tool.use].gates_for(tool.params)]
    risky = [*gated, *(tool for tool in module.blocks(Tool) if tool.use in RISKY_TOOLS)]
    warning = next((block for block in module.cautions if block.kind in RISKY_WARNINGS), None)
    if risky:
        what = texts()["what.risky_tool"].format(tool=risky[0].use)
        yield fault("M04.safety", module.path, risky[0].origin.line, what=what)
    elif module.gates:
        yield fault("M04.safety", module.path, 1, what=texts()["what.gate"])
    elif warning:
        yield fault("M04.safety", module.path, warning.origin.line, what=texts()["what.risky_warning"])


def _gate_faults(module: ModuleFile, programme: ProgrammeFile, tools: Mapping[str, ToolSchema]) -> Iterator[Fault]:
    declared = {gate.id for gate in programme.gates}
    for gate in module.gates:
        if gate not in declared:
            yield fault("M06.unknown", module.path, 1, gate=gate)
    for declared_gate in programme.gates:
        if declared_gate.before == module.id and declared_gate.id not in module.gates:
            yield fault("M06.not_repeated", module.path, 1, gate=declared_gate.id)
    for tool in module.blocks(Tool):
        schema = tools.get(tool.use)
        for gate in schema.gates_for(tool.params) if schema else ():
            if gate not in module.gates:
                yield fault("M06.needed", module.path, tool.origin.line, tool=tool.use, gate=gate)


def id_faults(module: ModuleFile) -> Iterator[Fault]:
    """Yield faults for ids of pages, questions and tools that stand twice in the module or have other letters."""
    seen: dict[str, int] = {}
    for used, line in _ids(module):
        if not used:
            continue
        if not ID.fullmatch(used):
            yield fault("D04.letters", module.path, line, id=used)
        if used in seen:
            yield fault("D05.in_module", module.path, line, id=used, at=seen[used])
        seen.setdefault(used, line)


def _ids(module: ModuleFile) -> Iterator[tuple[str, int]]:
    for page in module.pages:
        yield page.id, page.line
        for block in page.blocks:
            if isinstance(block, (Question, Tool)):
                yield block.id, block.origin.line
