"""The difference between two editions can be read by a clinician: words taken away and added, and ids by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from programs.library_format import read_programme
from programs.library_format.difference import Difference, Piece, Side, difference, plain_lines, word_pieces
from tests.programs.whole import change, write_whole


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_whole(tmp_path)


def side(folder: Path) -> Side:
    programme, _faults = read_programme(folder)
    assert programme is not None
    return Side(programme.facts, programme.source_modules)


def after(folder: Path, *changes: tuple[str, str, str]) -> Difference:
    old = side(folder)
    for file, was, now in changes:
        change(folder, file, was, now)
    return difference(old, side(folder))


def test_words_that_are_gone_and_words_that_came_stand_where_they_stood() -> None:
    assert word_pieces("Siv provade en gång.", "Siv provade två gånger i dag.") == (
        Piece("same", "Siv provade "), Piece("removed", "en"), Piece("added", "två"), Piece("same", " "),
        Piece("removed", "gång."), Piece("added", "gånger i dag."),
    )  # fmt: skip


def test_the_pieces_that_are_not_new_are_the_old_text() -> None:
    old, new = "En rad.\nTvå rader.", "En rad.\n\nTre rader till."
    pieces = word_pieces(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "added") == old
    assert "".join(piece.text for piece in pieces if piece.kind != "removed") == new


def test_html_becomes_lines_of_plain_words() -> None:
    html = "<p>En <strong>rad</strong> &amp; en till.</p>\n<ul>\n<li>Först</li>\n<li>Sedan</li>\n</ul>"
    assert plain_lines(html) == ["En rad & en till.", "Först", "Sedan"]


def test_the_same_files_do_not_differ(folder: Path) -> None:
    found = after(folder)
    assert (found.is_empty, found.minor) == (True, True)


def test_other_words_on_a_page_are_a_minor_change_of_that_page(folder: Path) -> None:
    found = after(folder, ("sv/02-tva.md", "Siv provade en gång.", "Siv provade två gånger."))
    (module,) = found.modules
    (page,) = module.pages
    assert (found.minor, found.ids, found.facts) == (True, (), ())
    assert (module.id, module.title, module.kind) == ("tva", "2. Prov 2", "changed")
    assert (page.id, page.title, page.kind) == ("page:hej", "Hej", "changed")
    assert Piece("removed", "en") in page.pieces
    assert not "".join(piece.text for piece in page.pieces).startswith("Hej\n")  # its title stands above it


def test_an_id_that_went_and_one_that_means_something_else_are_named(folder: Path) -> None:
    found = after(
        folder,
        ("sv/01-ett.md", "{#ork type=scale}", "{#kraft type=scale}"),
        ("sv/02-tva.md", "{#ork type=scale}", "{#ork type=number}"),
    )
    assert [(change.address, change.was, change.now) for change in found.ids] == [
        ("ett.kraft", "", "scale 0-10"), ("tva.ork", "scale 0-10", "number 0-9999"), ("ett.ork", "scale 0-10", ""),
    ]  # fmt: skip
    assert not found.minor


@pytest.mark.parametrize(
    ("file", "was", "now"),
    [
        ("sv/01-ett.md", "- Gå ut en stund {#ut}", "- Gå ut en stund {#ute}"),
        ("sv/01-ett.md", "kind=activity min=1", "kind=activity min=2"),
        ("sv/01-ett.md", "# Varför {#varfor}", "# Varför {#skal}"),
        ("sv/01-ett.md", "days: 6", "days: 3"),
        ("programme.yaml", "screening: [phq9]", "screening: [gad7]"),
        ("programme.yaml", "planned: 6", "planned: 7"),
    ],
)
def test_what_can_be_answered_opened_or_measured_is_a_major_change(folder: Path, file: str, was: str, now: str) -> None:
    assert not after(folder, (file, was, now)).minor


def test_notes_short_version_and_facts_are_read_too(folder: Path) -> None:
    found = after(
        folder,
        ("sv/03-tre.md", "Att något blev skrivet.", "Att en rad blev skriven."),
        ("sv/04-fyra.md", "Inget av det gäller. \n:::", "Inget av det gäller. Sluta nu.\n:::"),
        ("programme.yaml", "Ett program för prov.", "Ett annat program."),
    )
    assert [page.id for module in found.modules for page in module.pages] == ["notes", "short"]
    assert [fact.id for fact in found.facts] == ["summary"]
    assert found.minor


def test_a_new_module_stands_whole_and_one_that_is_gone_is_named(folder: Path) -> None:
    (folder / "sv/06-sex.md").rename(folder / "sv/06-sju.md")
    found = after(folder)  # the file has another name than its id: it is still read
    assert found.is_empty
    change(folder, "sv/06-sju.md", "id: sex", "id: sju")
    old = side(folder)
    change(folder, "sv/06-sju.md", "id: sju", "id: sex")
    gone = difference(old, side(folder))
    assert [(module.id, module.kind) for module in gone.modules] == [("sex", "added"), ("sju", "removed")]
