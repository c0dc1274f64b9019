"""Say which words of a module are read as body text, which are prompts, and which only staff see. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .blocks import Block, Caution, Example, More, Passage, Phrases, Question, Recall, Send, Summary, Text, Tool
from .lix import Measure, measure
from .structure import ModuleFile, PageFile

BODY = (Text, Example, Caution, Summary, Send, Recall)
PROMPTS = (Question, Tool)


def _of(page: PageFile, kinds: tuple[type[Block], ...]) -> list[Passage]:
    return [passage for block in page.blocks if isinstance(block, kinds) for passage in block.origin.passages]


def body(page: PageFile) -> list[Passage]:
    """Return what is read on a page: text, lists, examples, warnings, summary; not prompts, titles or `more`."""
    return _of(page, BODY)


def prompts(page: PageFile) -> list[Passage]:
    """Return the words of the page's questions and tools, without their options."""
    return _of(page, PROMPTS)


def depth(page: PageFile) -> list[Passage]:
    """Return the words of the page's `more` blocks."""
    return _of(page, (More,))


def measured(passages: list[Passage]) -> Measure:
    """Return the counts of passages."""
    return measure(passage.text for passage in passages)


def notes(module: ModuleFile) -> list[Passage]:
    """Return the therapist's notes, without the phrases."""
    return [p for note in module.notes if not isinstance(note, Phrases) for p in note.origin.passages]


def patient_passages(module: ModuleFile) -> Iterator[Passage]:
    """Yield all sentences a patient can read: short version, body, prompts, `more`, transcripts, in file order."""
    if module.short:
        yield from module.short.origin.passages
    for page in module.pages:
        for block in page.blocks:
            yield from block.origin.passages


def patient_labels(module: ModuleFile) -> Iterator[Passage]:
    """Yield the short texts beside the sentences: titles, options, ends of scales, what stands for a missing answer."""
    yield Passage(1, module.title)
    yield Passage(1, module.aim)
    for page in module.pages:
        yield Passage(page.line, page.title)
        for block in page.blocks:
            for label in _labels(block):
                if label:
                    yield Passage(block.origin.line, label)


def _labels(block: Block) -> tuple[str, ...]:
    if isinstance(block, Question):
        return (*(option.text for option in block.options), block.low, block.high)
    if isinstance(block, Recall):
        return (block.empty,)
    return (block.title,) if isinstance(block, More) else ()


def phrase_passages(module: ModuleFile) -> Iterator[Passage]:
    """Yield the phrases, which a therapist may send to a patient."""
    for note in module.notes:
        if isinstance(note, Phrases):
            yield from note.origin.passages


def readable_words(module: ModuleFile) -> int:
    """Return how many words the patient can read in all: body, prompts, options, page titles, `more` and `short`."""
    texts = [passage.text for passage in patient_passages(module)]
    texts += [page.title for page in module.pages]
    texts += [option.text for question in module.questions for option in question.options]
    return measure(texts).words


def page_measures(module: ModuleFile) -> list[tuple[PageFile, Measure]]:
    """Return each page with the counts of its body."""
    return [(page, measured(body(page))) for page in module.pages]


def lix_by_page(module: ModuleFile, shortest: int = 40) -> list[tuple[PageFile, float]]:
    """Return LIX for each page; a page under `shortest` words is judged with the next, or the one before."""
    pages = page_measures(module)
    groups: list[tuple[PageFile, Measure]] = []
    waiting = Measure()
    for page, counts in pages:
        waiting += counts
        if waiting.words >= shortest:
            groups.append((page, waiting))
            waiting = Measure()
    if waiting.words:
        if groups:
            page, counts = groups.pop()
            groups.append((page, counts + waiting))
        else:
            groups.append((pages[-1][0], waiting))
    return [(page, counts.lix) for page, counts in groups]


def lix_mean(module: ModuleFile) -> float:
    """Return the mean of the pages' LIX, 0.0 for a module without text."""
    values = [lix for _, lix in lix_by_page(module)]
    return sum(values) / len(values) if values else 0.0
