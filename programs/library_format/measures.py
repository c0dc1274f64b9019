"""Does the programme measure what it must, with wording we may show (I01–I04)? Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from programs.instruments import FUNCTION, Instrument, Listed, word_runs, wording_parts
from programs.measures.schedule import LONG, PRIMARY, WEEKLY_QUESTIONS

from .faults import Fault, did_you_mean, fault
from .parse_programme import FILE
from .reading import notes, patient_labels, patient_passages, phrase_passages
from .structure import ProgrammeFile

Place = tuple[str | int, ...]


def measure_faults(programme: ProgrammeFile, registry: Mapping[str, Listed]) -> list[Fault]:
    """Return I01 and I04: unknown ids, wording that is not here, no weekly question about suicide, too many items."""
    return [*_named_faults(programme, registry), *_weekly_faults(programme, registry)]


def _named(programme: ProgrammeFile) -> Iterator[tuple[str, Place]]:
    """Yield every measure named in programme.yaml, with its place."""
    facts = programme.facts["instruments"]
    for name in ("primary", "risk"):
        yield facts[name], ("instruments", name)
    for name in ("may_replace_primary", "secondary", "own"):
        for measure in facts.get(name, ()):
            yield measure, ("instruments", name)
    for moment, asked in facts["schedule"].items():
        place: Place = ("instruments", "schedule", moment)
        rows: list[Any] = asked if isinstance(asked, list) else [asked]
        for row in rows:
            for measure in row.get("ask", ()) if isinstance(row, dict) else [row]:
                yield measure, place


def _named_faults(programme: ProgrammeFile, registry: Mapping[str, Listed]) -> Iterator[Fault]:
    told = set()
    for measure, place in _named(programme):
        if measure == PRIMARY or measure in told:
            continue
        told.add(measure)
        line, listed = programme.line(*place), registry.get(measure)
        if listed is None:
            yield fault("I01.unknown", FILE, line, id=measure, hint=did_you_mean(str(measure), registry))
        elif listed.status == "gated":
            # A schedule may name what the clinic loads under its own licence; the main measures must always show.
            needed = place in (("instruments", "primary"), ("instruments", "risk"))
            yield fault("I01.no_wording", FILE, line, id=measure).as_warning(when=programme.is_draft or not needed)


def _weekly_faults(programme: ProgrammeFile, registry: Mapping[str, Listed]) -> Iterator[Fault]:
    facts = programme.facts["instruments"]
    asked = [facts["primary"] if measure == PRIMARY else measure for measure in facts["schedule"]["weekly"]]
    weekly = {measure: registry[measure] for measure in asked if measure in registry}
    line = programme.line("instruments", "schedule", "weekly")
    if not any(listed.risk for listed in weekly.values()):
        # The risk measure is asked weekly unless the primary itself holds a suicide item.
        risk = registry.get(facts["risk"])
        if risk is None or not risk.risk:
            yield fault("I04.risk", FILE, line)
        else:
            weekly[risk.id] = risk
    count = sum(listed.items for listed in weekly.values())
    if count > WEEKLY_QUESTIONS:
        yield fault("I04.load", FILE, line, count=count)
    yield from _replaced_faults(programme, registry)


def _replaced_faults(programme: ProgrammeFile, registry: Mapping[str, Listed]) -> Iterator[Fault]:
    """Yield I04 where the week grows too heavy when a clinic replaces the primary.

    A longer measure than LONG is asked at start, middle and end, and the primary stays weekly. Where the
    weekly question about suicide went with the primary, the risk measure is asked beside what replaced it.
    """
    facts = programme.facts["instruments"]
    if PRIMARY not in facts["schedule"]["weekly"]:
        return
    for name in facts.get("may_replace_primary", ()):
        listed = registry.get(name)
        if listed is None or listed.items > LONG:
            continue
        asked = {name if measure == PRIMARY else measure for measure in facts["schedule"]["weekly"]}
        if not any(registry[measure].risk for measure in asked if measure in registry):
            asked.add(facts["risk"])
        count = sum(registry[measure].items for measure in asked if measure in registry)
        if count > WEEKLY_QUESTIONS:
            line = programme.line("instruments", "may_replace_primary")
            yield fault("I04.replaced", FILE, line, count=count, id=name)


def borrowed_wording_faults(programme: ProgrammeFile, registry: Mapping[str, Listed]) -> list[Fault]:
    """Return I02 for passages that share a run of six words with an instrument whose wording needs a licence."""
    guarded = [listed for listed in registry.values() if listed.word_runs]
    faults = []
    for module in (module for modules in programme.texts.values() for module in modules):
        if not guarded:
            break
        everything = [*patient_passages(module), *patient_labels(module), *notes(module), *phrase_passages(module)]
        for passage in everything:
            runs = word_runs(passage.text)
            faults += [
                fault("I02.words", module.path, passage.line, id=listed.id)
                for listed in guarded
                if runs & listed.word_runs
            ]
    return faults


def shipped_wording_faults(instruments: Mapping[str, Instrument], registry: Mapping[str, Listed]) -> list[Fault]:
    """Return I03 for each part of a shipped instrument that differs from the hashes in the registry.

    Own scales are the project's own words; of a gated instrument no word may be here, only its structure.
    """
    faults = []
    for instrument in instruments.values():
        file, listed = f"instruments/{instrument.id}.yaml", registry.get(instrument.id)
        if listed is not None and listed.status != "shipped":
            continue
        if listed is None or listed.wording is None:
            faults.append(fault("I01.unknown", file, 1, id=instrument.id, hint=""))
            continue
        found = wording_parts(instrument)
        for part in sorted({*found, *listed.wording}):
            if found.get(part) != listed.wording.get(part):
                key = "I03.part" if part in ("window", "options", FUNCTION) else "I03.item"
                faults.append(fault(key, file, 1, name=instrument.name, part=part))
    return faults
