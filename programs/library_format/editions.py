"""What an edition may not do: change after publishing, be published unread, or give an old id a new meaning. Pure.

Also what a change is: minor when only words differ, major when what patients answer, do or open differs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from .blocks import Tool
from .faults import Fault, fault
from .parse_programme import FILE
from .structure import ModuleFile, ProgrammeFile
from .translations import SAME_FACTS, same_parts

# Facts of programme.yaml that decide what a patient is asked, may open or is offered: changing one is a major change.
DECIDING_FACTS = ("modules", "instruments", "gates", "step_up", "exclusions", "audience", "weeks", "target")


def changed_edition_faults(programme: ProgrammeFile, own_hash: str, published_hash: str | None) -> list[Fault]:
    """Return E01 when the same edition was published with another hash; published_hash None = never published."""
    if published_hash is None or published_hash == own_hash:
        return []
    return [fault("E01.changed", FILE, programme.line("edition"), edition=programme.edition)]


def publishing_faults(
    facts: Mapping[str, Any], found: Iterable[Fault], *, today: date, published: Iterable[int] = ()
) -> list[Fault]:
    """Return E02: what keeps a revision from becoming an edition.

    facts = programme.yaml, found = what check() said of it, published = the numbers of the editions there are.
    A reviewer counts who has name, licence (if clinical) and a date that has come, and is none of the authors.
    """
    found, faults = list(found), []
    authors = {author.get("name") for author in facts.get("authors") or ()}
    named = [
        row
        for row in facts.get("reviewers") or ()
        if row.get("name") and row["name"] not in authors and _has_come(row.get("date"), today)
    ]
    if not any(row.get("scope") == "clinical" and _is_number(row.get("licence")) for row in named):
        faults.append(fault("E02.clinical", FILE, 1))
    if not any(row.get("scope") == "language" for row in named):
        faults.append(fault("E02.language", FILE, 1))
    if facts.get("status") == "draft":
        faults.append(fault("E02.draft", FILE, 1))
    if errors := sum(1 for one in found if not one.warning):
        faults.append(fault("E02.faults", FILE, 1, count=errors))
    if any(one.code == "T07" for one in found):
        faults.append(fault("E02.open", FILE, 1))
    newest = max(published, default=0)
    if facts.get("edition", 0) <= newest:
        faults.append(fault("E01.number", FILE, 1, edition=facts.get("edition"), newest=newest))
    return faults


def _is_number(licence: object) -> bool:
    """Tell whether a licence can be looked up: it holds at least one digit."""
    return any(letter.isdigit() for letter in str(licence or ""))


def _has_come(written: object, today: date) -> bool:
    try:
        return date.fromisoformat(str(written)) <= today
    except ValueError:
        return False


def reused_id_faults(modules: Iterable[ModuleFile], earlier: Iterable[ModuleFile], edition: int) -> list[Fault]:
    """Return E03 for each id that meant something else (type, tool, scale) in the earlier edition of that number."""
    before = meanings(earlier)
    faults = []
    for module in modules:
        for address, meaning, line in _recorded(module):
            if before.get(address, meaning) != meaning:
                values = {"id": address, "was": before[address], "edition": edition}
                faults.append(fault("E03.reused", module.path, line, **values))
    return faults


def meanings(modules: Iterable[ModuleFile]) -> dict[str, str]:
    """Return for each address what it records: {"ett.ork": "scale 0-10", "ett.plan": "tool week_planner"}."""
    return {address: meaning for module in modules for address, meaning, _line in _recorded(module)}


def _recorded(module: ModuleFile) -> Iterator[tuple[str, str, int]]:
    for question in module.questions:
        span = "" if question.min is None else f" {question.min}-{question.max}"
        yield f"{module.id}.{question.id}", question.kind + span, question.origin.line
    for tool in module.blocks(Tool):
        yield f"{module.id}.{tool.id}", f"tool {tool.use}", tool.origin.line


def without_a_home(
    answers: Mapping[str, Mapping[str, object]], old: Iterable[ModuleFile], new: Sequence[ModuleFile]
) -> list[str]:
    """Return the addresses among a patient's answers that the new edition does not hold with the same meaning.

    answers = module id: question id: answer. A chosen option must be there too ("ett.val#ute").
    """
    before, after = meanings(old), meanings(new)
    options = {f"{m.id}.{q.id}": {option.id for option in q.options} for m in new for q in m.questions}
    missing = []
    for module_id, given in answers.items():
        for question_id, answer in given.items():
            address = f"{module_id}.{question_id}"
            if address not in after or before.get(address) != after[address]:
                missing.append(address)
            else:
                known = options.get(address)
                missing += [f"{address}#{option}" for option in _chosen(answer) if known and option not in known]
    return missing


def _chosen(answer: object) -> list[str]:
    """Return the options an answer names, see answers.py."""
    if isinstance(answer, Mapping):
        answer = answer.get("options")
    if isinstance(answer, str):
        return [answer]
    return [option for option in answer if isinstance(option, str)] if isinstance(answer, list) else []


def is_minor(
    old_facts: Mapping[str, Any], old: Sequence[ModuleFile], new_facts: Mapping[str, Any], new: Sequence[ModuleFile]
) -> bool:
    """Return True when only words differ: same modules, pages, ids, questions, tools, gates, measures and rules."""
    same_facts = all(old_facts.get(name) == new_facts.get(name) for name in DECIDING_FACTS)
    return same_facts and [_structure(module) for module in old] == [_structure(module) for module in new]


def _structure(module: ModuleFile) -> tuple[object, ...]:
    facts = [getattr(module, name) for name in SAME_FACTS]
    return (module.id, facts, module.short and module.short.does, list(same_parts(module)))
