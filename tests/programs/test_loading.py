"""Programme files become revisions that never change; a file that is wrong loads nothing and says where."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from programs.models import Page, Revision
from programs.shipped import LIBRARY

SLUG = "depression-kom-igang"
MODULE = f"{SLUG}/sv/02-kartlagg.md"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """A copy of the library, to break."""
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def load(library: Path) -> None:
    call_command("load_programs", library=library, verbosity=0)


def change(library: Path, file: str, old: str, new: str) -> None:
    path = library / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_same_files_twice_are_one_revision(db: None, library: Path) -> None:
    load(library)
    load(library)
    revision = Revision.objects.get(programme__slug=SLUG)
    assert (revision.status, revision.modules.count()) == ("draft", 16)  # eight, in two languages
    assert Page.objects.filter(module__revision=revision).count() >= 12


def test_another_text_is_another_revision_and_the_first_stays(db: None, library: Path) -> None:
    load(library)
    first = Revision.objects.get(programme__slug=SLUG)
    words = list(Page.objects.filter(module__revision=first).values_list("blocks", flat=True))
    change(library, MODULE, "minutes:", "# en rad till\nminutes:")
    load(library)
    assert Revision.objects.filter(programme__slug=SLUG).count() == 2
    assert list(Page.objects.filter(module__revision=first).values_list("blocks", flat=True)) == words


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [
        (MODULE, "::: summary", "::: sammanfattning", "D01"),
        (MODULE, "use=mood_log", "use=moodlog", "Q01"),
        (f"{SLUG}/programme.yaml", "primary: phq9", "primary: phq-9", "I01"),
        (f"{SLUG}/programme.yaml", "slug: ", "slug: [", ""),
    ],
)
def test_a_broken_file_says_file_line_and_reason_and_loads_nothing(
    db: None, library: Path, file: str, old: str, new: str, code: str
) -> None:
    change(library, file, old, new)
    with pytest.raises(CommandError) as refused:
        load(library)
    said = str(refused.value)
    assert said.startswith("Inget laddades.")
    assert f"{file}:" in said
    assert code in said
    assert not Revision.objects.exists()


def test_an_unknown_programme_is_named(db: None, library: Path) -> None:
    with pytest.raises(CommandError, match="sommarkurs"):
        call_command("load_programs", "sommarkurs", library=library)
