"""Which words may not stand in a module (T04–T07): numbers, promises, drugs, phrases, unknown fields. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator

from clinics.crisis import contacts

from .blocks import Passage, Send
from .faults import Fault, fault
from .lix import sentences, words
from .parse_programme import FILE
from .placeholders import PATIENT_FIELDS, PHRASE_FIELDS, names_in
from .reading import PROMPTS, notes, patient_labels, patient_passages, phrase_passages
from .structure import ModuleFile, ProgrammeFile
from .words import NO_WORDS, WordList

_PHONE = re.compile(r"(?<![\d.,])(?:\+46|0046|0)[\s-]?[1-9](?:[\s-]?\d){5,10}(?!\d)")
_SHORT_PHONE = re.compile(r"(?<![\d.,])(?:113\s?13|116\s?123)(?!\d)")
_MAIL = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
_DOSE = re.compile(r"\b\d+(?:[.,]\d+)?\s?(?:mg|milligram|mikrogram|ml)\b", re.IGNORECASE)
_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b50\ufe0f]")
_CAPITALS = re.compile(r"\b[A-Z\u00c0-\u00de]{5,}\b")  # shorter ones may be abbreviations
READ_FACTS = ("title", "patient_title", "summary", "suited_for", "exclusions", "gates", "cast", "changes")
_REPEATED_FROM = 6  # words; shorter sentences may well return


def wording_faults(module: ModuleFile, programme: ProgrammeFile, listed: WordList) -> list[Fault]:
    """Return T04, T05 and T06 faults of what patients may come to read: the module's text and the phrases."""
    faults: list[Fault] = []
    read = [*patient_passages(module), *patient_labels(module)]
    for passage in [*read, *phrase_passages(module)]:
        faults += contact_faults(passage, module.path, listed)
        faults += _tone_faults(passage, module, programme, listed)
    for passage in notes(module):
        faults += _address_faults(passage, module.path)
    for passage in [*read, *notes(module)]:
        faults += _field_faults(passage, module.path, PATIENT_FIELDS)
    for passage in phrase_passages(module):
        faults += _field_faults(passage, module.path, PHRASE_FIELDS)
    return faults


def contact_faults(passage: Passage, file: str, listed: WordList) -> Iterator[Fault]:
    """Yield T04 for one passage: numbers, mail addresses, promises of an answer, drugs and doses."""
    line, text = passage.line, passage.text
    yield from _address_faults(passage, file)
    if promised := listed.reply_times.search(text):
        yield fault("T04.reply_time", file, line, words=promised[0])
    for pattern in (listed.drugs, _DOSE):
        if drug := pattern.search(text):
            yield fault("T04.drug", file, line, words=drug[0])


def _address_faults(passage: Passage, file: str) -> Iterator[Fault]:
    line, text = passage.line, passage.text
    if found := _crisis_numbers().search(text):
        yield fault("T04.crisis", file, line, words=found[0])
    elif _PHONE.search(text) or _SHORT_PHONE.search(text):
        yield fault("T04.phone", file, line)
    if _MAIL.search(text):
        yield fault("T04.mail", file, line)


@functools.cache
def _crisis_numbers() -> re.Pattern[str]:
    """Return a pattern for every number of the one table, with spaces or hyphens between the digits of long ones."""
    numbers = {contact.number for contact in contacts("sv")}
    forms = (
        number if len(number) <= 4 else r"[\s-]?".join(number) for number in sorted(numbers, key=len, reverse=True)
    )
    return re.compile(rf"(?<![\d.,])(?:{'|'.join(forms)})(?!\d)")


def fact_faults(programme: ProgrammeFile) -> Iterator[Fault]:
    """Yield T04 for numbers and mail addresses in what programme.yaml says to patients and staff."""
    for name in READ_FACTS:
        for path, text in _texts(programme.facts.get(name), (name,)):
            yield from _address_faults(Passage(programme.line(*path), text), FILE)


def _texts(value: object, path: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _texts(item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _texts(item, (*path, index))


def _tone_faults(passage: Passage, module: ModuleFile, programme: ProgrammeFile, listed: WordList) -> Iterator[Fault]:
    line, text = passage.line, passage.text
    for found in listed.forbidden.finditer(text):
        if not listed.is_exempt(found[0], programme.slug, module.id, _page_at(module, line)):
            yield fault("T05.phrase", module.path, line, words=found[0])
    if "!" in text:
        yield fault("T05.exclamation", module.path, line)
    if shouted := _CAPITALS.search(text):
        yield fault("T05.capitals", module.path, line, words=shouted[0])
    if _EMOJI.search(text):
        yield fault("T05.emoji", module.path, line)


def _field_faults(passage: Passage, file: str, allowed: Iterable[str]) -> Iterator[Fault]:
    for name in names_in(passage.text):
        if name not in allowed:
            key = "T06.staff_only" if name in PHRASE_FIELDS else "T06.unknown"
            yield fault(key, file, passage.line, name=name)


def _page_at(module: ModuleFile, line: int) -> str:
    """Return the id of the page on which a line stands, "" before the first page."""
    return next((page.id for page in reversed(module.pages) if page.line <= line), "")


def later_reading_faults(programme: ProgrammeFile, lists: dict[str, WordList]) -> list[Fault]:
    """Return T07 warnings, which need all modules in order: words not yet explained, sentences said before."""
    faults: list[Fault] = []
    for language, modules in programme.texts.items():
        listed, said = lists.get(language, NO_WORDS), ""
        seen: dict[str, tuple[str, int]] = {}
        for module in modules:
            own = " ".join(passage.text for passage in patient_passages(module))
            faults += _unexplained(module, listed, f"{said} {own}")
            said += " " + own
            faults += _repeated(module, seen)
    return faults


def _unexplained(module: ModuleFile, listed: WordList, said: str) -> Iterator[Fault]:
    told = set()
    for passage in patient_passages(module):
        for word in listed.unexplained(passage.text, said):
            if word not in told:
                told.add(word)
                yield fault("T07.explain", module.path, passage.line, word=word).as_warning()


def _repeated(module: ModuleFile, seen: dict[str, tuple[str, int]]) -> list[Fault]:
    """Return warnings for body sentences of an earlier module, and add this module's own to `seen`.

    What is sent and the closing questions are the same in every module by intention, and are left out.
    """
    faults: list[Fault] = []
    own: dict[str, tuple[str, int]] = {}
    blocks = (block for page in module.pages for block in page.blocks if not isinstance(block, (Send, *PROMPTS)))
    for passage in (passage for block in blocks for passage in block.origin.passages):
        for sentence in sentences(passage.text):
            key = " ".join(words(sentence)).lower()
            if len(key.split()) < _REPEATED_FROM:
                continue
            if key in seen:
                file, line = seen[key]
                faults.append(fault("T07.repeated", module.path, passage.line, file=file, at=line).as_warning())
            own.setdefault(key, (module.path, passage.line))
    for key, place in own.items():
        seen.setdefault(key, place)
    return faults
