"""LIX as the guide defines it, and the figures of its model module."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from programs.library_format.blocks import Origin, Passage, Text
from programs.library_format.lix import Measure, measure, sentences, words
from programs.library_format.parse_module import parse_module
from programs.library_format.reading import (
    body,
    depth,
    lix_by_page,
    lix_mean,
    measured,
    notes,
    page_measures,
    prompts,
    readable_words,
)
from programs.library_format.structure import ModuleFile, PageFile

MODEL = Path(__file__).parent / "model" / "03-sma-steg.md"

# Page, words read, sentences, long words, LIX, prompt words: the table beside the model module in the authors' guide.
FIGURES = [
    ("Välkommen tillbaka", 115, 18, 13, 17.7, 7),
    ("Varför börja med att göra?", 130, 18, 9, 14.1, 0),
    ("Gör steget mindre", 138, 21, 10, 13.8, 12),
    ("Välj två saker", 122, 16, 12, 17.5, 11),
    ("När, var och hur länge?", 112, 14, 11, 17.8, 12),
    ("Om något kommer emellan", 118, 15, 15, 20.6, 11),
    ("Din vecka", 105, 15, 9, 15.6, 17),
]


@pytest.fixture(scope="module")
def model() -> ModuleFile:
    module, faults = parse_module(MODEL.read_text(encoding="utf-8"), "sv/03-sma-steg.md")
    assert faults == []
    assert module is not None
    return module


def test_each_page_of_the_model_module_has_the_figures_of_the_guide(model: ModuleFile) -> None:
    found = [
        (
            page.title,
            counts.words,
            counts.sentences,
            counts.long_words,
            round(counts.lix, 1),
            measured(prompts(page)).words,
        )
        for page, counts in page_measures(model)
    ]
    assert found == FIGURES


def test_the_model_module_as_a_whole_has_the_figures_of_the_guide(model: ModuleFile) -> None:
    whole = sum((counts for _, counts in page_measures(model)), Measure())
    assert whole == Measure(words=840, sentences=117, long_words=79)
    assert round(lix_mean(model), 1) == 16.7
    assert max(round(lix, 1) for _, lix in lix_by_page(model)) == 20.6
    assert readable_words(model) == 1091


def test_the_short_version_the_depth_and_the_notes_have_the_figures_of_the_guide(model: ModuleFile) -> None:
    assert model.short is not None
    short = measured(list(model.short.origin.passages))
    more = measured([passage for page in model.pages for passage in depth(page)])
    staff = measured(notes(model))
    assert (short.words, round(short.lix)) == (56, 14)
    assert (more.words, round(more.lix)) == (50, 26)
    assert (staff.words, round(staff.lix)) == (120, 21)
    assert (
        len([item for slot in ("bekrafta", "uppmuntra", "vagled", "nasta_steg") for item in model.phrases(slot)]) == 8
    )


def test_the_longest_sentence_of_the_model_module_has_sixteen_words(model: ModuleFile) -> None:
    found = [sentence for page in model.pages for passage in body(page) for sentence in sentences(passage.text)]
    assert max(len(words(sentence)) for sentence in found) == 16


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", Measure(0, 0, 0)),
        ("små-steg", Measure(1, 1, 1)),  # a hyphen inside keeps it one word, of seven letters
        ("en till", Measure(2, 1, 0)),  # no end mark: still a sentence
        ("Hej. Du! Jo? Ja …", Measure(4, 4, 0)),
        ("Så här: en, två", Measure(4, 1, 0)),  # a colon ends nothing
        ("Fråga {{behandlare}} först.", Measure(3, 1, 0)),  # a placeholder is one short word
        ("Sjutton sju tecken1", Measure(3, 1, 2)),  # more than six letters or digits
        ('"Jag går ut." Men sen kom regnet.', Measure(7, 2, 0)),  # the closing mark is no sentence of its own
        ("– … !", Measure(0, 0, 0)),
    ],
)
def test_words_sentences_and_long_words_are_counted(text: str, expected: Measure) -> None:
    assert measure([text]) == expected


def test_lix_is_words_per_sentence_and_share_of_long_words() -> None:
    assert Measure(words=20, sentences=2, long_words=5).lix == 10 + 25
    assert Measure().lix == 0.0


def page(page_id: str, text: str) -> PageFile:
    return PageFile(page_id, page_id, (Text("", origin=Origin(1, (Passage(1, text),))),))


def test_a_page_under_forty_words_is_judged_with_the_next_and_the_last_with_the_one_before(model: ModuleFile) -> None:
    tiny, full = page("liten", "Hej du."), page("hel", "Det är bra. " * 14)
    assert [one.id for one, _ in lix_by_page(replace(model, pages=(full, full)))] == ["hel", "hel"]
    assert lix_by_page(replace(model, pages=(tiny, full))) == [(full, 44 / 15)]
    assert lix_by_page(replace(model, pages=(full, tiny))) == [(full, 44 / 15)]
    assert lix_by_page(replace(model, pages=(tiny, tiny))) == [(tiny, 2.0)]
    assert lix_by_page(replace(model, pages=())) == []
