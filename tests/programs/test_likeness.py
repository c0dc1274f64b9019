"""No two modules of the library say the same at length: runs of words are compared over all programmes.

Left out is what is the same in every module by intention: what is sent, and the prompts of questions and tools. The
Swedish texts are compared. An English one says the same as its own original, and is not.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from statistics import fmean

from programs.library_format.blocks import Question, Send, Tool
from programs.library_format.lix import words
from programs.library_format.reading import notes, phrase_passages
from programs.library_format.report import check_library
from programs.library_format.structure import ModuleFile
from programs.shipped import LIBRARY

LONGEST = 12  # words: of the longest run that two modules may share
SHORT, MEAN = 5, 0.04  # words of the runs that are counted, and the mean share of a module's that may stand in others
Passages = dict[str, list[list[str]]]


def own_words(module: ModuleFile) -> Iterator[list[str]]:
    """Yield the words of each passage that is the module's own, for patients and for staff."""
    blocks = (block for page in module.pages for block in page.blocks if not isinstance(block, (Send, Question, Tool)))
    told = (passage for block in blocks for passage in block.origin.passages)
    for passage in (*told, *notes(module), *phrase_passages(module)):
        yield [word.lower() for word in words(passage.text)]


@cache
def library() -> Passages:
    programmes = check_library(LIBRARY).programmes
    return {
        f"{programme.slug}/{module.id}": list(own_words(module))
        for programme in programmes
        for module in programme.texts["sv"]
    }


def runs(passages: list[list[str]], length: int) -> set[tuple[str, ...]]:
    return {tuple(each[at : at + length]) for each in passages for at in range(len(each) - length + 1)}


def shared(texts: Passages, length: int) -> dict[tuple[str, ...], set[str]]:
    """Return the runs of so many words that stand in more than one module, with the modules."""
    where: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for name, passages in texts.items():
        for run in runs(passages, length):
            where[run].add(name)
    return {run: names for run, names in where.items() if len(names) > 1}


def test_no_two_modules_share_a_run_of_more_than_twelve_words() -> None:
    texts = library()
    assert {" ".join(run): sorted(names) for run, names in shared(texts, LONGEST + 1).items()} == {}
    longest = bisect_left(range(LONGEST), True, key=lambda length: not shared(texts, length + 1))
    print(f"\n{len(texts)} modules; the longest run that two of them share is {longest} words")


def test_few_short_runs_of_a_module_stand_in_another() -> None:
    texts = library()
    both = shared(texts, SHORT)
    like = {name: fmean(run in both for run in runs(passages, SHORT)) for name, passages in texts.items()}
    most = max(like, key=lambda name: like[name])
    print(f"\nruns of {SHORT} words that also stand in another module: mean {fmean(like.values()):.1%},")
    print(f"most in {most}, {like[most]:.1%}")
    assert fmean(like.values()) < MEAN


def test_a_copied_sentence_would_be_found() -> None:
    texts = dict(library())
    one, other = sorted(texts)[:2]
    texts[other] = [*texts[other], max(texts[one], key=len)]
    assert any({one, other} <= names for names in shared(texts, LONGEST + 1).values())
