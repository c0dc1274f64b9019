"""A word that denies, or one of the past, silences nothing: it is shown beside the marked words on the flag."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from riskmonitor.flags.excerpts import Mark, excerpt
from riskmonitor.models import FlagFinding
from tests.cast import Cast
from tests.riskmonitor.test_flag_review import asked_by, page, words, write

SAID = {
    "Jag vill inte ta livet av mig.": "[kanske nekat: ta livet av mig]",
    "Jag ville ta livet av mig i somras.": "[kanske om det förflutna]",
    "Jag ville aldrig ta livet av mig.": "[kanske om det förflutna, kanske nekat: ta livet av mig]",
}


@pytest.mark.parametrize("text", SAID)
def test_negation_and_tense_silence_nothing_and_stand_beside_the_words(cast: Cast, text: str) -> None:
    flag = write(cast, text)
    assert flag.urgency == "now"
    shown = words(page(cast.berit, "flag", flag))
    assert f'<span class="unseen">Ordlistan: </span>{SAID[text]}</small>' in shown
    assert "Flaggan står kvar ändå. Läs hela texten." in shown


def test_words_of_now_have_nothing_beside_them(cast: Cast) -> None:
    flag = write(cast, "Jag ska ta livet av mig.")
    assert [each.nuances for each in flag.findings.all()] == [[] for _each in flag.findings.all()]
    shown = words(page(cast.berit, "flag", flag))
    assert "Ordlistan:" not in shown
    assert "Inom klamrar" not in shown


def test_without_keeping_what_the_list_saw_the_page_would_say_nothing(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The red twin."""
    monkeypatch.setattr(FlagFinding, "nuance_words", ())
    assert "kanske nekat" not in words(page(cast.berit, "flag", write(cast, "Jag vill inte ta livet av mig.")))


def test_what_stands_beside_the_words_costs_no_question(cast: Cast) -> None:
    flag = write(cast, "Jag ska ta livet av mig.")
    few = len(asked_by(cast, flag))
    for text in SAID:
        write(cast, text)
    assert len(asked_by(cast, flag)) == few


def test_the_database_refuses_a_nuance_that_nobody_knows(cast: Cast) -> None:
    flag = write(cast, "Jag vill inte ta livet av mig.")
    with pytest.raises(IntegrityError, match="nuances_are_known"), transaction.atomic():
        flag.findings.update(nuances=["ironic"])


def test_marks_that_overlap_are_one_with_what_is_said_of_each() -> None:
    found = excerpt("0123456789", [Mark(2, 4, ("a",)), Mark(3, 6, ("b", "a")), Mark(8, 9)], around=1)
    assert [(piece.text, piece.note) for piece in found.pieces if piece.marked] == [("2345", "a, b: 345"), ("8", "")]
    assert found.is_noted


@pytest.mark.parametrize(
    ("other", "also"), [(Mark(3, 6), ""), (Mark(4, 6), ""), (Mark(3, 6, ("of the past",)), ", of the past: 345")]
)
def test_what_is_said_of_one_mark_soothes_about_no_other(other: Mark, also: str) -> None:
    """What may be denied is named, where words that nobody denied share letters with it or stand beside it."""
    found = excerpt("0123456789", [Mark(2, 4, ("denied",)), other], around=1)
    assert [(piece.text, piece.note) for piece in found.pieces if piece.marked] == [("2345", "denied: 23" + also)]
