"""Answers that are about safety, as programme.yaml lists them: what they name must exist (Q03). Pure.

    safety_answers:
      - {from: sangen.nickat, options: [hemma, farligt]}

Such an answer stands in the therapist's work list when it has been sent, until somebody has looked at it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .faults import Fault, did_you_mean, fault
from .parse_programme import FILE
from .structure import ModuleFile, ProgrammeFile

KINDS = ("choice", "multi")  # the kinds of question whose options can be listed


def is_about_safety(facts: Mapping[str, Any], module: str, answers: Mapping[str, object]) -> bool:
    """Say whether what was sent from a module holds an answer that the programme lists."""
    for row in facts.get("safety_answers", ()):
        asked_in, _dot, question = row["from"].partition(".")
        given = answers.get(question)
        marked = given if isinstance(given, list) else [given]
        if asked_in == module and set(row["options"]).intersection(map(str, marked)):
            return True
    return False


def safety_faults(modules: Sequence[ModuleFile], programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield Q03 for a question or an option that is listed and does not exist; modules of one language."""
    listed = programme.facts.get("safety_answers", ())
    questions = {f"{m.id}.{q.id}": q for m in modules for q in m.questions if q.kind in KINDS}
    for index, row in enumerate(listed):
        address, line = row["from"], programme.line("safety_answers", index)
        if address not in questions:
            yield fault("Q03.address", FILE, line, address=address, hint=did_you_mean(address, questions))
            continue
        known = [option.id for option in questions[address].options]
        for option in row["options"]:
            if option not in known:
                yield fault("Q03.option", FILE, line, option=option, hint=did_you_mean(option, known))
