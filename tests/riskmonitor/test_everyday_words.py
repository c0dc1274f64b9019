"""The everyday words come from what the project wrote, and everyday sentences are left alone."""

from __future__ import annotations

import pytest

from riskmonitor.lexicon import screen, word_list
from riskmonitor.lexicon.findings import FOLDER
from tests.riskmonitor.everyday_words import TEXTS, everyday_words

SENTENCES = (TEXTS / "everyday_sentences.txt").read_text("utf-8").splitlines()
MOST = 0.03


def test_the_everyday_words_are_those_of_our_own_texts() -> None:
    """Else: python -m tests.riskmonitor.everyday_words."""
    assert word_list.read(FOLDER).everyday == set(everyday_words())


def test_few_everyday_sentences_are_flagged() -> None:
    """Written by those who made the list, to harden it: no measure of anything else."""
    flagged = [text for text in SENTENCES if screen(text)]
    print("\n".join(flagged))
    assert len(flagged) <= MOST * len(SENTENCES)


@pytest.mark.parametrize("word", ["granen", "litet"])
def test_a_word_of_ours_that_looks_like_one_of_the_list_is_known(word: str) -> None:
    assert word in everyday_words()
