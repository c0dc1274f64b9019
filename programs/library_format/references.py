"""Do tools exist, and do earlier answers exist, come earlier, and fit where they return (Q01, Q03, Q04)? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from programs.tools import ToolSchema

from .blocks import Block, Question, Recall, Tool
from .faults import Fault, did_you_mean, fault
from .parse_programme import FILE
from .structure import ModuleFile, ProgrammeFile

CRISIS, CRISIS_ADDRESSES = "crisis", ("name", "facts")  # in a recall: what crisis.yaml says, see crisis.py
TEXT_LIKE = ("text", "long", "pick", "multi")  # answers that can return in another field
FILLABLE = ("text", "long", "pick")  # questions they can return in; a tool takes them as titles of its rows


def tool_faults(module: ModuleFile, programme: ProgrammeFile, tools: Mapping[str, ToolSchema]) -> Iterator[Fault]:
    """Yield Q01: unknown tools and parameters; a tool that is not built yet is a warning while draft.

    And Q04 as a warning where earlier answers lead to a tool that has no place for them.
    """
    for tool in module.blocks(Tool):
        line, schema = tool.origin.line, tools.get(tool.use)
        if schema is None:
            yield fault("Q01.unknown", module.path, line, tool=tool.use, hint=did_you_mean(tool.use, tools))
            continue
        if tool.use not in module.tools:
            yield fault("Q01.not_listed", module.path, line, tool=tool.use)
        if not schema.built:
            yield fault("Q01.not_built", module.path, line, tool=tool.use).as_warning(when=programme.is_draft)
            continue
        if tool.prefill and not schema.takes_answers:
            yield fault("Q04.fills_nothing", module.path, line, tool=tool.use).as_warning()
        for name, value in tool.params.items():
            if name not in schema.params:
                hint = did_you_mean(name, schema.params)
                yield fault("Q01.parameter", module.path, line, tool=tool.use, parameter=name, hint=hint)
            elif not schema.allows(name, value):
                yield fault("Q01.value", module.path, line, tool=tool.use, parameter=name, value=value)
    for listed in module.tools:
        if listed not in tools:
            yield fault("Q01.unknown", module.path, 1, tool=listed, hint=did_you_mean(listed, tools))


def listed_tool_faults(programme: ProgrammeFile, tools: Mapping[str, ToolSchema]) -> Iterator[Fault]:
    """Yield Q01 for tools in programme.yaml that the platform does not have."""
    for name in programme.facts["tools"]:
        if name not in tools:
            hint = did_you_mean(name, tools)
            yield fault("Q01.unknown", FILE, programme.line("tools"), tool=name, hint=hint)


@dataclass(frozen=True)
class _Use:
    """One place that refers to an answer; target = what it fills: a question's kind, "tool", or "" for showing only."""

    address: str
    line: int
    target: str


def reference_faults(modules: Sequence[ModuleFile], programme: ProgrammeFile) -> list[Fault]:
    """Return Q03 and Q04 of all modules of one language."""
    known = {module.id: {question.id: question for question in module.questions} for module in modules}
    faults: list[Fault] = []
    for module in modules:
        for use in _uses(module):
            faults += _use_faults(use, module, programme, known)
        for address in module.uses:
            faults += _use_faults(_Use(address, 1, ""), module, programme, known)
        faults += _short_faults(module)
        after = module.opens.get("after")
        if after and after not in programme.modules:
            hint = did_you_mean(after, programme.modules)
            faults.append(fault("Q03.address", module.path, 1, address=after, hint=hint))
    return faults


def _uses(module: ModuleFile) -> Iterator[_Use]:
    for page in module.pages:
        for block in page.blocks:
            line = block.origin.line
            if isinstance(block, Recall) and block.address:
                yield _Use(block.address, line, "")
            elif isinstance(block, (Question, Tool)):
                target = block.kind if isinstance(block, Question) else "tool"
                for address in block.prefill:
                    yield _Use(address, line, target)


def _use_faults(
    use: _Use, module: ModuleFile, programme: ProgrammeFile, known: Mapping[str, Mapping[str, Question]]
) -> Iterator[Fault]:
    module_id, _, question_id = use.address.rpartition(".")
    if module_id == CRISIS:
        if question_id not in CRISIS_ADDRESSES or "crisis" not in programme.facts or use.target:
            yield fault("Q03.crisis", module.path, use.line, address=use.address)
        return
    module_id = module_id or module.id
    if module_id in programme.modules and module_id not in known:
        yield fault("Q03.missing_module", module.path, use.line, address=use.address).as_warning(
            when=programme.is_draft
        )
        return
    question = known.get(module_id, {}).get(question_id)
    if question is None:
        own = list(known[module.id])
        others = [f"{other}.{answer}" for other, answers in known.items() for answer in answers]
        hint = did_you_mean(use.address, others if "." in use.address else own)
        yield fault("Q03.address", module.path, use.line, address=use.address, hint=hint)
        return
    if module_id == module.id:
        if use.line and question.origin.line >= use.line:
            yield fault("Q04.forwards_in_module", module.path, use.line, address=use.address)
    elif _position(module_id, programme) > _position(module.id, programme):
        yield fault("Q04.forwards", module.path, use.line, address=use.address)
    elif use.address not in module.uses:
        yield fault("Q04.uses", module.path, use.line, address=use.address)
    if use.target and (question.kind not in TEXT_LIKE or use.target not in (*FILLABLE, "tool")):
        source, target = question.kind, use.target
        yield fault("Q04.types", module.path, use.line, address=use.address, source=source, target=target)


def _position(module_id: str, programme: ProgrammeFile) -> int:
    modules = programme.modules
    return modules.index(module_id) if module_id in modules else len(modules)


def _short_faults(module: ModuleFile) -> Iterator[Fault]:
    if module.short is None or not module.short.does:
        return
    own: list[Block] = [block for page in module.pages for block in page.blocks]
    ids = [block.id for block in own if isinstance(block, (Question, Tool))]
    if module.short.does not in ids:
        hint = did_you_mean(module.short.does, ids)
        yield fault("Q03.does", module.path, module.short.origin.line, address=module.short.does, hint=hint)
